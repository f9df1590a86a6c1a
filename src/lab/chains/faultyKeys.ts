// Chains that are refused for an algorithm, a key, a signature or a time of the certificate of the peer.

import { encodeObjectIdentifier, tags } from '../../der/der.ts';
import { objectIdentifiers } from '../../generated/constants.ts';
import type { Bytes } from '../../octets.ts';
import { edited, extensions, leaf, octetsFor, certificatePaths as paths, resigned, root } from './certificates.ts';
import type { Chain } from './chain.ts';
import { anchor, chainsOf, type Fault } from './fault.ts';
import { edit, at as elementAt, extension, hex, identifiers, poke, tlv } from './fixtures.ts';

const stranger = root('Root', { key: 'stranger' });
const direct = leaf(anchor);
const { seed } = anchor;

const change = (path: readonly number[], how: (element: Bytes) => Bytes): Bytes => edited(direct, seed, path, how);
const replaced = (identifier: Bytes, ...by: readonly Bytes[]): Bytes =>
  change(paths.extensions, extensions({ without: identifier, with: by }));
const algorithm = (identifier: string, ...parameters: readonly Bytes[]): Bytes =>
  tlv(tags.sequence, tlv(tags.objectIdentifier, encodeObjectIdentifier(identifier)), ...parameters);
const nullParameters = hex('0500');
const mlDsa65 = '2.16.840.1.101.3.4.3.18';
const mlKem768 = '2.16.840.1.101.3.4.4.2';
const publicKeyInfo = [0, 6] as const;

/** A subject key with these octets. */
const keyOf = (octets: Bytes, identifier: string = objectIdentifiers.mlKem1024): Bytes =>
  tlv(tags.sequence, algorithm(identifier), tlv(tags.bitString, Uint8Array.of(0), octets));
const ownKey = elementAt(direct, paths.subjectPublicKey).subarray(5);

function algorithms(): readonly Fault[] {
  const both = (element: Bytes): Bytes =>
    resigned(
      edit(
        edit(direct, paths.innerAlgorithm, () => element),
        paths.outerAlgorithm,
        () => element,
      ),
      seed,
    );
  const wrong = { code: 'certificate-wrong-algorithm', requirement: 'PQ-P-57' } as const;
  const wrongKey = { code: 'certificate-wrong-algorithm', requirement: 'PQ-P-56' } as const;
  const malformedKey = { requirement: 'PQ-P-56' } as const;
  return [
    {
      id: 'outer-algorithm-differs',
      says: 'ML-DSA-65 outside, ML-DSA-87 inside',
      leaf: edit(direct, paths.outerAlgorithm, () => algorithm(mlDsa65)),
    },
    {
      ...wrong,
      id: 'inner-algorithm-differs',
      says: 'ML-DSA-65 inside, ML-DSA-87 outside',
      leaf: change(paths.innerAlgorithm, () => algorithm(mlDsa65)),
    },
    { ...wrong, id: 'other-signature-algorithm', says: 'ML-DSA-65 inside and outside', leaf: both(algorithm(mlDsa65)) },
    {
      id: 'null-parameters',
      says: 'NULL parameters of the signature algorithm, inside and outside',
      requirement: 'PQ-P-57',
      leaf: both(algorithm(objectIdentifiers.mlDsa87, nullParameters)),
    },
    {
      id: 'null-parameters-outside',
      says: 'NULL parameters of the signature algorithm outside only',
      requirement: 'PQ-P-57',
      leaf: edit(direct, paths.outerAlgorithm, () => algorithm(objectIdentifiers.mlDsa87, nullParameters)),
    },
    {
      ...malformedKey,
      id: 'null-parameters-of-key',
      says: 'NULL parameters of the subject key',
      leaf: change(paths.keyAlgorithm, () => algorithm(objectIdentifiers.mlKem1024, nullParameters)),
    },
    {
      ...wrongKey,
      id: 'other-key-algorithm',
      says: 'an ML-KEM-768 key',
      leaf: change(publicKeyInfo, () => keyOf(ownKey.subarray(0, 1184), mlKem768)),
    },
    {
      ...malformedKey,
      id: 'short-key',
      says: 'a subject key of 1567 octets',
      leaf: change(publicKeyInfo, () => keyOf(ownKey.subarray(1))),
    },
    {
      ...malformedKey,
      id: 'long-key',
      says: 'a subject key of 1569 octets',
      leaf: change(publicKeyInfo, () => keyOf(Uint8Array.from([...ownKey, 0]))),
    },
    {
      id: 'key-modulus',
      says: 'a subject key with a coefficient of 3329',
      code: 'invalid-encapsulation-key',
      requirement: 'PQ-P-26',
      leaf: change(publicKeyInfo, () => keyOf(ownKey.with(0, 0x01).with(1, ((ownKey[1] ?? 0) & 0xf0) | 0x0d))),
    },
    {
      id: 'key-modulus-last',
      says: 'a last coefficient of 4095',
      code: 'invalid-encapsulation-key',
      requirement: 'PQ-P-26',
      leaf: change(publicKeyInfo, () => keyOf(ownKey.with(1534, (ownKey[1534] ?? 0) | 0xf0).with(1535, 0xff))),
    },
  ];
}

