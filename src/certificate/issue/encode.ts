// DER for issuing: structures of the library, with the signature of the suite (RFC 5280, RFC 9881).

import { AsnSerializer, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  Extension,
  id_ce_authorityKeyIdentifier,
  KeyIdentifier,
  Name,
  RelativeDistinguishedName,
} from '@peculiar/asn1-x509';
import type { Suite } from '../../crypto/suite.ts';
import { type Checked, reasonOf } from '../../failure.ts';
import { type Bytes, same } from '../../octets.ts';
import { type AuthorityCertificate, parseAuthority, parseIntermediate } from '../authority.ts';
import type { CertificateCode } from '../codes.ts';
import { parseTrustAnchor } from '../trustAnchor.ts';

const keyIdentifierOctets = 20;

/** Copies octets into the type of the library. */
export const buffer = (octets: Bytes): ArrayBuffer => Uint8Array.from(octets).buffer;

/** An algorithm without parameters. */
export const algorithmIdentifier = (algorithm: string): AlgorithmIdentifier => new AlgorithmIdentifier({ algorithm });

const relativeName = (type: string, utf8String: string): RelativeDistinguishedName =>
  new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String }) })]);

/** `O=...,CN=...`, each a UTF8String; what is not given is left out. */
export function nameOf({ organization, commonName }: { organization?: string | undefined; commonName?: string }): Name {
  return new Name([
    ...(organization === undefined ? [] : [relativeName('2.5.4.10', organization)]),
    ...(commonName === undefined ? [] : [relativeName('2.5.4.3', commonName)]),
  ]);
}

/** An extension whose value the library encodes. */
export function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnSerializer.serialize(value)) });
}

/** The leftmost 160 bits (20 octets) of the hash of the key (RFC 7093, section 2, method 3: SHA-384). */
export const keyIdentifier = (suite: Suite, publicKey: Bytes): Bytes =>
  suite.hash(publicKey).slice(0, keyIdentifierOctets);

/** The contents of a non-negative INTEGER, in as few octets as possible. */
export function unsignedContents(octets: Bytes): Bytes {
  const start = octets.findIndex((octet) => octet !== 0);
  if (start < 0) return Uint8Array.of(0);
  const head = octets[start] ?? 0;
  return Uint8Array.from([...(head < 0x80 ? [] : [0]), ...octets.subarray(start)]);
}

/** The contents of a positive serial number. @throws RangeError */
export function serialNumberContents(octets: Bytes): ArrayBuffer {
  if (octets.every((octet) => octet === 0)) throw new RangeError('serial number: not positive');
  return buffer(unsignedContents(octets));
}

/**
 * Returns the parsed certificate or list that was issued; parsing finds what the profile refuses. @throws RangeError
 */
export function required<T>(issued: Checked<T, CertificateCode>): T {
  if (issued.ok) return issued.value;
  throw new RangeError(`nothing like that can be issued: ${reasonOf(issued)}`);
}

/** An issuing authority: trust anchor or intermediate (DER), and its own seed (32 octets). */
export interface Issuer {
  readonly issuer: Uint8Array;
  readonly issuerSeed: Uint8Array;
  /** Whether what is signed may outlive the issuer: for certificates that test a validator. */
  readonly mayOutlive?: boolean | undefined;
}

/** The certificate of the issuing authority. @throws RangeError when it is malformed, or the seed is not its own */
export function issuerOf(suite: Suite, { issuer, issuerSeed }: Issuer): AuthorityCertificate {
  const either = required(parseAuthority(suite, issuer));
  const selfIssued = same(either.subject.octets, either.issuer.octets);
  const authority = required<AuthorityCertificate>((selfIssued ? parseTrustAnchor : parseIntermediate)(suite, issuer));
  const { verificationKey } = authority;
  if (!suite.equal(suite.signaturePublicKey(issuerSeed, verificationKey.algorithm), verificationKey.octets)) {
    throw new RangeError('the seed is not that of the issuer');
  }
  return authority;
}

/** Refuses what would be valid for longer than its issuer. @throws RangeError that says both times */
export function requireWithin(
  { subject, notAfter }: AuthorityCertificate,
  end: Date,
  { mayOutlive = false }: Issuer,
): void {
  if (mayOutlive || end.getTime() <= notAfter.getTime()) return;
  const [until, issuerUntil] = [end, notAfter].map((time) => time.toISOString().replace('.000Z', 'Z'));
  throw new RangeError(
    `until ${until}: the issuer ${subject.text} is valid until ${issuerUntil}, and issues nothing beyond`,
  );
}

/** Authority key identifier: the subject key identifier of the issuer, or, without one, that of its key. */
export function authorityExtension(
  suite: Suite,
  { subjectKeyIdentifier, verificationKey }: Pick<AuthorityCertificate, 'subjectKeyIdentifier' | 'verificationKey'>,
): Extension {
  const identifier = subjectKeyIdentifier ?? keyIdentifier(suite, verificationKey.octets);
  return extension(
    id_ce_authorityKeyIdentifier,
    new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(identifier) }),
  );
}

/** Seconds since 1970 without fractions, as X.509 states times. */
export const wholeSecond = (time: Date): number => Math.floor(time.getTime() / 1000);
