// SHA-256 in JavaScript, for rooms that know nothing of Node. Not for secrets.
import { sha256 as hash } from '@noble/hashes/sha2.js';
import type { Bytes } from '../octets.ts';

/** SHA-256 (FIPS 180-4) of the concatenation of the parts: 32 octets. */
export const sha256 = (...parts: readonly Bytes[]): Bytes =>
  parts.reduce((state, part) => state.update(part), hash.create()).digest();
