import { ConfigurationError } from '../../configuration.ts';
import type { RefusalCode } from '../../enrolment/enrolment.ts';

/** An enrolment that does not go on, or a certificate that is not issued, with a stable code. */
export class EnrolmentError extends ConfigurationError {
  readonly code: RefusalCode | 'unknown-challenge' | 'name-not-allowed' | 'name-taken' | 'key-compromised';
  /** Of `name-not-allowed`: which names. */
  readonly names: readonly string[];
  constructor(code: EnrolmentError['code'], message: string, names: readonly string[] = []) {
    super(message);
    this.code = code;
    this.names = names;
  }
}
