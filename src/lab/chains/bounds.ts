// Structured certificates of 64 KiB: none takes over three times as long as an honest one, until its signature is refused.
//   npm run certificates:bounds [-- COUNT [FIRST]]
import { trustStore } from '../../certificate/trustStore.ts';
import { certificateValidator } from '../../certificate/validate.ts';
import type { Suite } from '../../crypto/suite.ts';
import { note, print } from '../../node/terminal/output.ts';
import { anchor, during, peer, suites, value } from './fixtures.ts';
import { structured } from './structured.ts';

const [count = 10_000, first = 0] = process.argv.slice(2).map(Number);
/** How many times the honest cost a certificate may take. */
const most = 3;
/** The best of so many calls counts. */
const calls = 3;
/** A certificate that took too long is timed again, in turns with an honest one, so many times at most: the machine is shared. */
const rounds = 20;
const turns = 15;

const median = (times: readonly number[]): number =>
  times.toSorted((one, other) => one - other)[times.length >> 1] ?? 0;

function search(suite: Suite): boolean {
  const store = value(trustStore({ trustAnchors: [anchor(suite)] }));
  const validate = certificateValidator({ trustAnchors: store, time: during });
  const honest = peer(suite);
  const timed = (der: Uint8Array): number => {
    const start = performance.now();
    validate(der);
    return performance.now() - start;
  };
  const best = (der: Uint8Array, times: number): number => Math.min(...Array.from({ length: times }, () => timed(der)));
  const inTurns = (der: Uint8Array): number => {
    let [took, honestly] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let turn = 0; turn < turns; turn += 1) {
      took = Math.min(took, timed(der));
      honestly = Math.min(honestly, timed(honest));
    }
    return took / honestly;
  };
  const bests = Array.from({ length: 30 }, () => best(honest, calls));
  const unit = median(bests);
  const ratios = new Map<string, number[]>();
  const codes = new Map<string, number>();
  const wrong: string[] = [];
  for (let number = first; number < first + count; number += 1) {
    const { kind, der } = structured(number);
    let ratio = best(der, calls) / unit;
    for (let round = 0; ratio > most && round < rounds; round += 1) ratio = Math.min(ratio, inTurns(der));
    ratios.set(kind, [...(ratios.get(kind) ?? []), ratio]);
    if (ratio > most) wrong.push(`${kind}, number ${number}: ${ratio.toFixed(2)} times the honest cost`);
    const result = validate(der);
    const code = result.ok ? 'ok' : result.code;
    codes.set(code, (codes.get(code) ?? 0) + 1);
    const detail = result.ok ? '' : (result.detail ?? '');
    if (result.ok || Buffer.byteLength(detail) > 1_024) wrong.push(`${kind}, number ${number}: ${code}: ${detail}`);
  }
  print(`${suite.name}: an honest certificate takes ${(1000 * unit).toFixed(0)} us`);
  for (const [kind, all] of ratios)
    print(`  ${Math.max(...all).toFixed(2)} at most, ${median(all).toFixed(2)} at the median: ${kind}`);
  for (const [code, number] of codes) print(`  ${number} ${code}`);
  for (const one of wrong) note(one);
  return wrong.length === 0;
}

const passed = suites.toReversed().map(search);
process.exitCode = passed.every(Boolean) ? 0 : 1;
