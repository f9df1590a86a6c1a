// Octets, which every room has: joined, compared, and as hexadecimal digits. Secrets are joined by `src/algebra/bytes.ts`.
import { equalBytes } from '@noble/ciphers/utils.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

export type Bytes = Uint8Array;

/** The octets of all parts, one after the other. The engine may leave copies of short ones behind: not for secrets. */
export const concat: (...parts: Bytes[]) => Uint8Array<ArrayBuffer> = concatBytes;

/** Whether octets are equal. The time depends on their lengths only: for secrets. */
export const equalInConstantTime: (one: Bytes, other: Bytes) => boolean = equalBytes;

/** Whether octets are equal. The time tells where they differ: not for secrets. */
export function same(one: Bytes, other: Bytes): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i += 1) if (one[i] !== other[i]) return false;
  return true;
}

/** Lower-case hexadecimal digits of octets; not for secrets. */
export const toHex: (octets: Bytes) => string = bytesToHex;

/** The octets of hexadecimal digits, of either case. Not for secrets. @throws Error for anything else */
export const fromHex: (digits: string) => Uint8Array<ArrayBuffer> = hexToBytes;

/** The octets given. @throws RangeError that says how many were expected, and never what they are */
export function requireOctets(what: string, octets: Bytes, length: number): Bytes {
  if (octets.length !== length) throw new RangeError(`${what}: expected ${length} octets, got ${octets.length}`);
  return octets;
}

/** The number of octets asked for. @throws RangeError unless it is a whole number between two bounds, both included */
export function requireCount(what: string, asked: number, least: number, most: number): number {
  if (Number.isInteger(asked) && asked >= least && asked <= most) return asked;
  throw new RangeError(`${what}: expected a whole number of octets from ${least} to ${most}, got ${asked}`);
}

type Transferable = ArrayBufferLike & { readonly transfer?: (octets: number) => ArrayBuffer };

/** Below this, what it costs is more than what it spares. */
const worthReleasing = 4_096;

/**
 * Gives the memory of octets back that nobody reads any more, and empties the array. The collector of garbage would let much gather before it does. Does
 * nothing to a part of a larger buffer, to few octets, and where the platform cannot (ES2024).
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (byteLength < worthReleasing || byteLength !== buffer.byteLength) return;
  (buffer as Transferable).transfer?.(0);
}
