// Reads CryptoVerif's output: the answers to the queries of a model, with the bounds of what is proved.
import { plainBound, withBound } from './bounds.ts';
import type { Query, Told, Verdict } from './model.ts';
import { type Ended, everyone, messageOf } from './runTool.ts';

/** One result: the query as CryptoVerif shows it. */
interface Result {
  readonly text: string;
  readonly verdict: Verdict;
  readonly detail?: string;
  readonly bound?: string;
}

/** Whether a piece of a query ends within the variables that it quantifies; `first` when a query begins with it. */
function quantifies(piece: string, first: boolean): boolean {
  const tail = piece.slice(Math.max(piece.lastIndexOf(';'), piece.lastIndexOf('(')) + 1);
  return (first && tail === piece && /^(?:forall|exists) /.test(piece)) || /==> (?:forall|exists) /.test(tail);
}

/** `A; forall x: T; B` are the two queries A and `forall x: T; B`. */
function splitQueries(list: string): string[] {
  const queries: string[] = [];
  let started = '';
  for (const piece of list.split('; ')) {
    const quantified = quantifies(piece, started === '');
    started += piece;
    if (quantified) started += '; ';
    else {
      queries.push(started);
      started = '';
    }
  }
  return started === '' ? queries : [...queries, started];
}

function resultsOf(line: string): Result[] {
  const [, words, rest = ''] =
    /^RESULT (Proved|Could not prove|Using unchecked commands, shown) (.*)$/.exec(line) ?? [];
  if (words === undefined) return [];
  if (words === 'Could not prove') {
    return splitQueries(rest.replace(/\.$/, '')).map((text) => ({ text, verdict: 'unproved' }));
  }
  const [text = '', bound] = rest.split(/ up to probability /);
  if (words !== 'Proved') return [{ text, verdict: 'unproved', detail: line }];
  const detail = bound === undefined ? 'probability 0' : `probability ${bound}`;
  return [{ text, verdict: 'true', detail, bound: bound === undefined ? '0' : plainBound(bound) }];
}

/** The text between the first bracket and the last. */
function bracketed(text: string): string | undefined {
  const [open, close] = [text.indexOf('['), text.lastIndexOf(']')];
  return open >= 0 && open < close ? text.slice(open + 1, close) : undefined;
}

/** The subject of a query, the same for its declaration and for its form in CryptoVerif's output. */
export function subjectOf(text: string): string {
  const declared = /(?:^|[\s;])secret\s+([\w']+)/.exec(text)?.[1];
  const secret = declared ?? /secrecy of ([\w']+)/.exec(text)?.[1];
  if (secret !== undefined) {
    const options = (bracketed(text) ?? /^(.*)secrecy of/.exec(text)?.[1] ?? '').replace('-', '');
    const kinds = ['onesession', 'reachability', 'bit'].filter((kind) => options.includes(kind));
    return `secret ${secret.replace(/_\d+$/, '')} ${kinds.join(' ')}`;
  }
  const events = [...text.matchAll(/\b((?:inj-)?event)\s*\(\s*([A-Za-z][\w']*)/g)].map(
    ([, kind, name]) => `${kind} ${name}`,
  );
  return events.length === 0 ? 'equivalence' : [...new Set(events)].sort().join(', ');
}

/** A correspondence without `forall x: T;`, and without the declaration of variables that it begins with. */
function withoutVariables(text: string): string {
  const pieces = text.split(';');
  const last = pieces.pop() ?? '';
  const kept = pieces.map((piece, i) => {
    if (i === 0 && !/[()=]/.test(piece)) return '';
    const from = piece.lastIndexOf('(') + 1;
    const found = /\b(?:forall|exists) /.exec(piece.slice(from));
    return found === null ? `${piece};` : piece.slice(0, from + found.index);
  });
  return kept.join('') + last;
}

/** A correspondence without its variables' types, public variables, game, blanks and parentheses. */
const bare = (text: string): string =>
  withoutVariables(text.replace(/^query\b/, ''))
    .replace(/(?:\bpublic_vars|\bwith public variables|\bin game)\b.*$/s, '')
    .replace(/[\s().]/g, '');

/** The results that may belong to a query: those on the same subject, or of these the one with the same text when there is one. */
function candidates(query: Query, queries: readonly Query[], results: readonly Result[]): [Query[], Result[]] {
  const subject = subjectOf(query.declaration);
  const rivals = queries.filter(({ declaration }) => subjectOf(declaration) === subject);
  const own = results.filter(({ text }) => subjectOf(text) === subject);
  const sameRivals = rivals.filter(({ declaration }) => bare(declaration) === bare(query.declaration));
  const sameOwn = own.filter(({ text }) => bare(text) === bare(query.declaration));
  const exact = rivals.length === own.length && sameOwn.length > 0 && sameOwn.length === sameRivals.length;
  return exact ? [sameRivals, sameOwn] : [rivals, own];
}

/** Queries with the same text, or with a text that CryptoVerif changed, can be told apart only when their answers are the same. */
function verdictOf(query: Query, queries: readonly Query[], results: readonly Result[]): Told {
  const { id } = query;
  const [rivals, own] = candidates(query, queries, results);
  const [first] = own;
  if (first === undefined || own.length !== rivals.length) {
    const detail = `CryptoVerif tells ${own.length} results like this query, of ${rivals.length}`;
    return { id, verdict: 'error', detail };
  }
  if (own.some(({ verdict }) => verdict !== first.verdict)) {
    const others = rivals.map((rival) => rival.id).join(', ');
    return { id, verdict: 'error', detail: `cannot tell which verdict is whose among ${others}` };
  }
  const details = [...new Set(own.flatMap(({ detail }) => detail ?? []))];
  const detail = details.length === 0 ? {} : { detail: details.join(' or ') };
  const bounds = [...new Set(own.flatMap(({ bound }) => bound ?? []))];
  if (bounds.length > 1) {
    const others = rivals.map((rival) => rival.id).join(', ');
    return { id, verdict: 'error', detail: `cannot tell which bound is whose among ${others}` };
  }
  const [bound] = bounds;
  return withBound(query, { id, verdict: first.verdict, ...detail, ...(bound === undefined ? {} : { bound }) });
}

/** Verdicts, in the order of the queries; the probability bound is the detail of a proved one. */
export function readCryptoverif(queries: readonly Query[], ended: Ended): Told[] {
  if (ended.stopped !== undefined) return everyone(queries, 'timeout', ended.stopped);
  const lines = [...new Set(ended.output.split('\n'))];
  const results = lines.flatMap(resultsOf);
  const all = lines.includes('All queries proved.');
  if (ended.status !== 0 || (!all && results.every(({ verdict }) => verdict === 'true'))) {
    return everyone(queries, 'error', messageOf(ended));
  }
  if (results.length !== queries.length) {
    return everyone(
      queries,
      'error',
      `CryptoVerif tells ${results.length} results, there are ${queries.length} queries`,
    );
  }
  return queries.map((query) => verdictOf(query, queries, results));
}
