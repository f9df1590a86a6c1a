// Reads Verifpal's JSON report: the answers to the queries of a model.
import { splitBlocks } from './blocks.ts';
import type { Query, Told } from './model.ts';
import { type Ended, everyone, messageOf } from './runTool.ts';

interface Result {
  /** Line of the model, from 1. */
  readonly line: number;
  readonly attacked: boolean;
  readonly conclusion: string;
}

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields => (value !== null && typeof value === 'object' ? (value as Fields) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function resultOf(value: unknown): Result | undefined {
  const { resolved, range, conclusion } = fields(value);
  const { line } = fields(range);
  if (typeof resolved !== 'boolean' || typeof line !== 'number') return undefined;
  return { line, attacked: resolved, conclusion: typeof conclusion === 'string' ? conclusion : '' };
}

/** The results of the report, or the fault in it. */
function resultsOf(output: string): Result[] | string {
  let report: unknown;
  try {
    report = JSON.parse(output);
  } catch {
    return 'Verifpal prints no JSON';
  }
  const { error, analysis } = fields(list(fields(report)['models'])[0]);
  if (typeof error === 'string') return error;
  const told = fields(analysis)['queries'];
  const results = list(told).map(resultOf);
  const known = results.filter((result) => result !== undefined);
  return Array.isArray(told) && known.length === results.length ? known : 'Verifpal prints a report of another form';
}

/** The lines of the model's text that each query block covers, from 1: up to the next block. */
const startsOf = (text: string): number[] => {
  const { preamble, blocks } = splitBlocks(text, 'verifpal', '');
  let at = preamble.split('\n').length;
  return blocks.map(({ comment, declaration, rest }) => {
    const start = at;
    at += (comment + declaration + rest).split('\n').length - 1;
    return start;
  });
};

/** Verdicts, in the order of the queries: a query is false when Verifpal finds an attack. */
export function readVerifpal(queries: readonly Query[], ended: Ended, text: string): Told[] {
  if (ended.stopped !== undefined) return everyone(queries, 'timeout', ended.stopped);
  const results = resultsOf(ended.stdout);
  if (typeof results === 'string') {
    return everyone(queries, 'error', ended.stdout.trim() === '' ? messageOf(ended) : results);
  }
  if (results.length !== queries.length) {
    return everyone(queries, 'error', `Verifpal tells ${results.length} results, there are ${queries.length} queries`);
  }
  const starts = startsOf(text);
  return queries.map(({ id }, index): Told => {
    const [from = 0, to = Number.POSITIVE_INFINITY] = starts.slice(index, index + 2);
    const [own, ...more] = results.filter(({ line }) => line >= from && line < to);
    if (own === undefined || more.length > 0) {
      return {
        id,
        verdict: 'error',
        detail: `Verifpal tells ${own === undefined ? 0 : more.length + 1} results of it`,
      };
    }
    return own.attacked ? { id, verdict: 'false', detail: own.conclusion } : { id, verdict: 'true' };
  });
}
