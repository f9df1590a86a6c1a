import { ConfigurationError } from '../../configuration.ts';
import type { RefusalCode } from '../../enrolment/enrolment.ts';

/** An enrolment that was refused, or a certificate that was not issued, with a stable code. */
export class EnrolmentError extends ConfigurationError {
  readonly code: RefusalCode | 'unknown-challenge' | 'name-not-allowed' | 'name-taken' | 'key-compromised';
  /** With `name-not-allowed`: those names. */
  readonly names: readonly string[];
  constructor(code: EnrolmentError['code'], message: string, names: readonly string[] = []) {
    super(message);
    this.code = code;
    this.names = names;
  }
}
