// Results for people, as JSON and as JUnit XML.
import { create } from 'xmlbuilder2';
import { printable } from '../../../node/terminal/output.ts';
import { type Case, conforming, type Level, levelOf } from '../case.ts';
import type { Verdict } from '../judge.ts';
import type { Profile, Result } from './run.ts';

/** A run, whole or as far as it came. */
export interface Ran {
  readonly results: readonly Result[];
  readonly profile: Profile;
  readonly interrupted: boolean;
  /** The number of cases that were to run. */
  readonly all: number;
}

/** The number of results with a verdict. */
export const countOf = (results: readonly Result[], verdict: Verdict): number =>
  results.filter((one) => one.verdict === verdict).length;

const signs: Readonly<Record<Verdict, string>> = {
  passed: 'passed',
  failed: 'FAILED',
  warning: 'warning',
  note: 'note',
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

/** The lines that a peer wrote, each under its own mark, so that none passes for a line of the report. */
const quoted = (wrote = ''): string[] =>
  wrote
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '')
    .map((line, i) => `  ${i === 0 ? 'the peer wrote:' : '              '} | ${line.trimEnd()}`);

/** A line for each case, the meaning of each failure, and the totals. */
export function table(ran: Ran): string[] {
  const { results } = ran;
  const widest = Math.max(...results.map(({ test }) => test.id.length));
  const lines = results.flatMap(({ test, verdict, detail, wrote }) => {
    const line = `${test.id.padEnd(widest)}  ${signs[verdict].padEnd(16)}  ${verdict === 'passed' ? test.title : oneLine(detail)}`;
    if (verdict !== 'failed' && verdict !== 'note' && verdict !== 'warning') return [line.trimEnd()];
    const meaning = `  a conforming peer ${conforming(test)} (${levelOf(test)}: ${cited(test.requirements)})`;
    return [line, `  case: ${test.title}`, meaning, ...quoted(wrote)];
  });
  return [...lines, '', summary(ran)];
}

/** The counts of a run in a line. Those of rare verdicts are left out when they are 0. */
export function summary({ results, interrupted, all }: Ran): string {
  const count = (verdict: Verdict): number => countOf(results, verdict);
  const rare = (number: number, what: string): string[] => (number > 0 ? [`${number} ${what}`] : []);
  return [
    ...(interrupted ? [`interrupted: ${results.length} of ${all} cases ran`] : []),
    `${count('passed')} passed, ${count('failed')} failed, ${count('unsupported')} unsupported`,
    ...rare(count('warning'), count('warning') === 1 ? 'warning' : 'warnings'),
    ...rare(count('note'), 'failed against rules of this project only'),
    ...rare(count('expected-failure'), 'failed as expected'),
  ].join(', ');
}

/** A case in the documents of `--json`. */
export const described = (test: Case): { id: string; title: string; level: Level; requirement: readonly string[] } => ({
  id: test.id,
  title: test.title,
  level: levelOf(test),
  requirement: test.requirements,
});

/** The version of the documents of `--json`. */
export const format = 2;

/** The document of `--json`. */
export const document = ({ results, profile, interrupted }: Ran): unknown => ({
  format,
  profile,
  interrupted,
  passed: countOf(results, 'passed'),
  failed: countOf(results, 'failed'),
  warnings: countOf(results, 'warning'),
  notes: countOf(results, 'note'),
  unsupported: countOf(results, 'unsupported'),
  expectedFailures: countOf(results, 'expected-failure'),
  cases: results.map(({ test, verdict, detail, wrote, took }) => ({
    ...described(test),
    verdict,
    detail,
    ...(wrote === undefined ? {} : { wrote }),
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
  for (const { test, verdict, detail, wrote = '', took: each } of results) {
    const one = suite.ele('testcase', {
      classname: name,
      name: `${test.id}: ${test.title}`,
      time: (each / 1000).toFixed(3),
    });
    if (wrote !== '') one.ele('system-err').txt(inXml(wrote));
    if (verdict === 'failed')
      one
        .ele('failure', { message: inXml(detail) })
        .txt(`${conforming(test)}; ${levelOf(test)}: ${test.requirements.join(', ')}`);
    else if (verdict !== 'passed') one.ele('skipped', { message: inXml(`${signs[verdict]}: ${detail}`) });
  }
  return suite.end({ prettyPrint: true });
}
