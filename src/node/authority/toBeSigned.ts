// What an authority is about to sign, for who decides on it.
import type { ParsedCertificate } from '../../certificate/parse.ts';
import type { TrustAnchor } from '../../certificate/trustAnchor.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { Request } from '../../enrolment/files.ts';
import { octetsOfHex } from '../../enrolment/files.ts';
import { sha256, timeText } from './database.ts';

/** What a certificate will say. Times are ISO 8601 to the second, digests are hexadecimal digits. */
export interface ToBeSigned {
  /** RFC 4514. */
  readonly subject: string;
  /** Every alternative name. */
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly publicKey: { readonly algorithm: string; readonly sha256: string };
  /** Of a request: the digest that its holder sees too. */
  readonly requestDigest?: string;
  readonly issuer: string;
  /** Absent before it is chosen. */
  readonly serialNumber?: string;
  /** Of a request that is challenged: the period if it were issued now. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/** Told what is to be signed, before it is; throws to prevent it. */
export type Show = (what: ToBeSigned) => void;

interface Period {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What a request asks for; its name has no character that RFC 4514 escapes. */
export const askedFor = (
  suite: Suite,
  { subject }: TrustAnchor,
  { name, uris, encapsulationKey, digest }: Request,
  { notBefore, notAfter }: Period,
): ToBeSigned => ({
  subject: `CN=${name}`,
  uris,
  dnsNames: [],
  publicKey: { algorithm: suite.algorithms.kem.name, sha256: sha256(octetsOfHex(encapsulationKey)) },
  requestDigest: digest,
  issuer: subject.text,
  notBefore: timeText(notBefore),
  notAfter: timeText(notAfter),
});

/** What a certificate says that was made and not written yet. */
export const saidBy = (suite: Suite, certificate: ParsedCertificate): ToBeSigned => ({
  subject: certificate.subject,
  uris: certificate.uris,
  dnsNames: certificate.dnsNames,
  publicKey: { algorithm: suite.algorithms.kem.name, sha256: sha256(certificate.encapsulationKey) },
  issuer: certificate.issuer.text,
  serialNumber: certificate.serialNumber,
  notBefore: timeText(certificate.notBefore),
  notAfter: timeText(certificate.notAfter),
});
