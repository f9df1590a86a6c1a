// Checkpoints (C2SP tlog-checkpoint): signed notes of three lines: origin, size and root of a tree.

import { fromBase64, toBase64 } from '../../base64.ts';
import { passed, refused } from '../../failure.ts';
import { same } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { logBounds } from './bounds.ts';
import type { LogCode } from './codes.ts';
import { emptyRoot, hashOctets, type Tree } from './merkle.ts';
import { type NoteSignature, parseNote, utf8 } from './note.ts';

/** A checkpoint, before any signature is verified. */
export interface Checkpoint extends Tree {
  readonly origin: string;
  /** The text that its signatures are under. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** The text of a checkpoint without extension lines. */
export const checkpointText = (origin: string, { size, root }: Tree): string =>
  `${origin}\n${size}\n${toBase64(root)}\n`;

const decimal = /^(0|[1-9]\d{0,15})$/;

/** A whole number from 0 to 2^53 - 1 in decimal digits, without zeros in front; `undefined` for any other text. */
export function wholeNumber(text: string): number | undefined {
  const value = Number(text);
  return decimal.test(text) && value <= logBounds.size ? value : undefined;
}

/**
 * Reads a checkpoint strictly. Extension lines are refused: the signed message of ML-DSA-44 does not have them, so anybody could change
 * them. Never throws.
 */
export function parseCheckpoint(octets: Uint8Array): Judged<Checkpoint, LogCode> {
  const note = parseNote(octets);
  if (!note.ok) return note;
  const malformed = (reason: string): Judged<never, LogCode> => refused('log-checkpoint-malformed', reason);
  const { text, signatures } = note.value;
  const [origin = '', digits = '', base64 = '', ...extensions] = text.slice(0, -1).split('\n');
  if (origin === '' || utf8(origin).length > logBounds.name)
    return malformed(`line 1: expected an origin of 1 to ${logBounds.name} octets`);
  const size = wholeNumber(digits);
  if (size === undefined) return malformed('line 2: expected the size of a tree, a whole number below 2^53');
  const root = fromBase64(base64);
  if (root?.length !== hashOctets) return malformed(`line 3: expected base64 of a hash of ${hashOctets} octets`);
  if (extensions.length > 0)
    return malformed('line 4: an extension line, which a cosignature of ML-DSA-44 does not cover; expected none');
  if (size === 0 && !same(root, emptyRoot)) return malformed('line 3: not the root of the tree without entries');
  return passed({ origin, size, root, text, signatures });
}
