// HKDF-Expand over an HMAC that answers in arrays for secrets; what libraries answer is short, and on the heap of the engine.

import { sizes } from '../generated/constants.ts';
import type { Bytes } from '../octets.ts';
import { secretOctets, wipe } from './secret.ts';

/** HMAC-SHA-384 of the concatenation of the parts: 48 octets, the caller's to wipe. */
export type Mac = (key: Bytes, ...parts: readonly Bytes[]) => Bytes;

/** HKDF-Expand (RFC 5869, section 2.3). @throws RangeError for more than 12,240 octets */
export function hkdfExpand(mac: Mac, prk: Bytes, info: Bytes, length: number): Bytes {
  if (length > 255 * sizes.hash)
    throw new RangeError(`HKDF-Expand: at most ${255 * sizes.hash} octets, asked ${length}`);
  const okm = secretOctets(length);
  let block: Bytes = secretOctets(0); // T(0)
  for (let offset = 0, i = 1; offset < length; offset += sizes.hash, i += 1) {
    const next = mac(prk, block, info, Uint8Array.of(i));
    wipe(block);
    block = next;
    for (let at = 0; at < sizes.hash && offset + at < length; at += 1) okm[offset + at] = block[at] ?? 0;
  }
  wipe(block);
  return okm;
}
