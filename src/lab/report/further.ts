// The tables of models/further.md: the verdicts of models on unlinkability, states that are revealed, trust anchors and suites; what
// the states of a session hold.
import { allLines, expression } from '../models/formulas.ts';
import { protocols } from '../models/protocols.ts';
import { exploreRole } from '../models/roles.ts';
import { symbolsOf } from '../models/symbols.ts';
import type { Spec } from '../spec/spec.ts';
import { table } from '../spec/text.ts';
import { code, modelLink, queryLink } from './links.ts';
import { type Asked, isToldFurther } from './models.ts';

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

/** Models of a state, by how their ids begin, and the queries of them that a cell of the table sums up. */
interface Cell {
  readonly model: string;
  readonly begins: string;
}

/** Every verdict of a cell, once each, as a link to its first model. */
function cellText(asked: readonly Asked[], { model, begins }: Cell): string {
  const found = asked.filter(
    (one) => one.protocol === 'default' && one.id.startsWith(model) && one.query.id.startsWith(begins),
  );
  const [first] = found;
  if (first === undefined) return '';
  const verdicts = [...new Set(found.map(({ verdict }) => verdict ?? 'not recorded'))].join(', ');
  return modelLink(first.id).replace(/^\[.*\]/, `[${verdicts}]`);
}

/** How the ids of models name a state. */
const inIds = (state: string): string =>
  state.replaceAll('`', '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The rows of states, and what their models say: of other sessions, and of the session itself. */
function revealedRows(asked: readonly Asked[], spec: Spec): string[][] {
  return stateRows(spec).map(([role = '', state = '', held = '']) => {
    const model = `states.${inIds(state)}`;
    const others = ['secrecy', 'agreement'].map((of) => ({ model: `${model}.others`, begins: `states-others-${of}-` }));
    const own = ['secrecy', 'agreement', 'forward'].map((of) => ({
      model: `${model}.own`,
      begins: `states-own-${of}-`,
    }));
    return [role, state, held, ...[...others, ...own].map((cell) => cellText(asked, cell))];
  });
}

/** The rows of states that hold secrets, and what a session is worth after the static key leaked: under a new key, and under the same. */
function healingRows(asked: readonly Asked[], spec: Spec): string[][] {
  const held = stateRows(spec).filter(([, , secrets]) => secrets !== 'none');
  return held.map(([role = '', state = '']) => {
    const model = `healing.${inIds(state)}`;
    const cells: readonly Cell[] = [
      { model: `${model}.renewed`, begins: 'healing-renewed-secrecy-' },
      { model: `${model}.renewed`, begins: 'healing-renewed-agreement-' },
      { model: `${model}.renewed`, begins: 'healing-impersonation-' },
      { model: `${model}.kept-initiator`, begins: 'healing-kept-secrecy-' },
      { model: `${model}.kept-responder`, begins: 'healing-kept-secrecy-' },
    ];
    return [role, state, ...cells.map((cell) => cellText(asked, cell))];
  });
}

/** What the attacks are, each once, with every query and model that it is told of. */
function attackRows(asked: readonly Asked[]): string[][] {
  const attacks = new Map<string, string[]>();
  for (const one of asked.filter((each) => isToldFurther(each) && isTold(each) && each.query.attack !== undefined)) {
    const attack = (one.query.attack ?? '').trim().replaceAll('\n', ' ');
    const of = `${queryLink(one.tool, one.query.id)}`;
    const before = attacks.get(attack) ?? [];
    attacks.set(attack, before.includes(of) ? before : [...before, of]);
  }
  return [...attacks].map(([attack, of]) => [of.join(', '), attack]);
}

/** The tables of `models/further.md`, by topic. */
export const furtherTables = (asked: readonly Asked[], spec: Spec): Record<string, string> => ({
  states: table(
    [
      ...['role', 'state', 'secrets that it holds'],
      ...['others: secret', 'others: agreed', 'this: secret', 'this: agreed', 'this: secret when static keys leak'],
    ],
    revealedRows(asked, spec),
  ),
  stateAttacks: table(['query', 'the attack'], attackRows(asked)),
  healing: table(
    [
      ...['role', 'state', 'new key: secret', 'new key: agreed', 'old certificate: agreed'],
      ...['initiator keeps its key: secret', 'responder keeps its key: secret'],
    ],
    healingRows(asked, spec),
  ),
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
