// pinned.yaml: every model and query with the answer expected of it, so that none goes, and none is expected to say something
// else, but by a step that changes this file too.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../limits.ts';
import { readBounded } from '../../node/files/files.ts';
import { readYaml } from './blocks.ts';
import type { Assembled, Query } from './model.ts';
import { check, type PinData } from './schema.ts';
import { squeezed } from './statements.ts';

export type Pins = Readonly<Record<string, PinData>>;

export const pinnedFile = 'pinned.yaml';
const head = `# Every model and every query with the answer expected of it, and the start of the SHA-256 of its declaration without comments (-
# where the process itself is the query). \`prove --recorded\` fails when one of them is missing, or is another one.
# \`prove --pin\` adds what is new; \`prove --pin --drop\` also changes and takes off what is there. Not edited by hand.
`;

/** @returns undefined where the file is not there @throws ManifestError for another form */
export function loadPins(directory: string): Pins | undefined {
  const file = join(directory, pinnedFile);
  if (!existsSync(file)) return undefined;
  return check('pinned', readYaml(readBounded(file, limits.document).toString('utf8'), file), file).models;
}

const digestOf = ({ declaration }: Query): string =>
  declaration === '' ? '-' : createHash('sha256').update(squeezed(declaration)).digest('hex').slice(0, 12);

const pinOf = ({ model, queries }: Assembled): PinData => ({
  tool: model.tool,
  set: model.set,
  parts: [...model.parts, ...model.queries],
  queries: Object.fromEntries(queries.map((query) => [query.id, `${query.expected} ${digestOf(query)}`])),
});

/** The models as they are. */
export const pinsOf = (assembled: readonly Assembled[]): Pins =>
  Object.fromEntries(assembled.map((one) => [one.model.id, pinOf(one)]));

/** `query X: true is pinned, false is expected now`; the declaration by its digest. */
function queryChange(id: string, pinned: string, now: string): string[] {
  const [[was, declared], [is, declares]] = [pinned.split(' '), now.split(' ')];
  return [
    ...(was === is ? [] : [`query ${id}: ${was} is pinned, ${is} is expected now`]),
    ...(declared === declares ? [] : [`query ${id}: asks something else than what is pinned`]),
  ];
}

function modelChanges(pinned: PinData, now: PinData): string[] {
  const simple = (['tool', 'set'] as const).filter((key) => pinned[key] !== now[key]);
  const parts = pinned.parts.join(', ') === now.parts.join(', ');
  const queries = Object.entries(pinned.queries).flatMap(([id, answer]) => {
    const present = now.queries[id];
    return present === undefined ? [`query ${id} is pinned, and not asked any more`] : queryChange(id, answer, present);
  });
  return [
    ...simple.map((key) => `${key} ${pinned[key]} is pinned, it is ${now[key]} now`),
    ...(parts ? [] : [`its parts are not those pinned (${pinned.parts.join(', ')})`]),
    ...queries,
  ];
}

/** What is pinned, and is not there any more or is another. */
export const lost = (pins: Pins, now: Pins): string[] =>
  Object.entries(pins).flatMap(([id, pinned]) => {
    const present = now[id];
    const changes = present === undefined ? ['it is pinned, and not there any more'] : modelChanges(pinned, present);
    return changes.map((change) => `model ${id}: ${change}`);
  });

/** What is there, and not pinned yet. */
export const unpinned = (pins: Pins, now: Pins): string[] =>
  Object.entries(now).flatMap(([id, { queries }]) => {
    const pinned = pins[id];
    if (pinned === undefined) return [`model ${id}: not pinned yet`];
    const fresh = Object.keys(queries).filter((query) => pinned.queries[query] === undefined);
    return fresh.map((query) => `model ${id}: query ${query}: not pinned yet`);
  });

/** The list as it is written. */
export function pinsText(pins: Pins): string {
  const models = Object.entries(pins).map(([id, { tool, set, parts, queries }]) =>
    [
      `  ${id}:`,
      `    tool: ${tool}`,
      `    set: ${set}`,
      `    parts: ${JSON.stringify(parts).replaceAll('","', '", "')}`,
      '    queries:',
      ...Object.entries(queries).map(([query, answer]) => `      ${query}: ${answer}`),
    ].join('\n'),
  );
  return `${head}models:\n${models.join('\n')}\n`;
}
