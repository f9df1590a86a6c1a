// Query blocks: a comment that names a query and says what it means, and the declaration below it.
import { parseYaml } from '../yaml.ts';
import { ManifestError, type Query, type Tool } from './model.ts';
import { answerOf, check } from './schema.ts';

/** A piece of a file, from one query block's comment to the next one's. `comment + declaration + rest` is its text. */
export interface Block {
  readonly query: Query;
  readonly comment: string;
  readonly declaration: string;
  readonly rest: string;
}

export interface Split {
  /** The text before the first block. */
  readonly preamble: string;
  readonly blocks: readonly Block[];
}

interface Head {
  readonly id: string;
  readonly about: string;
  readonly start: number;
  readonly end: number;
}

const isId = (text: string): boolean => text !== 'same' && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text);

/** The lines of a text, each with its end. */
const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return [...lines.map((line) => `${line}\n`), ...(last === '' ? [] : [last])];
};

/** `(* query ID` and lines of YAML up to the end of the comment. */
function headsInComments(text: string): Head[] {
  const heads: Head[] = [];
  let [at, past] = [0, 0];
  for (const line of linesOf(text)) {
    const start = at;
    at += line.length;
    const [, id] = /^[ \t]*\(\*[ \t]*query[ \t]+(\S+)[ \t]*\r?\n$/.exec(line) ?? [];
    if (id === undefined || start < past) continue;
    const close = text.indexOf('*)', at);
    if (close < 0) break;
    past = close + 2;
    while (text[past] === ' ' || text[past] === '\t') past += 1;
    if (text[past] === '\n') past += 1;
    heads.push({ id, about: text.slice(at, close), start, end: past });
  }
  return heads;
}

/** `// query ID` and the comment lines that follow it. */
function headsInLines(text: string): Head[] {
  const heads: { id: string; about: string; start: number; end: number }[] = [];
  let [at, open] = [0, false];
  for (const line of linesOf(text)) {
    const start = at;
    at += line.length;
    const [, id] = /^[ \t]*\/\/[ \t]*query[ \t]+(\S+)[ \t]*\r?\n?$/.exec(line) ?? [];
    const head = heads.at(-1);
    const [mark] = /^[ \t]*\/\//.exec(line) ?? [];
    open &&= mark !== undefined && id === undefined;
    if (id !== undefined && line.endsWith('\n')) {
      heads.push({ id, about: '', start, end: at });
      open = true;
    } else if (open && head !== undefined) {
      head.about += line.slice(mark?.length);
      head.end = at;
    }
  }
  return heads;
}

const inComment = /\(\*|\*\)|[^(*]+|[\s\S]/y;
const outside = /\(\*|"(?:\\[\s\S]|[^"\\])*(?:"|\\?$)|[^("]+|[\s\S]/y;

/** Blanks in the place of comments of ProVerif and CryptoVerif. Comments nest; inside a text in quotes none begins. */
export function blankComments(text: string): string {
  let [depth, plain] = [0, ''];
  while (plain.length < text.length) {
    const next = depth > 0 ? inComment : outside;
    next.lastIndex = plain.length;
    const [token] = next.exec(text) ?? [''];
    if (token === '(*') depth += 1;
    plain += depth > 0 ? token.replace(/[^\n]/g, ' ') : token;
    if (token === '*)' && depth > 0) depth -= 1;
  }
  return plain;
}

/** Octets of the declaration at the start of a block's text: up to its full stop; 0 when a process follows at once. */
function endInComments(text: string): number {
  const plain = blankComments(text);
  if (!/^\s*(query|query_equiv|noninterf|weaksecret)\b/.test(plain)) return 0;
  const stop = /\.(?=\s|$)/.exec(plain);
  return stop === null ? plain.length : stop.index + 1;
}

/** The line of a Verifpal query, and the lines of its options in brackets. */
function endInLines(text: string): number {
  let [at, depth] = [0, 0];
  for (const line of linesOf(text)) {
    const plain = line.replace(/\/\/.*/, '');
    if (depth === 0 && plain.trim().startsWith(']')) return at;
    depth += plain.split('[').length - plain.split(']').length;
    at += line.length;
    if (depth === 0 && plain.trim() !== '') return at;
  }
  return at;
}

function aboutOf({ id, about }: Head, where: string): Omit<Query, 'declaration'> {
  if (!isId(id)) {
    throw new ManifestError(`${where}: ${id} is no query id: expected a-z, A-Z, 0-9, dot, hyphen, underscore`);
  }
  const data = check('block', readYaml(about, where), where);
  const { claims = [], requirements = [], means, attack, bound, reachability = false } = data;
  return {
    id,
    claims,
    requirements,
    means: means.trim(),
    reachability,
    expected: data.expect === undefined ? (reachability ? 'false' : 'true') : answerOf(data.expect),
    ...(attack === undefined ? {} : { attack: attack.trimEnd() }),
    ...(bound === undefined ? {} : { bound: bound.trim() }),
  };
}

/** @throws ManifestError that says where the text is no YAML */
export function readYaml(text: string, where: string): unknown {
  try {
    return parseYaml(text) ?? {};
  } catch (error) {
    throw new ManifestError(`${where}: ${error instanceof Error ? error.message.trimEnd() : error}`);
  }
}

/** @param file - named in errors, with the line */
export function splitBlocks(text: string, tool: Tool, file: string): Split {
  const ofLines = tool === 'verifpal';
  const heads = ofLines ? headsInLines(text) : headsInComments(text);
  const blocks = heads.map((head, index): Block => {
    const line = text.slice(0, head.start).split('\n').length;
    const about = aboutOf(head, `${file}:${line}: query ${head.id}`);
    const following = text.slice(head.end, heads[index + 1]?.start ?? text.length);
    const length = (ofLines ? endInLines : endInComments)(following);
    const declaration = following.slice(0, length);
    const plain = ofLines ? declaration.replace(/\/\/.*/g, '') : blankComments(declaration);
    return {
      query: { ...about, declaration: plain.trim() },
      comment: text.slice(head.start, head.end),
      declaration,
      rest: following.slice(length),
    };
  });
  return { preamble: text.slice(0, heads[0]?.start ?? text.length), blocks };
}
