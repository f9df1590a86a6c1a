// Two pages of models/: every query with where it stands and what each model answers, and every model with its files.
import { posix } from 'node:path';
import { modelLink, proverNames, queryHeading, queryLink } from './links.ts';
import type { Asked } from './models.ts';

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
const flat = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join(' ');

const fileLink = (file: string): string => `[${posix.basename(file)}](${file})`;

export function groupBy<T>(asked: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of asked) {
    const group = groups.get(key(one));
    if (group === undefined) groups.set(key(one), [one]);
    else group.push(one);
  }
  return groups;
}

const answered = (one: Asked): string => {
  const verdict = one.verdict ?? 'not recorded';
  return one.verdict === one.query.expected ? verdict : `${verdict}, expected ${one.query.expected}`;
};

/** A query: its meaning, its file, and each model that asks it with the answer. */
function querySection(asked: readonly Asked[]): string[] {
  const [first] = asked;
  if (first === undefined) return [];
  const { query, tool } = first;
  const claims = query.claims.length === 0 ? '' : ` Claims: ${query.claims.join(', ')}.`;
  const files = unique(asked.map(({ source }) => source))
    .map(fileLink)
    .join(', ');
  const attack = asked.find((one) => one.protocol === 'default' && one.query.attack !== undefined)?.query.attack;
  const byVerdict = [...groupBy(asked, answered)].map(
    ([verdict, group]) => `- ${verdict}: ${group.map(({ id }) => modelLink(id)).join(', ')}`,
  );
  return [
    `### ${queryHeading(tool, query.id)}`,
    '',
    `${flat(query.means)}${claims} Stated in ${files}.`,
    '',
    ...byVerdict,
    ...(attack === undefined ? [] : ['', `The attack: ${flat(attack)}`]),
    '',
  ];
}

/** `models/queries.md`. */
export function queriesPage(asked: readonly Asked[]): string {
  const tools = groupBy(asked, ({ tool }) => tool);
  const sections = [...tools].flatMap(([tool, ofTool]) => [
    `## ${proverNames[tool]}`,
    '',
    ...[...groupBy(ofTool, ({ query }) => query.id).values()].flatMap(querySection),
  ]);
  return [
    '# Every query, and what each model answers',
    '',
    'Generated from the query files, `models.yaml` and the record of verdicts by `npm run generate`. [The README](README.md) says how to read',
    'an answer; [the models](models.md) say which files each is put together from.',
    '',
    ...sections,
  ].join('\n');
}

function modelSection(asked: readonly Asked[]): string[] {
  const [first] = asked;
  if (first === undefined) return [];
  const { id, tool, set, title, parts, run, version, seconds } = first;
  const record =
    run === undefined
      ? 'No verdict is recorded for this text.'
      : `[Recorded](verdicts/${id}.json): ${proverNames[tool]} ${version}, ${seconds} s, by ${run.by} on ${run.at.slice(0, 10)} (${run.on}).`;
  return [
    `### ${id}`,
    '',
    `${title}. ${proverNames[tool]}, ${set} set.`,
    '',
    `- Files: ${parts.map(fileLink).join(', ')}`,
    `- Queries: ${asked.map(({ query }) => queryLink(tool, query.id)).join(', ')}`,
    `- ${record}`,
    '',
  ];
}

/** `models/models.md`. */
export const modelsPage = (asked: readonly Asked[]): string =>
  [
    '# Every model, and the files that it is put together from',
    '',
    'Generated from `models.yaml` and the record of verdicts by `npm run generate`. `npm run prove -- --keep DIR` writes the assembled texts.',
    '',
    ...[...groupBy(asked, ({ id }) => id).values()].flatMap(modelSection),
  ].join('\n');
