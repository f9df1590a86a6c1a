// The keys and certificates of a run, for both sides. The tester makes them all, also those of the peer.

import type { CertificatePolicy } from '../../algebra/bytes.ts';
import { createTrustAnchor, issueCertificate } from '../../certificate/issue/issue.ts';
import { parseTrustAnchor, type TrustAnchor } from '../../certificate/trustAnchor.ts';
import { certificateValidator } from '../../certificate/validate.ts';
import type { KemKey, Suite } from '../../crypto/suite.ts';
import { passed, refused } from '../../failure.ts';
import { sizes } from '../../generated/constants.ts';
import { type Bytes, same } from '../../octets.ts';
import { largestCertificate } from '../../wire/frame.ts';

/** A certificate, as it is shown, and the key that decapsulates for whoever shows it. */
export interface Identity {
  readonly certificate: Bytes;
  readonly key: KemKey;
}

/** An authority: its certificate and the seed (32) that it signs with. */
export interface Authority {
  readonly certificate: Bytes;
  readonly seed: Bytes;
}

/** The keys, certificates and secrets of both sides of a run. */
export interface Material {
  readonly suite: Suite;
  readonly now: Date;
  readonly authority: Authority;
  readonly tester: Identity;
  /** The identity of the peer under test. */
  readonly peer: Identity;
  /** The identity of the peer under test whose certificate almost fills a message. */
  readonly largePeer?: Identity | undefined;
  readonly preSharedSecret: Bytes;
  /** Authorities under the trust anchor that the peer is given, DER. */
  readonly intermediates?: readonly Bytes[];
  /** Revocation lists that the peer is given, DER. */
  readonly revocationLists?: readonly Bytes[];
  /** Whose certificate a revocation list names. */
  readonly revoked?: Identity;
}

/** The common name in every certificate of the tester but those of a stranger. */
export const testerName = 'tester';
/** The common name of the peer under test. */
export const peerName = 'peer';

/** The common name that the peer of a case is told to expect. */
export const expectedName = ({ expectsItself }: { readonly expectsItself?: true }): string =>
  expectsItself ? peerName : testerName;

const hour = 3_600_000;
const day = 24 * hour;

/** The contents of a certificate. */
export interface Wanted {
  readonly name?: string;
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  /** Hours from now. */
  readonly from?: number;
  readonly to?: number;
  readonly key?: KemKey;
  readonly authority?: Authority;
}

const period = (now: Date, from = -1, to = 24 * 30): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(now.getTime() + from * hour),
  notAfter: new Date(now.getTime() + to * hour),
});

type Issuing = Pick<Material, 'suite' | 'now' | 'authority'>;

/** A serial number of 16 octets. */
export const serial = (suite: Suite): Bytes => suite.randomOctets(16).with(0, 0x41);

/** A certificate that the authority issues, and its key. */
export function issue({ suite, now, authority }: Issuing, wanted: Wanted = {}): Identity {
  const { certificate: issuer, seed: issuerSeed } = wanted.authority ?? authority;
  const key = wanted.key ?? suite.generateKemKey();
  const certificate = issueCertificate({
    suite,
    issuer,
    issuerSeed,
    name: wanted.name ?? testerName,
    uris: wanted.uris ?? [],
    dnsNames: wanted.dnsNames ?? [],
    encapsulationKey: key.encapsulationKey,
    serialNumber: serial(suite),
    mayOutlive: true,
    ...period(now, wanted.from, wanted.to),
  });
  return { certificate, key };
}

/** A new authority. */
export function authority({ suite, now }: Pick<Material, 'suite' | 'now'>, name: string): Authority {
  const seed = suite.randomOctets(sizes.signatureSeed);
  const validity = { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + 365 * day) };
  return { seed, certificate: createTrustAnchor({ suite, name, seed, serialNumber: serial(suite), ...validity }) };
}

/** A certificate with so many URIs that its message is at most 300 octets shorter than the longest there can be. */
export function large(issuing: Issuing, name: string, key: KemKey = issuing.suite.generateKemKey()): Identity {
  const uri = (index: number): string => `https://large.example/${String(index).padStart(6, '0')}/${'a'.repeat(190)}`;
  const smallest = issue(issuing, { name, key, uris: [uri(0)] }).certificate.length;
  const octetsOfOne = uri(0).length + 3; // with identifier and length
  const count = Math.floor((largestCertificate - smallest - 16) / octetsOfOne);
  return issue(issuing, { name, key, uris: Array.from({ length: count }, (_, i) => uri(i)) });
}

/** The trust anchor of a run. */
export function anchorOf({ suite, authority: { certificate } }: Material): TrustAnchor {
  const anchor = parseTrustAnchor(suite, certificate);
  if (!anchor.ok) throw new TypeError(`the authority has no valid certificate: ${anchor.detail ?? anchor.code}`);
  return anchor.value;
}

/** Judges the certificate of the peer as the product does, and compares it with the one that the peer was given. */
export function policyFor(material: Material, shown: Bytes): CertificatePolicy {
  const { algorithms } = material.suite;
  return {
    verify: certificateValidator({ trustAnchors: [anchorOf(material)], time: new Date(), algorithms }),
    accept: ({ certificate }) =>
      same(certificate, shown) ? passed(true) : refused('unexpected-peer', 'not the certificate that it was given'),
  };
}
