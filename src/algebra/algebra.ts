import type { Checked } from '../failure.ts';
import type {
  Certificate,
  Ciphertext,
  Confirmation,
  EncapsulationKey,
  HidingKey,
  InitialVector,
  Kind,
  SealedCertificate,
  SharedSecret,
} from '../generated/kinds.ts';
import type { MessageName } from '../generated/messages.ts';
import type { Derivation } from './derivation.ts';

/** Randomness that an operation consumes: given, so that the same inputs give the same octets. */
export type Coins<O> = Kind<O, 'Coins'>;

/** Randomness given, or drawn by the algebra's own generator inside the operation (PQ-P-28, PQ-P-51). */
export type CoinsOrOwn<O> = Coins<O> | 'own';

/** A decapsulation key of the KEM, as a capability: the key itself stays inside. */
export interface DecapsulationKey<O> {
  readonly encapsulationKey: EncapsulationKey<O>;
  readonly decapsulate: (ciphertext: Ciphertext<O>) => SharedSecret<O>;
  readonly wipe: () => void;
}

/** A certificate that passed every check but those of identity. */
export interface VerifiedCertificate<O> {
  readonly certificate: Certificate<O>;
  /** `pk_i`, `pk_r`: the subject's key. */
  readonly encapsulationKey: EncapsulationKey<O>;
}

/** The sealing of certificates (section 4.3). */
export interface Sealing<O> {
  /**
   * The 4 header octets of the message `type` that carries `certificate` sealed, or that carried `sealedCertificate`; or whose
   * data have the length of `data`.
   */
  header(
    input:
      | { readonly type: MessageName; readonly certificate: Certificate<O> }
      | { readonly type: MessageName; readonly sealedCertificate: SealedCertificate<O> }
      | { readonly type: MessageName; readonly data: O },
  ): O;

  /** `Enc(k_hid, cert)`: AES-256-GCM, ciphertext and tag. */
  seal(input: {
    readonly hidingKey: HidingKey<O>;
    readonly initialVector: InitialVector<O>;
    readonly associatedData: O;
    readonly certificate: Certificate<O>;
  }): SealedCertificate<O>;

  /** `Dec(k_hid, e_cert)`. Guard: the tag. */
  open(input: {
    readonly hidingKey: HidingKey<O>;
    readonly initialVector: InitialVector<O>;
    readonly associatedData: O;
    readonly sealedCertificate: SealedCertificate<O>;
  }): Checked<Certificate<O>>;
}

/** How `ct_i` and `ct_r` travel in messages 5 and 6 (section 4.5): in the draft as they are, under a proposal sealed. */
export interface Conveyance<O> {
  /** What travels of `ct_i` or `ct_r` in the message `type`. */
  conveyCiphertext(input: {
    readonly type: MessageName;
    readonly hidingKey: HidingKey<O>;
    readonly ciphertext: Ciphertext<O>;
  }): Ciphertext<O>;

  /** `ct_i` or `ct_r`, of what travelled in the message `type`. Guard, where it is sealed: the tag. */
  receiveCiphertext(input: {
    readonly type: MessageName;
    readonly hidingKey: HidingKey<O>;
    readonly ciphertext: Ciphertext<O>;
  }): Checked<Ciphertext<O>>;
}

/**
 * The operations that the state machines of `src/protocol` ask of cryptography. The machines are written once against this
 * interface and run on octets (`bytes`) or on anything else that answers it. Arguments are named, so that they cannot be
 * swapped. Every guard answers `Checked`: the protocol goes on with the value or aborts with the code, and does nothing else.
 */
export interface Algebra<O> extends Derivation<O>, Sealing<O>, Conveyance<O> {
  /** `(sk, pk) = KEM.keygen()` (FIPS 203, algorithm 19); coins 64. */
  generateKeyPair(input: { readonly coins: CoinsOrOwn<O> }): DecapsulationKey<O>;

  /** `(ct, ss) = KEM.encap(pk)` (algorithm 20); coins 32. Guard: the modulus check (PQ-P-26, PQ-P-27). */
  encapsulate(input: {
    readonly encapsulationKey: EncapsulationKey<O>;
    readonly coins: CoinsOrOwn<O>;
  }): Checked<{ readonly ciphertext: Ciphertext<O>; readonly sharedSecret: SharedSecret<O> }>;

  /**
   * `ss = KEM.decap(ct, sk)` (algorithm 21). Never fails: implicit rejection (PQ-1.1-04, PQ-3-09, PQ-3-13, PQ-3.2-11,
   * PQ-3.2-12, PQ-P-29).
   */
  decapsulate(input: {
    readonly decapsulationKey: DecapsulationKey<O>;
    readonly ciphertext: Ciphertext<O>;
  }): SharedSecret<O>;

  /** A fresh initial vector from coins (12). */
  initialVector(input: { readonly coins: CoinsOrOwn<O> }): InitialVector<O>;

  /** Guard: profile, validity period and signature under a trust anchor (PQ-3.2-06, PQ-P-16, PQ-P-17). Judges no identity. */
  verifyCertificate(input: { readonly certificate: Certificate<O> }): Checked<VerifiedCertificate<O>>;

  /** Guard: the confirmation value received is the expected one, compared in constant time (PQ-P-37, PQ-P-38). */
  confirm(input: { readonly expected: Confirmation<O>; readonly received: Confirmation<O> }): Checked<true>;

  /** Guard: the peer is the one that the local policy expects, and not oneself (PQ-P-05, PQ-P-07). */
  acceptPeer(input: { readonly own: Certificate<O>; readonly peer: VerifiedCertificate<O> }): Checked<true>;
}

/** The parts of a message, where it has more of them than in the draft: what the proposals ask for (spec/proposals.md), and no machine does. */
export interface Framing<O> {
  /** Octets that travel together. Unlike a concatenation in a derivation they are public, and are kept. */
  join(input: { readonly first: O; readonly rest: O }): O;

  /** The first octets of a string, and the rest; where there are fewer, all of them and none. */
  split(input: { readonly octets: O; readonly first: number }): readonly [O, O];

  /** What was padded. Guard: `padded` is what `pad` makes of it. */
  unpad(input: { readonly padded: O; readonly multiple: number }): Checked<O>;

  /** Guard: the commitment received is the expected one, compared in constant time. */
  commits(input: { readonly expected: O; readonly received: O }): Checked<true>;

  /** The certificate that follows the octet 0, or whose SHA-384 follows the octet 1. Guard: it is one of both, and the certificate is held. */
  certificateIn(input: { readonly framed: O }): Checked<Certificate<O>>;
}

/** What the proposals are written on. */
export interface FramedAlgebra<O> extends Algebra<O>, Framing<O> {}
