// HKDF-Expand over an HMAC that answers in arrays for secrets; what libraries answer is short, and on the heap of the engine.

import { sizes } from '../generated/constants.ts';
import { type Bytes, requireCount } from '../octets.ts';
import { secretOctets, wipe } from './secret.ts';

/** HMAC-SHA-384 of the concatenation of the parts: 48 octets, the caller's to wipe. */
export type Mac = (key: Bytes, ...parts: readonly Bytes[]) => Bytes;

/** The most octets that HKDF-Expand gives: 255 blocks, as one octet counts them (RFC 5869, section 2.3). */
export const longestExpansion = 255 * sizes.hash;

/** HKDF-Expand (RFC 5869, section 2.3). @throws RangeError unless the length is a whole number from 0 to 12,240 */
export function hkdfExpand(mac: Mac, prk: Bytes, info: Bytes, length: number): Bytes {
  const okm = secretOctets(requireCount('HKDF-Expand', length, 0, longestExpansion));
  let block: Bytes | undefined; // T(0) is empty
  for (let offset = 0, i = 1; offset < length; offset += sizes.hash, i += 1) {
    const number = Uint8Array.of(i);
    const next = block === undefined ? mac(prk, info, number) : mac(prk, block, info, number);
    if (block !== undefined) wipe(block);
    block = next;
    for (let at = 0; at < sizes.hash && offset + at < length; at += 1) okm[offset + at] = block[at] ?? 0;
  }
  if (block !== undefined) wipe(block);
  return okm;
}
