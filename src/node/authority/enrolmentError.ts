import { ConfigurationError, type Remedy } from '../../configuration.ts';
import type { RefusalCode } from '../../enrolment/enrolment.ts';

/** A refused enrolment or a certificate that was not issued, with a stable code. */
export class EnrolmentError extends ConfigurationError {
  readonly code: RefusalCode | 'unknown-challenge' | 'name-not-allowed' | 'name-taken' | 'key-compromised';
  /** The names that are not allowed, with the code `name-not-allowed`. */
  readonly names: readonly string[];
  constructor(code: EnrolmentError['code'], message: string, names: readonly string[] = [], remedy?: Remedy) {
    super(message, remedy);
    this.code = code;
    this.names = names;
  }
}