function signatures(): readonly Fault[] {
  const untrusted = { code: 'certificate-untrusted', requirement: 'PQ-P-17' } as const;
  const { authorityKeyIdentifier } = identifiers;
  const foreign = extension(authorityKeyIdentifier, tlv(tags.sequence, tlv(0x80, octetsFor('foreign', 20))));
  return [
    {
      ...untrusted,
      id: 'foreign-signature',
      says: 'signed by another key than that of the trust anchor',
      leaf: resigned(direct, stranger.seed),
    },
    {
      ...untrusted,
      id: 'altered',
      says: 'a serial number changed after it was signed',
      leaf: poke(direct, paths.serialNumber, 5, 0x22),
    },
    {
      ...untrusted,
      id: 'altered-signature',
      says: 'an octet of the signature changed',
      leaf: edit(direct, paths.signature, (signature) => signature.with(3000, (signature[3000] ?? 0) ^ 1)),
    },
    {
      ...untrusted,
      id: 'signature-context',
      says: 'a signature with a context',
      requirement: 'PQ-P-58',
      leaf: resigned(direct, seed, Buffer.from('context')),
    },
    {
      ...untrusted,
      id: 'foreign-key-identifier',
      says: 'an authority key identifier that is not that of the trust anchor',
      leaf: replaced(authorityKeyIdentifier, foreign),
    },
    { id: 'signature-unused-bits', says: 'a signature with an unused bit', leaf: poke(direct, paths.signature, 4, 1) },
    {
      id: 'short-signature',
      says: 'a signature of 4626 octets',
      leaf: edit(direct, paths.signature, (signature) => tlv(tags.bitString, signature.subarray(4, -1))),
    },
    {
      id: 'expired',
      says: 'the certificate ended in March',
      code: 'certificate-outside-validity',
      requirement: 'PQ-P-16',
      leaf: leaf(anchor, { notAfter: new Date('2026-03-01T00:00:00Z') }),
    },
    {
      id: 'not-yet',
      says: 'the certificate begins in September',
      code: 'certificate-outside-validity',
      requirement: 'PQ-P-16',
      leaf: leaf(anchor, { notBefore: new Date('2026-09-01T00:00:00Z') }),
    },
    {
      id: 'one-second-late',
      says: 'one second after its validity',
      code: 'certificate-outside-validity',
      requirement: 'PQ-P-16',
      leaf: direct,
      at: new Date('2027-01-01T00:00:00Z'),
    },
  ];
}

export function faultyKeys(): readonly Chain[] {
  return chainsOf({ requirement: 'PQ-P-54', code: 'certificate-malformed' }, [...algorithms(), ...signatures()]);
}
