// The failures of a handshake that are due to a certificate, and their texts for people. No other module maps these
// codes.
import type { CertificateCode } from '../certificate/codes.ts';
import { type Checked, type FailureCode, type Refusal, refused } from '../failure.ts';
import { failureTable } from '../generated/failures.ts';

const failureCodes: Readonly<Record<CertificateCode, FailureCode>> = {
  'certificate-malformed': 'certificate-malformed',
  'certificate-wrong-algorithm': 'certificate-wrong-algorithm',
  'certificate-wrong-key-usage': 'certificate-wrong-key-usage',
  'invalid-encapsulation-key': 'invalid-encapsulation-key',
  'certificate-outside-validity': 'certificate-outside-validity',
  'certificate-untrusted': 'certificate-untrusted',
  'certificate-constraint': 'certificate-constraint',
  'certificate-revoked': 'certificate-revoked',
  'certificate-revocation-unknown': 'certificate-revocation-unknown',
};

/** Turns the result of a check of certificates into one of the handshake. */
export const inHandshake = <T>(judged: Checked<T, CertificateCode>): Checked<T> =>
  judged.ok ? judged : refused(failureCodes[judged.code], judged.detail);

/** The meaning of a code, for people. */
export const meaningOf = (code: CertificateCode): string => failureTable[failureCodes[code]].meaning;

/** The meaning and the detail of a refusal, for people. */
export const explained = ({ code, detail }: Refusal<CertificateCode>): string =>
  detail === undefined ? meaningOf(code) : `${meaningOf(code)}: ${detail}`;
