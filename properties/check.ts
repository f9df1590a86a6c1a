// Plays scripts against a protocol. A violation comes back as a ladder, and as a line that can be replayed.
import fc from 'fast-check';
import { violation } from '../src/lab/adversary/invariants.ts';
import { type Move, perform } from '../src/lab/adversary/moves.ts';
import { formatScript, replay, type Script } from '../src/lab/adversary/script.ts';
import type { Variant } from '../src/lab/adversary/session.ts';
import { type Setting, world } from '../src/lab/adversary/world.ts';
import { anyMoves, settingOf } from './scripts.ts';

export interface Found {
  readonly invariant: string;
  readonly what: string;
  /** How many scripts were played before it was found, and how often it was made smaller. */
  readonly runs: number;
  readonly shrinks: number;
  readonly script: Script;
  readonly ladder: readonly string[];
}

export interface Checked {
  readonly seed: number;
  readonly runs: number;
  readonly moves: number;
  /** Sessions that completed: without any, nothing would have been checked. */
  readonly completed: number;
  readonly found: Found | undefined;
}

function scriptOf(setting: Setting, moves: readonly Move[], mutant: string | undefined): Script {
  const { variant, preSharedSecret, listed } = setting;
  return { ...(mutant === undefined ? {} : { mutant }), schedule: variant.schedule, preSharedSecret, listed, moves };
}

/** The invariant that a world violates after the moves of a script; undefined when every one holds. */
function run(setting: Setting, moves: readonly Move[], only?: string) {
  const w = world(setting);
  for (const move of moves) perform(w, move);
  return {
    wrong: violation(w, only),
    completed: w.sessions.filter(({ completedAt }) => completedAt !== undefined).length,
  };
}

/** Checks the invariants over many scripts, and shrinks the first violation. */
export function check(
  variant: Variant,
  { seed, runs, mutant, only }: { seed: number; runs: number; mutant?: string; only?: string },
): Checked {
  let [made, completed] = [0, 0];
  const property = fc.property(settingOf(variant), anyMoves, (setting, moves) => {
    const ended = run(setting, moves, only);
    made += moves.length;
    completed += ended.completed;
    return ended.wrong === undefined;
  });
  const result = fc.check(property, { seed, numRuns: runs });
  const [setting, moves] = result.counterexample ?? [];
  if (setting === undefined || moves === undefined) return { seed, runs, moves: made, completed, found: undefined };
  const script = scriptOf(setting, moves, mutant);
  const again = replay(script, setting.variant);
  const shown = violation(again.world, only);
  const found: Found = {
    invariant: shown?.invariant.id ?? 'none: the replay does not show it',
    what: shown?.what ?? '',
    runs: result.numRuns,
    shrinks: result.numShrinks,
    script,
    ladder: again.lines,
  };
  return { seed, runs: result.numRuns, moves: made, completed, found };
}

/** A violation for people: the ladder, what is wrong, the line to replay. */
export const describe = ({ invariant, what, ladder, script }: Found): string =>
  [...ladder, `violated: ${invariant}: ${what}`, `replay: ${formatScript(script)}`].join('\n');
