// The codes of private keys, and the errors that carry them.
import { DerError } from '../der/derError.ts';
import { attempt, type Checked } from '../failure.ts';

/** Why a private key is refused. The codes are stable. */
export type KeyCode =
  /** Not DER, or not in a form of the profile. */
  | 'key-malformed'
  /** A key of another algorithm. */
  | 'key-wrong-algorithm'
  /** Its parts do not belong to one key, or are incomplete. */
  | 'key-inconsistent';

const codeOf = (error: unknown): KeyCode =>
  error instanceof DerError && error.code === 'wrong-algorithm' ? 'key-wrong-algorithm' : 'key-malformed';

/** Runs a reader of a private key, and turns its errors into results. Never throws. */
export const checked = <T>(read: () => T): Checked<T, KeyCode> => attempt(read, codeOf);
