import { limits } from '../../limits.ts';
import { readBounded } from '../../node/files/files.ts';
import { chooseSuite } from '../../node/suite.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { formatRecording, parseRecording, type Recording, RecordingError, replay, variantOf } from './replay.ts';
import type { Variant } from './session.ts';

export interface ReplayOptions {
  readonly octets?: boolean;
  readonly json?: boolean;
}

/** The protocol of a recording; a mutant is known to the checkout only, which hands in how to break the protocol. */
export type Break = (variant: Variant, mutant: string) => Variant | undefined;

function read(file: string): Recording {
  let octets: Buffer;
  try {
    octets = readBounded(file, limits.document);
  } catch (error) {
    throw new RecordingError(`cannot read it: ${error instanceof Error ? error.message : error}`);
  }
  return parseRecording(octets.toString('utf8'));
}

function protocolOf(recording: Recording, change?: Break): Variant {
  const { mutant } = recording;
  const variant = variantOf(recording);
  const broken = mutant === undefined ? variant : change?.(variant, mutant);
  if (broken !== undefined) return broken;
  throw new RecordingError(
    `mutant ${mutant}: not known here; \`npm run replay\` in a checkout knows properties/mutants`,
  );
}

function tell(file: string, { octets, json }: ReplayOptions, change?: Break): number {
  const recording = read(file);
  const suite = octets === true ? chooseSuite() : undefined;
  const { lines, differences, violation } = replay(recording, protocolOf(recording, change), suite && { suite });
  const violated = violation && {
    invariant: violation.invariant.id,
    claims: violation.invariant.claims,
    what: violation.what,
  };
  if (json === true) {
    printJson({ ok: violated === undefined && differences.length === 0, violated: violated ?? null, differences });
  } else {
    for (const line of lines) print(line);
    print(`recording: ${formatRecording(recording)}`);
    for (const difference of differences) print(`octets and terms differ: ${difference}`);
    if (octets === true && differences.length === 0) print('octets did the same as terms, field by field');
    print(violation === undefined ? 'every invariant holds' : `violated: ${violation.invariant.id}: ${violation.what}`);
  }
  return violated === undefined && differences.length === 0 ? 0 : 1;
}

/** `pquake replay`. @returns 0 when every invariant holds, 1 when one does not, 2 when the file is no recording */
export function runReplay(file: string, options: ReplayOptions, change?: Break): number {
  try {
    return tell(file, options, change);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    note(`pquake: ${file}: ${error.message}`);
    return 2;
  }
}
