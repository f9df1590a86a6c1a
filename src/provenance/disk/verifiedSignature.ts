// What is known of a signature that was verified.
import type { Bytes } from '../../octets.ts';
import type { Signer } from '../contract.ts';

/** A signature that was verified. */
export interface VerifiedSignature {
  readonly file: string;
  readonly signer: Signer;
  readonly signature: Bytes;
  /** RFC 3161 tokens over the signature, DER; not judged here. */
  readonly timestamps: readonly Bytes[];
}
