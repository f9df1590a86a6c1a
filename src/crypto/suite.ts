import type { Ciphertext, EncapsulationKey, SharedSecret } from '../generated/kinds.ts';
import type { SignatureAlgorithm, SuiteAlgorithms } from '../generated/suites.ts';
import type { Bytes } from '../octets.ts';

/** A back end. */
export type SuiteName = 'noble' | 'native';

/**
 * An ML-KEM decapsulation key as a capability: the key itself stays behind `decapsulate`, so that a back end may keep
 * it expanded, as a handle of the platform, or in a device.
 */
export interface KemKey {
  /** `pk`, 1568 octets in the mandatory suite. */
  readonly encapsulationKey: EncapsulationKey<Bytes>;
  /** ML-KEM.Decaps (FIPS 203, algorithm 21): implicit rejection, never fails on octets of the right length. */
  readonly decapsulate: (ciphertext: Bytes) => SharedSecret<Bytes>;
  /**
   * As `decapsulate`, of one ciphertext that is the same in every handshake: the answer is kept with the key, and wiped with it.
   * Answers a copy, the caller's to wipe. Absent where nothing can be kept.
   * @throws TypeError after the key was wiped
   */
  readonly decapsulateKept?: (ciphertext: Bytes) => SharedSecret<Bytes>;
  /** Forgets the key; it cannot be used afterwards. */
  readonly wipe: () => void;
  /**
   * What `adoptKemKey` makes the same key of in another thread. Absent where the key cannot leave, as in a device.
   * @throws TypeError after the key was wiped
   */
  readonly share?: () => SharedKemKey;
}

/** A decapsulation key on its way to another thread: octets, a copy that whoever gets them wipes, or a handle of the platform. */
export type SharedKemKey = { readonly octets: Bytes } | { readonly handle: unknown };

/** A verification key, prepared once for many signatures, with the empty context (PQ-P-58). */
export interface VerificationKey {
  readonly algorithm: SignatureAlgorithm;
  /** `pk`: for ML-DSA-87 2592 octets. */
  readonly octets: Bytes;
  /** ML-DSA.Verify (FIPS 204, algorithm 3), slh_verify (FIPS 205, algorithm 24), with empty context. A wrong length does not verify. */
  readonly verify: (message: Bytes, signature: Bytes) => boolean;
}

/**
 * The primitives of a suite (section 1.2, PQ-1.2-01 to PQ-1.2-06), one implementation each back end. All synchronous and free of
 * protocol. Lengths are in octets; an argument of a wrong length is a `RangeError`, save where a result says otherwise.
 */
export interface Suite {
  readonly name: SuiteName;
  /** Which KEM and which signatures these are; signatures take the first one unless told. */
  readonly algorithms: SuiteAlgorithms;
  /** ML-KEM.KeyGen: from a seed `d || z` (64), or from the generator of the back end. */
  readonly generateKemKey: (seed?: Bytes) => KemKey;
  /** Whether `encapsulate` with coins that are given costs what it costs with the back end's own. */
  readonly takesCoins: boolean;
  /** From the expanded decapsulation key (3168 in the mandatory suite, FIPS 203 `dk`); `undefined` when its hash check (section 7.3) fails. */
  readonly importExpandedKemKey: (expanded: Bytes) => KemKey | undefined;
  /** The key that another thread shares; its octets are used up. `undefined` when it is of another back end. */
  readonly adoptKemKey: (shared: SharedKemKey, encapsulationKey: Bytes) => KemKey | undefined;
  /**
   * ML-KEM.Encaps with the coins `m` (32), or those of the back end's generator; `undefined` when the encapsulation key
   * fails the type or modulus check (FIPS 203, section 7.2).
   */
  readonly encapsulate: (
    encapsulationKey: Bytes,
    coins?: Bytes,
  ) => { readonly ciphertext: Ciphertext<Bytes>; readonly sharedSecret: SharedSecret<Bytes> } | undefined;
  /** A new signing secret: the seed of an ML-DSA key (32), or an SLH-DSA private key (128). */
  readonly generateSignatureSeed: (algorithm?: SignatureAlgorithm) => Bytes;
  /** The verification key of a signing secret: for ML-DSA-87 from 32 to 2592. */
  readonly signaturePublicKey: (seed: Bytes, algorithm?: SignatureAlgorithm) => Bytes;
  /** Signs, hedged, with empty context: for ML-DSA-87 from a seed (32) to a signature (4627). */
  readonly sign: (seed: Bytes, message: Bytes, algorithm?: SignatureAlgorithm) => Bytes;
  /** Prepares a verification key: for ML-DSA-87 2592. */
  readonly verificationKey: (publicKey: Bytes, algorithm?: SignatureAlgorithm) => VerificationKey;
  /** SHA-384 (FIPS 180-4) of the concatenation of the parts. */
  readonly hash: (...parts: readonly Bytes[]) => Bytes;
  /** HMAC-SHA-384 (RFC 2104). */
  readonly mac: (key: Bytes, message: Bytes) => Bytes;
  /** HKDF-Extract with SHA-384 (RFC 5869, section 2.2). */
  readonly extract: (salt: Bytes, ikm: Bytes) => Bytes;
  /** HKDF-Expand with SHA-384 (RFC 5869, section 2.3): a whole number of octets from 0 to 12,240. */
  readonly expand: (prk: Bytes, info: Bytes, length: number) => Bytes;
  /** AES-256-GCM: ciphertext and tag (16) under a key (32) and an initial vector (12). */
  readonly seal: (key: Bytes, initialVector: Bytes, associatedData: Bytes, plaintext: Bytes) => Bytes;
  /**
   * AES-256-GCM in place: the octets of `whole` from `start` up to its last 16 become ciphertext, those 16 the tag. The octets in front of
   * `start` are the associated data.
   */
  readonly sealInPlace: (key: Bytes, initialVector: Bytes, whole: Bytes, start: number) => void;
  /** The plaintext, or `undefined` when the tag is wrong. */
  readonly open: (key: Bytes, initialVector: Bytes, associatedData: Bytes, sealed: Bytes) => Bytes | undefined;
  /** Compares in time that depends on the lengths only. */
  readonly equal: (left: Bytes, right: Bytes) => boolean;
  /** Octets of the generator of the platform, at most 2^31 - 1. */
  readonly randomOctets: (length: number) => Bytes;
}
