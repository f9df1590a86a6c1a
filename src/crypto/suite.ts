import type {
  Ciphertext,
  Confirmation,
  EncapsulationKey,
  SealedCertificate,
  SharedSecret,
} from '../generated/kinds.ts';

type Bytes = Uint8Array;

/** A back end of the mandatory suite (section 1.2). */
export type SuiteName = 'noble' | 'native';

/**
 * An ML-KEM-1024 decapsulation key as a capability: what it holds stays behind `decapsulate`, so that a back end may keep
 * it expanded, as a handle of the platform, or in a device.
 */
export interface KemKey {
  /** `pk`, 1568 octets. */
  readonly encapsulationKey: EncapsulationKey<Bytes>;
  /** ML-KEM.Decaps (FIPS 203, algorithm 21): implicit rejection, never fails on 1568 octets. */
  readonly decapsulate: (ciphertext: Bytes) => SharedSecret<Bytes>;
  /** Forgets the key; it cannot be used afterwards. */
  readonly wipe: () => void;
}

/** An ML-DSA-87 verification key, prepared once for many signatures. */
export interface VerificationKey {
  /** `pk`, 2592 octets. */
  readonly octets: Bytes;
  /** ML-DSA.Verify (FIPS 204, algorithm 3) with empty context. A signature of a wrong length does not verify. */
  readonly verify: (message: Bytes, signature: Bytes) => boolean;
}

/**
 * The primitives of the mandatory suite (section 1.2), one implementation each back end. All synchronous and free of
 * protocol. Lengths are in octets; an argument of a wrong length is a `RangeError`, save where a result says otherwise.
 */
export interface Suite {
  readonly name: SuiteName;
  /** ML-KEM.KeyGen: from a seed `d || z` (64), or from the generator of the back end. */
  readonly generateKemKey: (seed?: Bytes) => KemKey;
  /** From the expanded decapsulation key (3168, FIPS 203 `dk`); `undefined` when its hash check (section 7.3) fails. */
  readonly importExpandedKemKey: (expanded: Bytes) => KemKey | undefined;
  /**
   * ML-KEM.Encaps with the coins `m` (32), or those of the back end's generator; `undefined` when the encapsulation key
   * fails the type or modulus check (FIPS 203, section 7.2).
   */
  readonly encapsulate: (
    encapsulationKey: Bytes,
    coins?: Bytes,
  ) => { readonly ciphertext: Ciphertext<Bytes>; readonly sharedSecret: SharedSecret<Bytes> } | undefined;
  /** ML-DSA-87 key from a seed (32): the verification key, 2592. */
  readonly signaturePublicKey: (seed: Bytes) => Bytes;
  /** ML-DSA.Sign, hedged, empty context: from a seed (32) to a signature (4627). */
  readonly sign: (seed: Bytes, message: Bytes) => Bytes;
  /** Prepares a verification key (2592). */
  readonly verificationKey: (publicKey: Bytes) => VerificationKey;
  /** SHA-384 (FIPS 180-4) of the concatenation of the parts. */
  readonly hash: (...parts: readonly Bytes[]) => Bytes;
  /** HMAC-SHA-384 (RFC 2104). */
  readonly mac: (key: Bytes, message: Bytes) => Confirmation<Bytes>;
  /** HKDF-Extract with SHA-384 (RFC 5869, section 2.2). */
  readonly extract: (salt: Bytes, ikm: Bytes) => Bytes;
  /** HKDF-Expand with SHA-384 (RFC 5869, section 2.3), at most 12,240 octets. */
  readonly expand: (prk: Bytes, info: Bytes, length: number) => Bytes;
  /** AES-256-GCM: ciphertext and tag (16) under a key (32) and an initial vector (12). */
  readonly seal: (
    key: Bytes,
    initialVector: Bytes,
    associatedData: Bytes,
    plaintext: Bytes,
  ) => SealedCertificate<Bytes>;
  /** The plaintext, or `undefined` when the tag is wrong. */
  readonly open: (key: Bytes, initialVector: Bytes, associatedData: Bytes, sealed: Bytes) => Bytes | undefined;
  /** Compares in time that depends on the lengths only. */
  readonly equal: (left: Bytes, right: Bytes) => boolean;
  /** Octets of the generator of the platform. */
  readonly randomOctets: (length: number) => Bytes;
}
