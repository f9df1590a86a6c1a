// What keys under a passphrase need beside the suite: PBKDF2 (RFC 8018) and AES in CBC mode.
import { cbc } from '@noble/ciphers/aes.js';
import { randomBytes } from '@noble/ciphers/utils.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { moved } from './secret.ts';

type Bytes = Uint8Array;

/** The hash of the HMAC of PBKDF2. */
export type PassphraseHash = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** PBKDF2 with HMAC: `octets` of key from a passphrase and a salt. */
export type Derive = (
  hash: PassphraseHash,
  passphrase: Bytes,
  salt: Bytes,
  iterations: number,
  octets: number,
) => Bytes;

/** The primitives of keys under a passphrase. Lengths are in octets. */
export interface PassphrasePrimitives {
  readonly derive: Derive;
  /** AES-CBC with the padding of PKCS#7, under a key (16, 24 or 32) and an initial vector (16). */
  readonly encrypt: (key: Bytes, initialVector: Bytes, plaintext: Bytes) => Bytes;
  /** The plaintext, or `undefined` when the padding is wrong. */
  readonly decrypt: (key: Bytes, initialVector: Bytes, ciphertext: Bytes) => Bytes | undefined;
  readonly randomOctets: (length: number) => Bytes;
}

const hashes = { 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 } as const;

function decrypt(key: Bytes, initialVector: Bytes, ciphertext: Bytes): Bytes | undefined {
  try {
    return cbc(key, initialVector).decrypt(ciphertext);
  } catch {
    return undefined;
  }
}

/** The primitives in JavaScript, with PBKDF2 of the platform when one is given, which is many times faster. */
export const passphrasePrimitives = (derive?: Derive): PassphrasePrimitives => ({
  derive: derive ?? ((hash, passphrase, salt, c, dkLen) => moved(pbkdf2(hashes[hash], passphrase, salt, { c, dkLen }))),
  encrypt: (key, initialVector, plaintext) => cbc(key, initialVector).encrypt(plaintext),
  decrypt,
  randomOctets: (length) => randomBytes(length),
});
