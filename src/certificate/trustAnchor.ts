// A trust anchor: the self-signed certificate of an authority.

import type { Suite } from '../crypto/suite.ts';
import { malformed } from '../der/derError.ts';
import type { Checked } from '../failure.ts';
import { same } from '../octets.ts';
import { type AuthorityCertificate, isSigned, readAuthority } from './authority.ts';
import { type CertificateCode, checked, refuse } from './codes.ts';
import type { Leniency } from './leniency.ts';

/** An authority that may have issued the certificate of a peer or of an intermediate. */
export type TrustAnchor = AuthorityCertificate;

function read(suite: Suite, der: Uint8Array, lenient: readonly Leniency[]): TrustAnchor {
  const { issuer, serialNumber, names, authorityKeyIdentifier, ...rest } = readAuthority(suite, der, lenient);
  const { toBeSigned, signatureAlgorithm, signature, ...anchor } = rest;
  const { subject, subjectKeyIdentifier, verificationKey } = anchor;
  if (!same(subject.octets, issuer.octets)) malformed('subject and issuer differ: not self-signed');
  if (authorityKeyIdentifier && !(subjectKeyIdentifier && same(authorityKeyIdentifier, subjectKeyIdentifier)))
    malformed('key identifiers of authority and subject differ: not self-signed');
  if (!isSigned(verificationKey, { toBeSigned, signatureAlgorithm, signature }))
    refuse('certificate-untrusted', 'its own signature does not verify');
  return anchor;
}

/**
 * Parses the self-signed certificate of an authority as strictly as that of a peer: key of the suite (ML-DSA-87, RFC
 * 9881), basic constraints critical with cA TRUE, key usage with keyCertSign and only for signatures, and its own
 * signature. `lenient` names what is permitted beyond that. Its validity period is checked later, with the certificates
 * that it issued. Never throws. Codes:
 * `certificate-malformed`, `certificate-wrong-algorithm`, `certificate-wrong-key-usage`, `certificate-constraint`,
 * `certificate-untrusted`.
 */
export function parseTrustAnchor(
  suite: Suite,
  der: Uint8Array,
  lenient: readonly Leniency[] = [],
): Checked<TrustAnchor, CertificateCode> {
  return checked(() => read(suite, der, lenient));
}
