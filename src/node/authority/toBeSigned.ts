// The certificate that an authority will sign, as it is shown to the person who decides.

import type { TrustAnchor } from '../../certificate/trustAnchor.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { Request } from '../../enrolment/files.ts';
import { fromHex } from '../../octets.ts';
import type { IssuingPeriod } from './authority.ts';
import { type IssuedCertificate, sha256, subjectKeyOf, timeText } from './database.ts';

/** The contents of a certificate to be signed. Times are ISO 8601 to the second, digests are hexadecimal digits. */
export interface ToBeSigned {
  /** RFC 4514. */
  readonly subject: string;
  /** Every alternative name. */
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly publicKey: { readonly algorithm: string; readonly sha256: string };
  /** Of a request: its digest, which the holder sees as well. */
  readonly requestDigest?: string;
  readonly issuer: string;
  /** Absent until it is chosen. */
  readonly serialNumber?: string;
  /** Of a challenged request: the period of a certificate that would be issued now. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** The end that was asked for, when `notAfter` is that of the authority, which is earlier. */
  readonly shortenedFrom?: string;
}

/** Called with the certificate before it is signed; throws to prevent that. */
export type Show = (what: ToBeSigned) => void;

const shortened = (from: Date | undefined): Pick<ToBeSigned, 'shortenedFrom'> =>
  from === undefined ? {} : { shortenedFrom: timeText(from) };

/** The contents of a request. Its name has no characters that RFC 4514 escapes. */
export const askedFor = (
  suite: Suite,
  { subject }: TrustAnchor,
  { name, uris, encapsulationKey, digest }: Request,
  { notBefore, notAfter, shortenedFrom }: IssuingPeriod,
): ToBeSigned => ({
  subject: `CN=${name}`,
  uris,
  dnsNames: [],
  publicKey: { algorithm: suite.algorithms.kem.name, sha256: sha256(fromHex(encapsulationKey)) },
  requestDigest: digest,
  issuer: subject.text,
  notBefore: timeText(notBefore),
  notAfter: timeText(notAfter),
  ...shortened(shortenedFrom),
});

/** The contents of a certificate that was made and is not written yet. */
export const saidBy = (suite: Suite, certificate: IssuedCertificate, { shortenedFrom }: IssuingPeriod): ToBeSigned => ({
  subject: certificate.subject,
  uris: certificate.uris,
  dnsNames: certificate.dnsNames,
  publicKey: {
    algorithm: 'keyAlgorithm' in certificate ? certificate.keyAlgorithm : suite.algorithms.kem.name,
    sha256: sha256(subjectKeyOf(certificate)),
  },
  issuer: certificate.issuer.text,
  serialNumber: certificate.serialNumber,
  notBefore: timeText(certificate.notBefore),
  notAfter: timeText(certificate.notAfter),
  ...shortened(shortenedFrom),
});
