// What hedged coins cost: whole handshakes, both sides, in turns with those whose coins are not hedged. Of each round and way the
// processor time of some handshakes, and of all rounds the median of what a way takes over `none` in the same round.
import type { Suite } from '../../src/crypto/suite.ts';
import { type HedgedCoins, hedgedCoins } from '../../src/handshake/hedging.ts';
import { at, spread } from './cost.ts';

/** Milliseconds of the processor that runs handshakes take. */
function worked(handshake: () => void, handshakes: number): number {
  const before = process.cpuUsage();
  for (let count = 0; count < handshakes; count += 1) handshake();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / handshakes;
}

/** Prints what each way takes, and its ratio to `none`, with the quartiles of the rounds. */
export function compareHedged(
  suite: Suite,
  handshake: (hedgedCoins: HedgedCoins) => void,
  { rounds, handshakes }: { readonly rounds: number; readonly handshakes: number },
): void {
  const times: Record<HedgedCoins, number>[] = [];
  for (let round = -Math.ceil(rounds / 5); round < rounds; round += 1) {
    const taken = { all: 0, 'where-cheap': 0, none: 0 };
    for (const way of round % 2 === 0 ? hedgedCoins : hedgedCoins.toReversed()) {
      taken[way] = worked(() => handshake(way), handshakes);
    }
    if (round >= 0) times.push(taken);
  }
  for (const way of hedgedCoins) {
    const milliseconds = at(
      times.map((taken) => taken[way]),
      0.5,
    );
    const ratios = times.map((taken) => taken[way] / taken.none);
    console.log(
      `hedged coins, ${suite.name}, ${way}: ${milliseconds.toFixed(3)} ms, ${spread(ratios, 0.25, 3)} of none ` +
        `(medians of ${rounds} rounds of ${handshakes} handshakes in turns)`,
    );
  }
}
