// The checks of arguments that every back end makes before its library does, so that each fault is one error in all of them.

import { sizes } from '../generated/constants.ts';
import { type Bytes, requireCount, requireOctets } from '../octets.ts';

const aeadKey = 32; // octets of a key of AES-256

/** Checks the key and the initial vector of AES-256-GCM: 32 and 12 octets. @throws RangeError */
export function requireAead(key: Bytes, initialVector: Bytes): void {
  requireOctets('AES-256-GCM key', key, aeadKey);
  requireOctets('AES-256-GCM initial vector', initialVector, sizes.initialVector);
}

const mostRandom = 2 ** 31 - 1; // what Node draws in one call

/** Checks how many octets a generator is asked for. @throws RangeError */
export const requireRandom = (length: number): number => requireCount('random octets', length, 0, mostRandom);
