// The codes of private keys, and how their readers leave with them.
import { DerError } from '../der/derError.ts';
import { attempt, type Checked } from '../failure.ts';

/** Why a private key is refused; stable. */
export type KeyCode =
  /** Not DER, or not in a form of the profile. */
  | 'key-malformed'
  /** Of another algorithm. */
  | 'key-wrong-algorithm'
  /** Its parts are not of one key, or are not enough of it. */
  | 'key-inconsistent';

const codeOf = (error: unknown): KeyCode =>
  error instanceof DerError && error.code === 'wrong-algorithm' ? 'key-wrong-algorithm' : 'key-malformed';

/** Runs a reader of a private key. Never throws. */
export const checked = <T>(read: () => T): Checked<T, KeyCode> => attempt(read, codeOf);
