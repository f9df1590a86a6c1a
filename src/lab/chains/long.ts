// Mutated certificates in great number: none is accepted wrongly, none throws, none takes long.
//   npm run certificates:long [-- COUNT [FIRST]]

import { certificateValidator } from '../../certificate/validate.ts';
import { note, print } from '../../node/terminal/output.ts';
import { same } from '../../octets.ts';
import { anchor, during } from './fixtures.ts';
import { mutant } from './mutants.ts';
import { objections } from './oracle.ts';

const [count = 1_000_000, first = 0] = process.argv.slice(2).map(Number);
/** The limit of one call, in milliseconds. */
const limit = 50;
/** Repeats a call that took long: when it is fast then, the collector or the system had interrupted it. */
const repeats = 3;

const validate = certificateValidator({ trustAnchors: [anchor()], time: during });
const codes = new Map<string, number>();
const wrong: string[] = [];
let [signed, longest, longestAgain] = [0, 0, 0];
const started = performance.now();

function timed(der: Uint8Array): { readonly result: ReturnType<typeof validate>; readonly took: number } {
  const start = performance.now();
  const result = validate(der);
  return { result, took: performance.now() - start };
}

for (let number = first; number < first + count; number += 1) {
  const { original, der, signedAnew } = mutant(number);
  const { result, took } = timed(der);
  if (signedAnew) signed += 1;
  longest = Math.max(longest, took);
  if (took > limit / 10) {
    const again = Math.min(...Array.from({ length: repeats }, () => timed(der).took));
    longestAgain = Math.max(longestAgain, again);
    if (again > limit) wrong.push(`mutant ${number}: ${again.toFixed(1)} ms`);
  }
  const code = result.ok ? 'ok' : result.code;
  codes.set(code, (codes.get(code) ?? 0) + 1);
  if (!result.ok) continue;
  if (!signedAnew && !same(der, original)) wrong.push(`mutant ${number}: accepted with the old signature`);
  const found = objections(der);
  if (found.length > 0) wrong.push(`mutant ${number}: accepted: ${found.join(', ')}`);
}

const seconds = (performance.now() - started) / 1000;
print(`${count} mutants, ${signed} of them signed anew, in ${seconds.toFixed(0)} s`);
for (const [code, number] of [...codes].sort(([, one], [, other]) => other - one)) print(`  ${number} ${code}`);
print(
  `longest call: ${longest.toFixed(1)} ms as measured; ${longestAgain.toFixed(1)} ms at best of ${repeats} more calls`,
);
for (const one of wrong) note(one);
process.exitCode = wrong.length > 0 ? 1 : 0;
