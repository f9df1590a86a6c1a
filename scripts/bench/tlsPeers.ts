// Peers of mutual TLS 1.3, each with a certificate whose key signs. Each has an authority of its own, which the other trusts: OpenSSL would send the
// certificate of an authority that a peer trusts itself. With ML-DSA the certificates have the names and extensions of those of PQuAKE; with P-256, which stands
// for scale, they are the plainest.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { authorityExtension, extension, issuerOf, keyIdentifier } from '../../src/certificate/issue/encode.ts';
import { alternativeNames, certificate, createTrustAnchor, issuerName } from '../../src/certificate/issue/issue.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { constructedContext, encodeObjectIdentifier, tags } from '../../src/der/der.ts';
import { element, integer } from '../../src/der/element.ts';
import { encodePem } from '../../src/keys/pem.ts';
import { encodeSignaturePrivateKey } from '../../src/keys/privateKey.ts';
import { nameOfAuthority, notAfter, notBefore, serialNumber, urisOf } from './peers.ts';

/** PEM of a certificate and its key, and of the authority that issued it. */
interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly authority: string;
}

export interface TlsPeers {
  readonly alice: Identity;
  readonly bob: Identity;
  /** The group of the key exchange. */
  readonly ecdhCurve: string;
  /** The algorithm of all signatures. */
  readonly sigalgs: string;
}

/** Peers with keys of ML-DSA, of the first signature algorithm of a suite. */
export function mlDsaPeers(suite: Suite, ecdhCurve: string): TlsPeers {
  const [algorithm] = suite.algorithms.signatures;
  const common = { suite, notBefore, notAfter };
  const identity = (name: string): Identity => {
    const seed = suite.generateSignatureSeed();
    const own = { name: nameOfAuthority, seed, serialNumber: serialNumber(suite) };
    const root = createTrustAnchor({ ...common, ...own });
    const authority = issuerOf(suite, { issuer: root, issuerSeed: seed });
    const keySeed = suite.generateSignatureSeed();
    const octets = suite.signaturePublicKey(keySeed, algorithm);
    const der = certificate(
      { ...common, name, serialNumber: serialNumber(suite) },
      { name: issuerName(authority), seed, algorithm },
      { oid: algorithm.oid, octets },
      [
        extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
        extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(suite, octets))),
        authorityExtension(suite, authority),
        ...alternativeNames(urisOf(name)),
      ],
    );
    const key = encodePem('PRIVATE KEY', encodeSignaturePrivateKey(keySeed, algorithm));
    return { cert: encodePem('CERTIFICATE', der), key, authority: encodePem('CERTIFICATE', root) };
  };
  const sigalgs = algorithm.name.toLowerCase().replaceAll('-', '');
  return { alice: identity('alice'), bob: identity('bob'), ecdhCurve, sigalgs };
}

const object = (identifier: string): Uint8Array => element(tags.objectIdentifier, encodeObjectIdentifier(identifier));
const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(tags.sequence, ...parts);
const bits = (octets: Uint8Array): Uint8Array => element(tags.bitString, Uint8Array.of(0), octets);
const utf8 = (text: string): Uint8Array => element(tags.utf8String, Buffer.from(text));

const nameOf = (name: string): Uint8Array => sequence(element(tags.set, sequence(object('2.5.4.3'), utf8(name))));

const timeOf = (date: Date): Uint8Array =>
  element(tags.utcTime, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

const ecdsaWithSha256 = sequence(object('1.2.840.10045.4.3.2'));
/** Basic constraints, critical: cA TRUE. */
const isAuthority = sequence(
  object('2.5.29.19'),
  element(tags.boolean, Uint8Array.of(0xff)),
  element(tags.octetString, sequence(element(tags.boolean, Uint8Array.of(0xff)))),
);

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function p256Certificate(name: string, { publicKey }: Pair, issuer: Pair, extensions: readonly Uint8Array[]): string {
  const toBeSigned = sequence(
    element(constructedContext(0), integer(2)),
    integer(name.length),
    ecdsaWithSha256,
    nameOf(nameOfAuthority),
    sequence(timeOf(notBefore), timeOf(notAfter)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [element(constructedContext(3), sequence(...extensions))]),
  );
  const signature = sign('sha256', toBeSigned, issuer.privateKey);
  return encodePem('CERTIFICATE', sequence(toBeSigned, ecdsaWithSha256, bits(signature)));
}

/** Peers with keys of P-256: what is not of the age of quantum computers, for scale. */
export function p256Peers(ecdhCurve: string): TlsPeers {
  const pair = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const identity = (name: string): Identity => {
    const [issuer, own] = [pair(), pair()];
    const key = own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const authority = p256Certificate(nameOfAuthority, issuer, issuer, [isAuthority]);
    return { cert: p256Certificate(name, own, issuer, []), key, authority };
  };
  return { alice: identity('alice'), bob: identity('bob'), ecdhCurve, sigalgs: 'ecdsa_secp256r1_sha256' };
}
