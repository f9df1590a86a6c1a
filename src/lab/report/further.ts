// The tables of models/further.md: the verdicts of models on unlinkability, states, trust anchors and suites.
import { table } from '../spec/text.ts';
import { modelLink, queryLink } from './links.ts';
import type { Asked } from './models.ts';

/** The topics of the page, and how the ids of their models begin. */
const topics: Readonly<Record<string, readonly string[]>> = {
  unlinkability: ['unlinkable-', 'links-'],
  states: ['states'],
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

/** The tables of `models/further.md`, by topic. */
export const furtherTables = (asked: readonly Asked[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(topics).map(([topic, begins]) => [
      topic,
      table(
        ['query', 'model', 'verdict'],
        asked
          .filter((one) => isTold(one) && begins.some((begin) => one.base.startsWith(begin)))
          .map(row),
      ),
    ]),
  );
