/**
 * What would permit what was refused: an option of the function that threw. A command line says which of its options it
 * is.
 */
export type Remedy =
  /** `force`: the file is replaced. */
  | 'replace-file'
  /** `force`: the file is replaced, and the secret in it is lost. */
  | 'replace-secret'
  /** `force`: the certificate is renewed before it is time. */
  | 'renew-early'
  /** `force`: a serial number of which nothing is known is revoked. */
  | 'revoke-unknown'
  /** `allowedSans`. */
  | 'allow-names'
  /** `allowTaken`. */
  | 'allow-taken'
  /** `as`: a name or a serial number. */
  | 'say-which'
  /** `as`: a serial number. */
  | 'say-serial';

/** Options that no handshake can be made of; thrown before anything is sent. Also files that are not as they must be. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  /** What would permit it, if anything would. */
  readonly remedy: Remedy | undefined;

  constructor(message: string, remedy?: Remedy) {
    super(message);
    this.remedy = remedy;
  }
}
