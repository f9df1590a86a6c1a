// The tables of models/further.md: the verdicts of models on unlinkability, trust anchors and suites; what the states of a session hold.
import { allLines, expression } from '../models/formulas.ts';
import { protocols } from '../models/protocols.ts';
import { exploreRole } from '../models/roles.ts';
import { symbolsOf } from '../models/symbols.ts';
import type { Spec } from '../spec/spec.ts';
import { table } from '../spec/text.ts';
import { code, modelLink, queryLink } from './links.ts';
import type { Asked } from './models.ts';

/** The topics of the page, and how the ids of their models begin. */
const topics: Readonly<Record<string, readonly string[]>> = {
  unlinkability: ['unlinkable-', 'links-'],
  anchors: ['anchors'],
  suites: ['suites'],
};

/** What a proposal changes is told; models that are broken to see a query fail are told in controls.md. */
const isTold = ({ protocol, query }: Asked): boolean =>
  !query.reachability && (protocol === 'default' || protocol === 'controls/context-in-transcript');

const row = ({ id, tool, query, verdict }: Asked): string[] => [
  queryLink(tool, query.id),
  modelLink(id),
  verdict ?? 'not recorded',
];

/** Each state in which a role awaits a message, and the secrets that it declares, from a run of the machines on terms. */
export function stateRows(spec: Spec): string[][] {
  const protocol = protocols.get('default');
  if (protocol === undefined) throw new TypeError('there is no default protocol');
  const symbols = symbolsOf(spec);
  return (['initiator', 'responder'] as const).flatMap((role) => {
    const { lines, names } = exploreRole(symbols, protocol, role, true);
    return allLines(lines).flatMap((line) =>
      line.line === 'receive'
        ? [
            [
              role,
              code(line.state),
              line.secrets.map((secret) => code(expression(secret, names, false))).join(', ') || 'none',
            ],
          ]
        : [],
    );
  });
}

/** The tables of `models/further.md`, by topic. */
export const furtherTables = (asked: readonly Asked[], spec: Spec): Record<string, string> => ({
  states: table(['role', 'state', 'secrets that it holds'], stateRows(spec)),
  ...Object.fromEntries(
    Object.entries(topics).map(([topic, begins]) => [
      topic,
      table(
        ['query', 'model', 'verdict'],
        asked.filter((one) => isTold(one) && begins.some((begin) => one.base.startsWith(begin))).map(row),
      ),
    ]),
  ),
});
