// Asks an authority for a time-stamp token over a signature: TimeStampReq (RFC 3161, section 2.4.1), DER.
import { encodeObjectIdentifier, tags } from '../../der/der.ts';
import { element, integer } from '../../der/element.ts';
import type { Bytes } from '../../octets.ts';
import { digestIdentifier } from './timestampAlgorithms.ts';

/** Digests by which a request names the signature. */
export const requestDigests = ['sha512', 'sha256'] as const;

export type RequestDigest = (typeof requestDigests)[number];

/** Octets of a nonce. */
export const nonceOctets = 16;

/**
 * Writes a request for a token, with the certificate of the authority inside (`certReq`).
 * @param octets - the digest of the signature
 * @param nonce - 16 octets of randomness. Its highest bit is cleared and the next one set: the INTEGER is positive, and as long as the nonce.
 */
export function encodeTimestampRequest(digest: RequestDigest, octets: Bytes, nonce: Bytes): Bytes {
  const identifier = element(tags.objectIdentifier, encodeObjectIdentifier(digestIdentifier(digest)));
  // Authorities expect the NULL that RFC 5754 permits for SHA-2.
  const algorithm = element(tags.sequence, identifier, Uint8Array.of(0x05, 0x00));
  const positive = Uint8Array.from(nonce, (octet, at) => (at === 0 ? (octet & 0x3f) | 0x40 : octet));
  return element(
    tags.sequence,
    integer(1),
    element(tags.sequence, algorithm, element(tags.octetString, octets)),
    element(tags.integer, positive),
    element(tags.boolean, Uint8Array.of(0xff)),
  );
}
