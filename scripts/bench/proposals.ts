// Handshakes with the profile of the proposals over those of the draft: both sides, in memory, one thread.
import type { Suite } from '../../src/crypto/suite.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import { profile } from '../../src/proposals/index.ts';
import { at } from './cost.ts';

const rounds = 200;

type Choice = Pick<HandshakeOptions, 'profile' | 'proposals'>;

/** Medians in milliseconds of some runs, all in turns; as many rounds again go before. */
function inTurns(runs: readonly (() => unknown)[]): readonly number[] {
  const times = runs.map((): number[] => []);
  for (let round = 0; round < 2 * rounds; round += 1) {
    for (const [index, run] of runs.entries()) {
      const begun = performance.now();
      run();
      if (round >= rounds) times[index]?.push(performance.now() - begun);
    }
  }
  return times.map((one) => at(one, 0.5));
}

/** Prints the ratios of medians: of the profile, of each proposal alone, and of the draft itself, which shows the noise. */
export function compareProposals(suite: Suite, handshake: (choice: Choice) => unknown): void {
  const choices: [string, Choice][] = [
    ['the draft again', {}],
    ['proposed', { profile: 'proposed' }],
    ...profile.map((id): [string, Choice] => [id, { proposals: [id] }]),
  ];
  const [draft = Number.NaN, ...others] = inTurns(
    [{}, ...choices.map(([, one]) => one)].map((one) => () => handshake(one)),
  );
  for (const [index, [name]] of choices.entries()) {
    const ratio = ((others[index] ?? Number.NaN) / draft).toFixed(2);
    console.log(`${suite.name.padEnd(7)} ${name} / draft = ${ratio}   (medians of ${rounds}, all in turns)`);
  }
}
