// What hedged coins cost: whole handshakes, both sides, in turns with those whose coins are not hedged; medians and their ratio.
import type { Suite } from '../../src/crypto/suite.ts';
import type { HedgedCoins } from '../../src/handshake/hedging.ts';

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Prints the medians of handshakes in turns, and what each way costs over `none`. */
export function compareHedged(suite: Suite, handshake: (hedgedCoins: HedgedCoins) => void, rounds: number): void {
  const ways: readonly HedgedCoins[] = suite.takesCoins ? ['none', 'where-free'] : ['none', 'where-free', 'all'];
  const times = new Map<HedgedCoins, number[]>(ways.map((way) => [way, []]));
  for (let round = -rounds / 5; round < rounds; round += 1) {
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      const start = process.hrtime.bigint();
      handshake(way);
      if (round >= 0) times.get(way)?.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
  }
  const none = median(times.get('none') ?? []);
  for (const way of ways) {
    const milliseconds = median(times.get(way) ?? []);
    console.log(
      `hedged coins, ${suite.name}, ${way}: ${milliseconds.toFixed(3)} ms, ${(milliseconds / none).toFixed(3)} of none`,
    );
  }
}
