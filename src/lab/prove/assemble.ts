// The text for the prover: the parts of a model, with the queries that it asks.
import { createHash } from 'node:crypto';
import { extname, join } from 'node:path';
import { limits } from '../../limits.ts';
import { readBounded } from '../../node/files/files.ts';
import { type Block, type Split, splitBlocks } from './blocks.ts';
import { assumptionProblems } from './bounds.ts';
import { edited, withEnds } from './ends.ts';
import { type Assembled, ManifestError, type Model, type Query } from './model.ts';

/** The line of a part that the query files replace. */
const marker = /^[ \t]*\(\* queries \*\)[ \t]*$/gm;

function read(model: Model, path: string): string {
  const file = join(model.directory, path);
  try {
    return readBounded(file, limits.document).toString('utf8');
  } catch {
    throw new ManifestError(`model ${model.id}: cannot read ${file}`);
  }
}

const closed = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

// Models share parts and query files: equal text is split once.
const splits = new Map<string, Split>();

function split(model: Model, path: string, text: string): Split {
  const key = `${model.tool} ${path} ${text}`;
  const found = splits.get(key) ?? splitBlocks(text, model.tool, path);
  splits.set(key, found);
  return found;
}

/** A part without the declarations of the queries that are not asked. */
function keepOf({ preamble, blocks }: Split, asked: (id: string) => boolean, where: string): string {
  const kept = ({ query, comment, declaration, rest }: Block): string => {
    if (asked(query.id)) return comment + declaration + rest;
    if (declaration !== '') return rest;
    throw new ManifestError(`${where}: query ${query.id} cannot be left out: its process is the query`);
  };
  return preamble + blocks.map(kept).join('');
}

/** Query files: their preambles, and the blocks that are asked. */
function queryText(splits: readonly Split[], asked: (id: string) => boolean): string {
  const texts = splits.map(({ preamble, blocks }) => {
    const chosen = blocks.filter(({ query }) => asked(query.id));
    return [preamble, ...chosen.map(({ comment, declaration, rest }) => comment + declaration + rest)]
      .map(closed)
      .join('');
  });
  return texts.join('');
}

function splice(model: Model, text: string, queries: string): string {
  const found = text.match(marker)?.length ?? 0;
  if (found === 1) return text.replace(marker, () => queries.trimEnd());
  throw new ManifestError(
    `model ${model.id}: expected the line (* queries *) once in its parts, found it ${found} times`,
  );
}

function problemsOf(model: Model, ids: readonly string[], queries: readonly Query[]): string[] {
  const asked = queries.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  const unknown = (model.only ?? []).filter((id) => !ids.includes(id));
  const unasked = [...new Set([...Object.keys(model.expect), ...Object.keys(model.attack)])]
    .filter((id) => !asked.includes(id) && !unknown.includes(id))
    .map((id) => `expect or attack names the query ${id}, which it does not ask`);
  return [
    ...twice.map((id) => `the query id ${id} is there twice`),
    ...unknown.map((id) => `there is no query ${id}; there are: ${ids.join(', ')}`),
    ...unasked,
    ...(asked.length === 0 && unknown.length === 0 ? ['it asks no query'] : []),
  ];
}

function ofModel(model: Model, { id, attack: own, expected, ...query }: Query): Query {
  const attack = model.attack[id] ?? own;
  return { ...query, id, expected: model.expect[id] ?? expected, ...(attack === undefined ? {} : { attack }) };
}

/**
 * Puts a model together from its files.
 * @throws ManifestError for a missing file, a query id that is unknown or there twice, or a model without a place for queries
 */
export function assemble(model: Model): Assembled {
  const asked = (id: string): boolean => model.only?.includes(id) ?? true;
  const parts = model.parts.map((path) => split(model, path, read(model, path)));
  const files = model.queries.map((path) => split(model, path, read(model, path)));
  const joined = parts.map((part) => closed(keepOf(part, asked, `model ${model.id}`))).join('');
  const ended = model.ends === true ? withEnds(joined) : joined;
  const { text: body, unfit } = edited(ended, model.edits ?? []);
  const text = files.length === 0 ? body : splice(model, body, queryText(files, asked));

  const places = [...model.parts, ...model.queries].flatMap((path, index) =>
    ([...parts, ...files][index]?.blocks ?? []).map(({ query }): [string, string] => [query.id, path]),
  );
  const ids = places.map(([id]) => id);
  const queries = splitBlocks(text, model.tool, model.id).blocks.map(({ query }) => ofModel(model, query));
  const problems = [
    ...problemsOf(model, ids, queries),
    ...(model.tool === 'cryptoverif' ? assumptionProblems(text) : []),
  ];
  if (problems.length > 0) throw new ManifestError(problems.map((one) => `model ${model.id}: ${one}`).join('\n'));
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { model, text, digest, queries, sources: new Map(places), unfit };
}

/** The name of the assembled file: the prover takes the language and its front end from the ending. */
export function fileName({ id, tool, parts }: Model): string {
  if (tool === 'proverif') return `${id}.pv`;
  if (tool === 'verifpal') return `${id}.vp`;
  return `${id}${extname(parts.at(-1) ?? '').replace(/l$/, '')}`;
}
