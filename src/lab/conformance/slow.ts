// Refusals that come late: variants of a case that show whether the peer refused the message, or only gave up waiting.

import { headerOctets } from '../../generated/constants.ts';
import { type Bytes, concat } from '../../octets.ts';
import type { Case, Piece, Put, Turn } from './case.ts';
import { noise } from './octetEdits.ts';

const octetsOf = (pieces: readonly Piece[]): Bytes =>
  concat(...pieces.filter((piece): piece is Bytes => piece instanceof Uint8Array));

/** The last message that the octets hold no end of: how much of its data came, and how much its header announces. */
function incomplete(octets: Bytes): { readonly came: number; readonly announced: number } | undefined {
  let at = 0;
  while (octets.length - at >= headerOctets) {
    const announced = (octets[at + 2] ?? 0) * 256 + (octets[at + 3] ?? 0);
    const came = octets.length - at - headerOctets;
    if (came < announced) return { came, announced };
    at += headerOctets + announced;
  }
  return undefined;
}

/** Whether a header in these octets announces data that did not come. */
export const awaitsMore = (octets: Bytes): boolean => incomplete(octets) !== undefined;

const putting = (test: Case, at: Turn, put: Put): Case => ({ ...test, put: { ...test.put, [at]: put } });

/** The same case with all the data that its header announces: a peer that reads whole messages can judge it then. */
export function whole(test: Case, at: Turn): Case {
  return putting(test, at, (message, seen) => {
    const octets = octetsOf(test.put?.[at]?.(message, seen) ?? [message]);
    const { came, announced } = incomplete(octets) ?? { came: 0, announced: 0 };
    const data = concat(message.slice(headerOctets), noise(announced));
    return [concat(octets, data.slice(came, announced)), 'stop'];
  });
}

/**
 * As many octets of the right message, but never its last one, and silence: a peer that ends such a handshake as soon as
 * the one of the case has given up waiting, and has refused nothing.
 */
export const faultless = (test: Case, at: Turn, length: number): Case =>
  putting(test, at, (message) => [message.slice(0, Math.min(length, message.length - 1)), 'stop']);
