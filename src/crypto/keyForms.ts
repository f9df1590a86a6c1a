// The forms of keys that every Node >= 24.7 reads. What stands before a key of a fixed length is a constant of its algorithm.

import type { KemAlgorithm, SignatureAlgorithm } from '../generated/suites.ts';
import type { Bytes } from '../octets.ts';
import { secretOctets } from './secret.ts';

const tags = { integer: 2, bitString: 3, octetString: 4, objectIdentifier: 6, sequence: 48, seed: 128 } as const;

/** Identifier and length octets (X.690, 8.1) of an element with contents of this length, at most 65,535. */
function head(tag: number, length: number): number[] {
  if (length < 0x80) return [tag, length];
  return length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >>> 8, length & 0xff];
}

/** AlgorithmIdentifier without parameters, for an identifier under 2.16.840.1.101.3.4, where NIST has its algorithms. */
function algorithmIdentifier(oid: string): number[] {
  const [last, before] = oid.split('.').map(Number).reverse();
  const identifier = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, before ?? 0, last ?? 0];
  return [
    ...head(tags.sequence, identifier.length + 2),
    ...head(tags.objectIdentifier, identifier.length),
    ...identifier,
  ];
}

/** The octets before a public key in a SubjectPublicKeyInfo (RFC 5280, RFC 9935, RFC 9881). */
function publicPrefix(oid: string, octets: number): Bytes {
  const before = [...algorithmIdentifier(oid), ...head(tags.bitString, octets + 1), 0];
  return Uint8Array.from([...head(tags.sequence, before.length + octets), ...before]);
}

/** The octets before a key in PKCS#8 (RFC 5958); `inner` are the octets between OCTET STRING and key. */
function privatePrefix(oid: string, inner: readonly number[], octets: number): Bytes {
  const version = [...head(tags.integer, 1), 0];
  const before = [...version, ...algorithmIdentifier(oid), ...head(tags.octetString, inner.length + octets), ...inner];
  return Uint8Array.from([...head(tags.sequence, before.length + octets), ...before]);
}

/** Prefixes of the keys of a KEM: public, seed, expanded. */
export const kemPrefixes = (
  { oid, encapsulationKey, decapsulationKey }: KemAlgorithm,
  seed: number,
): { readonly publicKey: Bytes; readonly seed: Bytes; readonly expanded: Bytes } => ({
  publicKey: publicPrefix(oid, encapsulationKey),
  seed: privatePrefix(oid, head(tags.seed, seed), seed),
  expanded: privatePrefix(oid, head(tags.octetString, decapsulationKey), decapsulationKey),
});

/** Prefixes of the keys of a signature scheme: public, and the secret from which it signs (RFC 9881; RFC 9909 has no seed). */
export const signaturePrefixes = ({
  oid,
  publicKey,
  seed,
  privateKey,
}: SignatureAlgorithm): { readonly publicKey: Bytes; readonly secret: Bytes } => ({
  publicKey: publicPrefix(oid, publicKey),
  secret: privatePrefix(oid, seed === privateKey ? [] : head(tags.seed, seed), seed),
});

/** A key behind its prefix; a private one is the caller's to wipe. */
export function prefixed(prefix: Bytes, key: Bytes): Bytes {
  const whole = secretOctets(prefix.length + key.length);
  whole.set(prefix);
  whole.set(key, prefix.length);
  return whole;
}
