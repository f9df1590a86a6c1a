// Plays scripts against a protocol. A violation comes back as a ladder, and as a line that can be replayed.
import fc from 'fast-check';
import { violation } from '../src/lab/adversary/invariants.ts';
import { type Move, perform } from '../src/lab/adversary/moves.ts';
import { formatRecording, type Recording, replay } from '../src/lab/adversary/replay.ts';
import type { Variant } from '../src/lab/adversary/session.ts';
import { type Setting, world } from '../src/lab/adversary/world.ts';
import { schedule, settingOf } from './schedules.ts';

export interface Found {
  readonly invariant: string;
  readonly what: string;
  /** How many scripts were played before it was found, and how often it was made smaller. */
  readonly runs: number;
  readonly shrinks: number;
  readonly recording: Recording;
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

function recordingOf(setting: Setting, moves: readonly Move[], mutant: string | undefined): Recording {
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
  let [moves, completed] = [0, 0];
  const property = fc.property(settingOf(variant), schedule, (setting, script) => {
    const ended = run(setting, script, only);
    moves += script.length;
    completed += ended.completed;
    return ended.wrong === undefined;
  });
  const result = fc.check(property, { seed, numRuns: runs });
  const [setting, script] = result.counterexample ?? [];
  if (setting === undefined || script === undefined) return { seed, runs, moves, completed, found: undefined };
  const recording = recordingOf(setting, script, mutant);
  const again = replay(recording, setting.variant);
  const shown = violation(again.world, only);
  const found: Found = {
    invariant: shown?.invariant.id ?? 'none: the replay does not show it',
    what: shown?.what ?? '',
    runs: result.numRuns,
    shrinks: result.numShrinks,
    recording,
    ladder: again.lines,
  };
  return { seed, runs: result.numRuns, moves, completed, found };
}

/** A violation for people: the ladder, what is wrong, the line to replay. */
export const describe = ({ invariant, what, ladder, recording }: Found): string =>
  [...ladder, `violated: ${invariant}: ${what}`, `replay: ${formatRecording(recording)}`].join('\n');
