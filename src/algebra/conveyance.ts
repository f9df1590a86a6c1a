// The conveyance of the draft, the same on octets and on terms.
import { passed } from '../failure.ts';
import type { Conveyance } from './algebra.ts';

/** `ct_i` and `ct_r` travel as they are (section 4.5). */
export const conveyedAsTheyAre = <O>(): Conveyance<O> => ({
  conveyCiphertext: ({ ciphertext }) => ciphertext,
  receiveCiphertext: ({ ciphertext }) => passed(ciphertext),
});
