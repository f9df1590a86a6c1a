// How a handshake ends for what is wrong with a certificate, and what people are told of it: the one place that knows both.
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

/** The answer of a judge of certificates, as a handshake gives it. */
export const inHandshake = <T>(judged: Checked<T, CertificateCode>): Checked<T> =>
  judged.ok ? judged : refused(failureCodes[judged.code], judged.detail);

/** The meaning of a code, for people. */
export const meaningOf = (code: CertificateCode): string => failureTable[failureCodes[code]].meaning;

/** The meaning of a refusal and its detail, for people. */
export const explained = ({ code, detail }: Refusal<CertificateCode>): string =>
  detail === undefined ? meaningOf(code) : `${meaningOf(code)}: ${detail}`;
