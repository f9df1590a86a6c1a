// What tests of a model came to: test-result v0.1 of in-toto, with measured values in a field of ours.
import type { Judged, Statement, Subject } from '../contract.ts';
import type { PredicateCode } from './predicateCodes.ts';
import {
  type Field,
  list,
  number,
  objectWith,
  optional,
  predicateBounds,
  type ReadPredicate,
  readPredicate,
  refuseField,
  statementOf,
  text,
  uri,
  withoutGaps,
  word,
} from './predicateFields.ts';
import { type Resource, resource, resourceJson } from './resource.ts';

/** The field of measured values, which test-result does not have. */
export const metricsField = 'https://pquake.example/metrics/v1';

/** A measured value. */
export interface Metric {
  readonly name: string;
  readonly value: number;
  /** The test that it belongs to. */
  readonly test?: string | undefined;
}

const results = ['PASSED', 'WARNED', 'FAILED'] as const;

/** One run of tests. */
export interface Evaluation {
  readonly result: (typeof results)[number];
  /** What was run and on what: configurations, data sets, code. */
  readonly configuration: readonly Resource[];
  readonly url?: string | undefined;
  readonly passed: readonly string[];
  readonly warned: readonly string[];
  readonly failed: readonly string[];
  readonly metrics: readonly Metric[];
}

function metric(field: Field): Metric {
  const at = objectWith(field, ['name', 'value', 'test']);
  return { name: text(at('name')), value: number(at('value')), test: optional(at('test'), text) };
}

/** Refuses a test in two lists, and a result that is better than a test in it. */
function requireConsistent(field: Field, { result, passed, warned, failed }: Evaluation): void {
  const all = [...passed, ...warned, ...failed];
  if (new Set(all).size < all.length) refuseField(field, 'contradictory-result', 'a test has two results');
  const isTooGood = (failed.length > 0 && result !== 'FAILED') || (warned.length > 0 && result === 'PASSED');
  if (isTooGood) refuseField(field, 'contradictory-result', `${result} is better than the results of its tests`);
}

/** Reads a statement of evaluation. Never throws. */
export const readEvaluation = (statement: Statement): Judged<ReadPredicate<Evaluation>, PredicateCode> =>
  readPredicate(statement, 'evaluation', (predicate) => {
    const at = objectWith(predicate, [
      ...['result', 'configuration', 'url', 'passedTests', 'warnedTests', 'failedTests'],
      metricsField,
    ]);
    const tests = (name: string): string[] =>
      optional(at(name), (all) => list(all, predicateBounds.tests, (one) => text(one))) ?? [];
    const evaluation: Evaluation = {
      result: word(at('result'), results),
      configuration: list(at('configuration'), predicateBounds.resources, resource),
      url: optional(at('url'), uri),
      passed: tests('passedTests'),
      warned: tests('warnedTests'),
      failed: tests('failedTests'),
      metrics: optional(at(metricsField), (all) => list(all, predicateBounds.tests, metric)) ?? [],
    };
    requireConsistent(predicate, evaluation);
    return evaluation;
  });

/** The statement of an evaluation of a model. */
export function evaluationStatement(subject: Subject, evaluation: Evaluation): Judged<Statement, PredicateCode> {
  const { result, configuration, url, passed, warned, failed, metrics } = evaluation;
  const predicate = withoutGaps({
    result,
    configuration: configuration.map(resourceJson),
    url,
    passedTests: passed,
    warnedTests: warned,
    failedTests: failed,
    [metricsField]:
      metrics.length > 0 ? metrics.map(({ name, value, test }) => withoutGaps({ name, value, test })) : undefined,
  });
  return statementOf('evaluation', subject, predicate, readEvaluation);
}
