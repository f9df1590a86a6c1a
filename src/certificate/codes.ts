// The codes of certificates, revocation lists and trust, and the errors that carry them.
import { type DerCode, DerError } from '../der/derError.ts';
import { attempt, type Checked } from '../failure.ts';

/** Why a certificate, a revocation list or a trust store is refused. The codes are stable. */
export type CertificateCode =
  /** Not DER, or not in the form of the profile. */
  | 'certificate-malformed'
  /** A key or signature of an algorithm that is not one of the suite. */
  | 'certificate-wrong-algorithm'
  /** The key usage does not fit. */
  | 'certificate-wrong-key-usage'
  /** The encapsulation key fails the modulus check of FIPS 203. */
  | 'invalid-encapsulation-key'
  /** The time is outside of a validity period. */
  | 'certificate-outside-validity'
  /** No trusted authority signed it. */
  | 'certificate-untrusted'
  /** A constraint of an authority on its path forbids it. */
  | 'certificate-constraint'
  /** A revocation list names it. */
  | 'certificate-revoked'
  /** No valid and fresh revocation list tells whether it is revoked. */
  | 'certificate-revocation-unknown';

/** Carries a code out of a reader of certificates. */
class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly code: CertificateCode;

  constructor(code: CertificateCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Throws an error with the code, which `checked` turns into a result. */
export function refuse(code: CertificateCode, detail: string): never {
  throw new CertificateError(code, detail);
}

const codesOfDer: Readonly<Record<DerCode, CertificateCode>> = {
  malformed: 'certificate-malformed',
  'wrong-algorithm': 'certificate-wrong-algorithm',
};

function codeOf(error: unknown): CertificateCode {
  if (error instanceof CertificateError) return error.code;
  return error instanceof DerError ? codesOfDer[error.code] : 'certificate-malformed';
}

/**
 * Runs a reader of a certificate, and turns its errors into results. An error of a library means
 * `certificate-malformed`. Never throws.
 */
export const checked = <T>(read: () => T): Checked<T, CertificateCode> => attempt(read, codeOf);

/** Runs a reader of a revocation list, and turns every error into one code. Never throws. */
export const checkedList = <T>(read: () => T): Checked<T, CertificateCode> =>
  attempt(read, () => 'certificate-revocation-unknown');
