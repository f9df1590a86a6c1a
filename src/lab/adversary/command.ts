import { Option } from 'commander';
import { limits } from '../../limits.ts';
import { readBounded } from '../../node/files/files.ts';
import { chooseSuite } from '../../node/suite.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { broken, mutants } from '../mutants/index.ts';
import { formatRecording, parseRecording, type Recording, RecordingError, replay, variantOf } from './replay.ts';
import type { Variant } from './session.ts';

interface ReplayOptions {
  readonly octets?: boolean;
  readonly json?: boolean;
}

function read(file: string): Recording {
  let octets: Buffer;
  try {
    octets = readBounded(file, limits.document);
  } catch (error) {
    throw new RecordingError(`cannot read it: ${error instanceof Error ? error.message : error}`);
  }
  return parseRecording(octets.toString('utf8'));
}

/** The protocol of a recording, broken as it says. */
function protocolOf(recording: Recording): Variant {
  const { mutant: id } = recording;
  const variant = variantOf(recording);
  if (id === undefined) return variant;
  const mutant = mutants.find((one) => one.id === id);
  if (mutant === undefined) throw new RecordingError(`mutant ${id}: there is none of this name`);
  return broken(variant, mutant);
}

function tell(file: string, { octets, json }: ReplayOptions): number {
  const recording = read(file);
  const suite = octets === true ? chooseSuite() : undefined;
  const { lines, differences, violation } = replay(recording, protocolOf(recording), suite && { suite });
  const violated = violation && {
    invariant: violation.invariant.id,
    claims: violation.invariant.claims,
    what: violation.what,
  };
  if (json === true) {
    printJson({ ok: violated === undefined && differences.length === 0, violated: violated ?? null, differences });
  } else {
    for (const line of lines.flatMap((text) => text.split('\n'))) print(line);
    print(`recording: ${formatRecording(recording)}`);
    for (const difference of differences) print(`octets and terms differ: ${difference}`);
    if (octets === true && differences.length === 0) print('octets did the same as terms, field by field');
    print(violation === undefined ? 'every invariant holds' : `violated: ${violation.invariant.id}: ${violation.what}`);
  }
  return violated === undefined && differences.length === 0 ? 0 : 1;
}

/** `pquake-lab replay`. @returns 0 when every invariant holds, 1 when one does not, 2 when the file is no recording */
function runReplay(file: string, options: ReplayOptions): number {
  try {
    return tell(file, options);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    note(`pquake: ${file}: ${error.message}`);
    return 2;
  }
}

/** The command `replay`. */
export const replayCommand: CommandDefinition = {
  words: 'replay <file>',
  description: 'run a recorded schedule of an adversary again, on terms',
  options: [
    new Option('--octets', 'and on octets beside them'),
    new Option('--json', 'one line of JSON on standard output'),
  ],
  examples: ['replay attack.json', 'replay attack.json --octets --json'],
  action: runReplay,
};
