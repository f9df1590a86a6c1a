// The examples of RFC 9881 (ML-DSA-87) and RFC 9935 (ML-KEM-1024), made again from what they state:
// the seeds 000102..., serial numbers, names, times, extensions, deterministic signatures. README.md has their digests.

import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { encodeObjectIdentifier, tags } from '../../../src/der/der.ts';
import { objectIdentifiers } from '../../../src/generated/constants.ts';
import { extension, hex, identifiers, tlv } from '../../../src/lab/chains/fixtures.ts';
import type { Bytes } from '../../../src/octets.ts';

const ascending = (length: number): Bytes => Uint8Array.from({ length }, (_, i) => i);

/** Seeds of the signature key (32) and of the KEM key (64). */
export const seeds = { signature: ascending(32), kem: ascending(64) } as const;
const signature = ml_dsa87.keygen(seeds.signature);
const kem = ml_kem1024.keygen(seeds.kem);

const text = (words: string): Bytes => Uint8Array.from(Buffer.from(words, 'latin1'));
const octetString = (contents: Bytes): Bytes => tlv(tags.octetString, contents);
const bitString = (contents: Bytes): Bytes => tlv(tags.bitString, Uint8Array.of(0), contents);
const version = (number: number): Bytes => tlv(tags.integer, Uint8Array.of(number));
const algorithm = (identifier: string): Bytes =>
  tlv(tags.sequence, tlv(tags.objectIdentifier, encodeObjectIdentifier(identifier)));
const mlDsa = algorithm(objectIdentifiers.mlDsa87);
const mlKem = algorithm(objectIdentifiers.mlKem1024);

const attribute = (type: string, value: string): Bytes =>
  tlv(tags.set, tlv(tags.sequence, tlv(tags.objectIdentifier, hex(type)), tlv(tags.printableString, text(value))));
const name = tlv(tags.sequence, attribute('55040a', 'IETF'), attribute('550403', 'LAMPS WG'));
const validity = tlv(tags.sequence, tlv(tags.utcTime, text('200203043210Z')), tlv(tags.utcTime, text('400129043210Z')));
const publicKeys = {
  signature: tlv(tags.sequence, mlDsa, bitString(signature.publicKey)),
  kem: tlv(tags.sequence, mlKem, bitString(kem.publicKey)),
} as const;

function certificate(serialNumber: string, publicKey: Bytes, extensions: readonly Bytes[]): Bytes {
  const toBeSigned = tlv(
    tags.sequence,
    tlv(0xa0, version(2)),
    tlv(tags.integer, hex(serialNumber)),
    ...[mlDsa, name, validity, name, publicKey],
    tlv(0xa3, tlv(tags.sequence, ...extensions)),
  );
  const signed = ml_dsa87.sign(toBeSigned, signature.secretKey, { extraEntropy: false });
  return tlv(tags.sequence, toBeSigned, mlDsa, bitString(signed));
}

/** As the certificates state them; those issued here are made otherwise (RFC 7093). */
const keyIdentifiers = {
  signature: hex('89886750b57c24db3fc012e61ede59753337374f'),
  kem: hex('da82182c39ebdb350d904ee4bc507b72043ffa23'),
} as const;
const subjectKeyIdentifier = (identifier: Bytes): Bytes =>
  extension(identifiers.subjectKeyIdentifier, octetString(identifier));

const privateKey = (of: Bytes, key: Bytes): Bytes => tlv(tags.sequence, version(0), of, octetString(key));
const seedOf = (seed: Bytes): Bytes => tlv(0x80, seed);
const both = (seed: Bytes, expanded: Bytes): Bytes => tlv(tags.sequence, octetString(seed), octetString(expanded));

/** PKCS#8 of a signature key, and of a KEM key, whose two halves may belong to different keys. */
export const bothOf = {
  signature: (seed: Bytes, expanded: Bytes): Bytes => privateKey(mlDsa, both(seed, expanded)),
  kem: (seed: Bytes, expanded: Bytes): Bytes => privateKey(mlKem, both(seed, expanded)),
} as const;

/** Expanded private keys: FIPS 204, algorithm 24, and FIPS 203, algorithm 16. */
export const expanded = { signature: signature.secretKey, kem: kem.secretKey } as const;

/** Every example in DER, by the name that it has in the working group's repository. */
export const examples = {
  'ML-DSA-87.pub': publicKeys.signature,
  'ML-DSA-87-seed.priv': privateKey(mlDsa, seedOf(seeds.signature)),
  'ML-DSA-87-expanded.priv': privateKey(mlDsa, octetString(signature.secretKey)),
  'ML-DSA-87-both.priv': bothOf.signature(seeds.signature, signature.secretKey),
  'ML-DSA-87.crt': certificate('159ffe6f22fd5cc42c524df6fd5e28d0de38f34e', publicKeys.signature, [
    extension(identifiers.keyUsage, hex('03020186'), true),
    extension(identifiers.basicConstraints, hex('30030101ff'), true),
    subjectKeyIdentifier(keyIdentifiers.signature),
  ]),
  'ML-KEM-1024.pub': publicKeys.kem,
  'ML-KEM-1024-seed.priv': privateKey(mlKem, seedOf(seeds.kem)),
  'ML-KEM-1024-expanded.priv': privateKey(mlKem, octetString(kem.secretKey)),
  'ML-KEM-1024-both.priv': bothOf.kem(seeds.kem, kem.secretKey),
  'ML-KEM-1024.crt': certificate('159ffe6f22fd5cc42c524df6fd5e28d0de38f34f', publicKeys.kem, [
    extension(identifiers.keyUsage, hex('03020520'), true),
    subjectKeyIdentifier(keyIdentifiers.kem),
    extension(identifiers.authorityKeyIdentifier, tlv(tags.sequence, tlv(0x80, keyIdentifiers.signature))),
  ]),
} as const;
