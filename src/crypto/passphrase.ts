// The primitives that keys under a passphrase need beside the suite: PBKDF2 (RFC 8018), AES in CBC mode, and HMAC.

import { cbc } from '@noble/ciphers/aes.js';
import { randomBytes } from '@noble/ciphers/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { type Bytes, equalInConstantTime } from '../octets.ts';
import { moved, wipe } from './secret.ts';

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
  /** HMAC-SHA-512 under a key (32): 64 octets. */
  readonly authenticate: (key: Bytes, octets: Bytes) => Bytes;
  /** In constant time for octets of one length. */
  readonly equal: (left: Bytes, right: Bytes) => boolean;
  readonly randomOctets: (length: number) => Bytes;
}

const hashes = { 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 } as const;

const blockOctets = 16;

/** Looks at all octets that may be padding, whatever they are. */
function decrypt(key: Bytes, initialVector: Bytes, ciphertext: Bytes): Bytes | undefined {
  if (ciphertext.length === 0 || ciphertext.length % blockOctets !== 0) return undefined;
  const padded = cbc(key, initialVector, { disablePadding: true }).decrypt(ciphertext);
  const padding = padded.at(-1) ?? 0;
  let wrong = Number(padding < 1 || padding > blockOctets);
  for (let i = 1; i <= blockOctets; i += 1) wrong |= Number(i <= padding) * ((padded.at(-i) ?? 0) ^ padding);
  const plaintext = wrong === 0 ? padded.slice(0, -padding) : undefined;
  wipe(padded);
  return plaintext;
}

/** The primitives in JavaScript, with PBKDF2 of the platform when one is given, which is many times faster. */
export const passphrasePrimitives = (derive?: Derive): PassphrasePrimitives => ({
  derive: derive ?? ((hash, passphrase, salt, c, dkLen) => moved(pbkdf2(hashes[hash], passphrase, salt, { c, dkLen }))),
  encrypt: (key, initialVector, plaintext) => cbc(key, initialVector).encrypt(plaintext),
  decrypt,
  authenticate: (key, octets) => hmac(sha512, key, octets),
  equal: equalInConstantTime,
  randomOctets: (length) => randomBytes(length),
});
