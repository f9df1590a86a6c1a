// Octets of vectors: hexadecimal digits, coins, changes, canonical JSON.

import { createHash } from 'node:crypto';
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { noble } from '../../crypto/noble.ts';
import type { Suite } from '../../crypto/suite.ts';
import { draft, protocolVersion } from '../../generated/constants.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { type Bytes, concat, fromHex } from '../../octets.ts';
import type { Change, Vector } from './format.ts';

const ascii = (text: string): Bytes => new TextEncoder().encode(text);

/**
 * The fixed coins of a vector: the first octets of SHA-384("<id> <name> 1") || SHA-384("<id> <name> 2") || ... in ASCII.
 */
export function coins(id: string, name: string, octets: number): Bytes {
  const made = new Uint8Array(octets);
  for (let offset = 0, block = 1; offset < octets; offset += 48, block += 1) {
    made.set(noble.hash(ascii(`${id} ${name} ${block}`)).subarray(0, octets - offset), offset);
  }
  return made;
}

/** noble, with the deterministic variant of ML-DSA.Sign (FIPS 204, section 3.4): then certificates are the same again. */
export const deterministic: Suite = {
  ...noble,
  sign: (seed, message) => ml_dsa87.sign(message, ml_dsa87.keygen(seed).secretKey, { extraEntropy: false }),
};

/** Octets after a change. */
export function changed(octets: Bytes, { patch = [], length, append = '', from = 0 }: Change): Bytes {
  const patched = Uint8Array.from(octets);
  for (const { offset, octets: over } of patch) patched.set(fromHex(over), offset);
  return concat(patched.subarray(0, length ?? patched.length), fromHex(append)).slice(from);
}

/** The members that every vector begins with. */
export const vector = (id: string, about: string, ...requirements: readonly RequirementId[]): Vector => ({
  id,
  about,
  version: protocolVersion,
  draft,
  requirements,
});

/** RFC 8785, for the values of vectors: objects, arrays, ASCII strings, integers, booleans. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    const sorted = entries.sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${sorted.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
  }
  const plain = typeof value === 'string' ? /^[\x20-\x7e]*$/.test(value) : Number.isSafeInteger(value);
  if (!plain && typeof value !== 'boolean') throw new TypeError(`not for vectors: ${String(value)}`);
  return JSON.stringify(value);
}

/** SHA-256 of the canonical JSON, in hexadecimal digits. */
export const digestOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');
