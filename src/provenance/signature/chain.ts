// Signers by a chain of X.509 certificates whose leaf has the key that signs.
import type { Bytes } from '../../octets.ts';
import type { Judged, Signer, VerifyingKey } from '../contract.ts';
import type { SignatureCode } from './codes.ts';

/** The signer that a chain names, after a path to a trust anchor was found for it. */
export interface ChainSigner {
  readonly key: VerifyingKey;
  readonly name: string;
  readonly certificate: NonNullable<Signer['certificate']>;
}

/** Who is trusted to certify signers. */
export interface SignerAuthorities {
  /** Judges a chain, leaf first, at a time. Never throws. */
  readonly judge: (chain: readonly Bytes[], time: Date) => Judged<ChainSigner, SignatureCode>;
}
