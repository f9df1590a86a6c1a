// Results for people, as JSON and as JUnit XML.
import { create } from 'xmlbuilder2';
import { printable } from '../../../node/terminal/output.ts';
import { conforming } from '../case.ts';
import type { Verdict } from '../judge.ts';
import type { Result } from './run.ts';

/** The number of results with a verdict. */
export const countOf = (results: readonly Result[], verdict: Verdict): number =>
  results.filter((one) => one.verdict === verdict).length;

const signs: Readonly<Record<Verdict, string>> = {
  passed: 'passed',
  failed: 'FAILED',
  unsupported: 'unsupported',
  'expected-failure': 'expected failure',
};

const most = 8;

/** Ids of requirements, shortened for people. */
const cited = (ids: readonly string[]): string =>
  ids.length > most ? `${ids.slice(0, most).join(', ')} and ${ids.length - most} more` : ids.join(', ');

/** Puts the text of a peer on one line, so that it cannot forge another line. */
const oneLine = (text: string): string =>
  text
    .split(/[\r\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' | ');

/** A line for each case, the meaning of each failure, and the totals. */
export function table(results: readonly Result[]): string[] {
  const widest = Math.max(...results.map(({ test }) => test.id.length));
  const lines = results.flatMap(({ test, verdict, detail }) => {
    const line = `${test.id.padEnd(widest)}  ${signs[verdict].padEnd(16)}  ${verdict === 'passed' ? test.title : oneLine(detail)}`;
    if (verdict !== 'failed') return [line.trimEnd()];
    return [line, `  case: ${test.title}`, `  a conforming peer ${conforming(test)} (${cited(test.requirements)})`];
  });
  return [...lines, '', summary(results)];
}

export const summary = (results: readonly Result[]): string =>
  [
    `${countOf(results, 'passed')} passed, ${countOf(results, 'failed')} failed, ${countOf(results, 'unsupported')} unsupported`,
    ...(countOf(results, 'expected-failure') > 0 ? [`${countOf(results, 'expected-failure')} failed as expected`] : []),
  ].join(', ');

/** The document of `--json`. */
export const document = (results: readonly Result[]): unknown => ({
  passed: countOf(results, 'passed'),
  failed: countOf(results, 'failed'),
  unsupported: countOf(results, 'unsupported'),
  expectedFailures: countOf(results, 'expected-failure'),
  cases: results.map(({ test, verdict, detail, took }) => ({
    id: test.id,
    title: test.title,
    requirement: test.requirements.join(' '),
    verdict,
    detail,
    seconds: Number((took / 1000).toFixed(3)),
  })),
});

/** Replaces what XML 1.0 cannot contain, and what moves the cursor of a reader's terminal. */
const inXml = (text: string): string =>
  text
    .split('\n')
    .map(printable)
    .join('\n')
    .replaceAll(/[\ufffe\uffff]/g, '\ufffd');

/** JUnit XML. Unsupported cases and expected failures are reported as skipped. */
export function junit(results: readonly Result[], name: string): string {
  const skipped = results.length - countOf(results, 'passed') - countOf(results, 'failed');
  const took = results.reduce((sum, one) => sum + one.took, 0);
  const suite = create({ version: '1.0', encoding: 'UTF-8' })
    .ele('testsuites')
    .ele('testsuite', {
      name,
      tests: results.length,
      failures: countOf(results, 'failed'),
      errors: 0,
      skipped,
      time: (took / 1000).toFixed(3),
    });
  for (const { test, verdict, detail, took: each } of results) {
    const one = suite.ele('testcase', {
      classname: name,
      name: `${test.id}: ${test.title}`,
      time: (each / 1000).toFixed(3),
    });
    if (verdict === 'failed')
      one.ele('failure', { message: inXml(detail) }).txt(`${conforming(test)}; ${test.requirements.join(', ')}`);
    else if (verdict !== 'passed') one.ele('skipped', { message: inXml(detail) });
  }
  return suite.end({ prettyPrint: true });
}
