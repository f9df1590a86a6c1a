/** Octets are not the DER that is awaited, or they name another algorithm than those awaited. */
export type DerCode = 'malformed' | 'wrong-algorithm';

/** Leaves the reading of DER. */
export class DerError extends Error {
  override readonly name = 'DerError';
  readonly code: DerCode;

  constructor(code: DerCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Leaves the reading of octets that are not what they should be in DER. @throws DerError */
export function malformed(detail: string): never {
  throw new DerError('malformed', detail);
}
