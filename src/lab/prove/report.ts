// Reports the outcomes of the queries, as a table for people or as JSON.
import type { Outcome, Query, Told } from './model.ts';

interface Row {
  readonly query: Query;
  readonly told: Told;
  readonly outcome: Outcome;
}

const rowsOf = (outcome: Outcome): Row[] =>
  outcome.assembled.queries.map((query) => {
    const told = outcome.told.find(({ id }) => id === query.id);
    return { query, told: told ?? { id: query.id, verdict: 'error', detail: 'nothing told' }, outcome };
  });

const asExpected = ({ query, told }: Row): boolean => query.expected === told.verdict;

/** The attack is shown with an answer `false`, unless `false` is the good answer. */
const attackOf = ({ query, told }: Row): string | undefined =>
  told.verdict === 'false' && !query.reachability ? query.attack : undefined;

/** The number of queries, and of those with the expected outcome. */
export function countOf(outcomes: readonly Outcome[]): { queries: number; expected: number } {
  const rows = outcomes.flatMap(rowsOf);
  return { queries: rows.length, expected: rows.filter(asExpected).length };
}

/** Whether a model has an outcome that was not expected. */
export const differs = (outcome: Outcome): boolean => !rowsOf(outcome).every(asExpected);

/** Every query, for `--json`. The seconds are those of the whole model. */
export const describeAll = (outcomes: readonly Outcome[]): object[] =>
  outcomes.flatMap(rowsOf).map((row) => {
    const { query, told, outcome } = row;
    const { id, tool } = outcome.assembled.model;
    const attack = attackOf(row);
    return {
      id: query.id,
      model: id,
      tool,
      expected: query.expected,
      verdict: told.verdict,
      seconds: Math.round(outcome.seconds * 10) / 10,
      source: outcome.source,
      claims: query.claims,
      means: query.means,
      ...(query.requirements.length === 0 ? {} : { requirements: query.requirements }),
      ...(query.reachability ? { reachability: true } : {}),
      ...(attack === undefined ? {} : { attack }),
      ...(told.bound === undefined ? {} : { bound: told.bound }),
      ...(told.detail === undefined ? {} : { detail: told.detail }),
    };
  });

const indent = (text: string, by: number): string[] =>
  text.split('\n').map((line) => `${' '.repeat(by)}${line}`.trimEnd());

/** `verdict X, expected Y`, or the reason why there is no verdict. */
const difference = ({ query, told }: Row): string => {
  const plain = `verdict ${told.verdict}, expected ${query.expected}`;
  return told.detail === undefined ? plain : `${plain}: ${told.detail}`;
};

function linesOf(row: Row, width: number): string[] {
  const { query, told, outcome } = row;
  const seconds = outcome.seconds.toFixed(1).padStart(7);
  const columns = [query.id.padEnd(width), query.expected.padEnd(8), told.verdict.padEnd(8), seconds, outcome.source];
  const differs = asExpected(row) ? [] : indent(`^ ${difference(row)}`, 4);
  return [`  ${columns.join('  ')}`, ...differs, ...indent(attackOf(row) ?? '', 6).filter((line) => line !== '')];
}

/** The lines of the table: a heading for each model, a line for each query, differences and attacks below. */
export function drawTable(outcomes: readonly Outcome[]): string[] {
  const width = Math.max(5, ...outcomes.flatMap(rowsOf).map(({ query }) => query.id.length));
  const heading = ['query'.padEnd(width), 'expected', 'verdict ', 'seconds', 'source'].join('  ');
  const models = outcomes.flatMap((outcome) => {
    const { id, tool, title } = outcome.assembled.model;
    return ['', `${id} (${tool}): ${title}`, ...rowsOf(outcome).flatMap((row) => linesOf(row, width))];
  });
  return [`  ${heading}`, ...models, ''];
}

/** One line for one model. */
export function drawOutcome(outcome: Outcome): string {
  const { model } = outcome.assembled;
  const { queries, expected } = countOf([outcome]);
  const seconds = outcome.source === 'run' ? `, ${outcome.seconds.toFixed(1)} s` : '';
  return `${model.tool} ${model.id}: ${expected} of ${queries} as expected${seconds}`;
}

/** The last line. */
export function drawSummary(outcomes: readonly Outcome[]): string {
  const { queries, expected } = countOf(outcomes);
  return `${queries} queries in ${outcomes.length} models: ${expected} as expected`;
}
