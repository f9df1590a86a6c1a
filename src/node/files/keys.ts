// Private keys in files, encrypted or not.

import { pbkdf2Sync } from 'node:crypto';
import { ConfigurationError } from '../../configuration.ts';
import { type Derive, passphrasePrimitives } from '../../crypto/passphrase.ts';
import { moved, wipe } from '../../crypto/secret.ts';
import type { KemKey, Suite } from '../../crypto/suite.ts';
import { reasonOf } from '../../failure.ts';
import type { SignatureAlgorithm } from '../../generated/suites.ts';
import {
  decodeEncryptedKey,
  type EncryptedKey,
  notOpened,
  openKey,
  passphraseIterations,
  protectKey,
} from '../../keys/encryptedKey.ts';
import { decodePem, encodePem } from '../../keys/pem.ts';
import { decodeKemPrivateKey, decodeSignaturePrivateKey } from '../../keys/privateKey.ts';
import type { Bytes } from '../../octets.ts';
import { refuseFile } from './fileErrors.ts';

/** The means to open encrypted keys. */
export interface KeyAccess {
  /** The passphrase, or that of each file. */
  readonly passphrase?: string | ((file: string) => string | undefined) | undefined;
  /** Called for a file without an authenticator, or with a passphrase that can be guessed too fast. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** Thrown when a passphrase is missing or wrong. */
export class PassphraseError extends ConfigurationError {
  readonly code: 'passphrase-required' | 'passphrase-wrong';
  /** The file that the passphrase is for. */
  readonly file: string;

  constructor(code: PassphraseError['code'], file: string, reason: string) {
    super(`${file}: ${reason}`);
    this.code = code;
    this.file = file;
  }
}

/** PBKDF2 by Node. */
export const derive: Derive = (hash, passphrase, salt, iterations, octets) =>
  moved(pbkdf2Sync(passphrase, salt, iterations, octets, hash.replace('-', '').toLowerCase()));

const primitives = passphrasePrimitives(derive);
const labels = {
  plain: 'PRIVATE KEY',
  encrypted: 'ENCRYPTED PRIVATE KEY',
  authenticator: 'PQUAKE KEY AUTHENTICATOR',
} as const;

/** The passphrase of a file, if there is one. */
export const passphraseOf = (file: string, { passphrase }: KeyAccess = {}): string | undefined =>
  typeof passphrase === 'function' ? passphrase(file) : passphrase;

/** Whether the text of a key file holds an encrypted key. */
export const isEncrypted = (text: string): boolean => /^\uFEFF?-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text);

/** Splits a text into the key and its authenticator, which begins on a line of its own after the key. */
function parts(text: string): readonly [key: string, authenticator: string | undefined] {
  const at = text.search(/^-----BEGIN PQUAKE KEY AUTHENTICATOR-----/m);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at)];
}

/** The encrypted parts of a key and its encryption; `undefined` for a plain key. @throws ConfigurationError */
export function encryptedKeyOf(file: string, text: string): EncryptedKey | undefined {
  const derOf = (part: string, label: string): Bytes => {
    const pem = decodePem(part, label);
    return pem.ok ? pem.value : refuseFile(file, reasonOf(pem));
  };
  const [key, authenticator] = parts(text);
  if (!isEncrypted(key))
    return authenticator === undefined
      ? undefined
      : refuseFile(file, 'expected an encrypted key before its authenticator, found none');
  const der = derOf(key, labels.encrypted);
  const beside = authenticator === undefined ? undefined : derOf(authenticator, labels.authenticator);
  const encrypted = decodeEncryptedKey(der, beside);
  return encrypted.ok ? encrypted.value : refuseFile(file, reasonOf(encrypted));
}

/** PKCS#8 from a file, before it is judged. */
export interface PrivateKeyFile {
  readonly der: Bytes;
  /** Whether somebody without the passphrase, who can change the file, may have altered these octets. */
  readonly isMalleable: boolean;
  /**
   * Refuses the octets. When they are malleable, it hides the reason: PassphraseError with one fixed sentence, at a
   * time that does not depend on the reason. Otherwise ConfigurationError with the reason.
   */
  readonly refuse: (reason: string) => never;
}

/**
 * A refusal is told at a multiple of this time after the decryption, in milliseconds. To judge a key always takes less.
 */
const refusalSteps = 500;

function waitUntil(time: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (performance.now() < time) Atomics.wait(never, 0, 0, time - performance.now());
}

/** Throws the same sentence for every reason. @throws PassphraseError */
function refuseSecret(file: string, since: number): never {
  waitUntil(since + refusalSteps * Math.ceil((performance.now() - since) / refusalSteps));
  throw new PassphraseError('passphrase-wrong', file, notOpened);
}

function warnOf(file: string, { encryption }: EncryptedKey, { warn }: KeyAccess = {}): void {
  const { authenticated, iterations } = encryption;
  if (authenticated) return;
  const guessed =
    iterations < passphraseIterations.weak ? `; its passphrase is guessed fast: ${iterations} iterations` : '';
  warn?.(
    `${file}: no authenticator: who can write the file can change the key${guessed}; pquake key passphrase writes it anew, with one, and ${passphraseIterations.written} iterations`,
  );
}

function open(
  file: string,
  encrypted: EncryptedKey,
  access: KeyAccess | undefined,
  isKey: ((der: Bytes) => boolean) | undefined,
): PrivateKeyFile {
  warnOf(file, encrypted, access);
  const passphrase = passphraseOf(file, access);
  if (passphrase === undefined)
    throw new PassphraseError('passphrase-required', file, 'encrypted: its passphrase is needed');
  const octets = Buffer.from(passphrase);
  let since = performance.now();
  const timed: Derive = (...words) => {
    const derived = derive(...words);
    since = performance.now();
    return derived;
  };
  const der = openKey({ ...primitives, derive: timed }, encrypted, octets, isKey);
  wipe(octets);
  if (der === undefined) return refuseSecret(file, since);
  const { authenticated } = encrypted.encryption;
  return {
    der,
    isMalleable: !authenticated,
    refuse: (reason) => (authenticated ? refuseFile(file, reason) : refuseSecret(file, since)),
  };
}

/**
 * Returns the PKCS#8 in the text of a key file. The caller wipes it. @throws PassphraseError @throws ConfigurationError
 * @param isKey - what is let through when it was encrypted without an authenticator; by default the keys of the suites
 */
export function privateKeyOf(
  file: string,
  text: string,
  access?: KeyAccess,
  isKey?: (der: Bytes) => boolean,
): PrivateKeyFile {
  const encrypted = encryptedKeyOf(file, text);
  if (encrypted !== undefined) return open(file, encrypted, access, isKey);
  const pem = decodePem(text, labels.plain);
  const refuse = (reason: string): never => refuseFile(file, reason);
  return pem.ok ? { der: pem.value, isMalleable: false, refuse } : refuse(reasonOf(pem));
}

/** The key that is expected in a file. */
export interface ExpectedKey {
  readonly publicKey: Bytes;
  /**
   * The reason for which another key is refused. Without it, another key is refused only when the octets are malleable.
   */
  readonly reason?: string;
}

/** Refuses any key but the one expected. */
function requireKey(
  suite: Suite,
  { isMalleable, refuse }: PrivateKeyFile,
  publicKey: Bytes,
  { publicKey: expected, reason }: ExpectedKey = { publicKey },
): void {
  if (!suite.equal(publicKey, expected) && (isMalleable || reason !== undefined)) refuse(reason ?? notOpened);
}

/** The key that the certificate in a file names. */
export const keyOf = (publicKey: Bytes, certificateFile: string): ExpectedKey => ({
  publicKey,
  reason: `not the private key of the certificate in ${certificateFile}`,
});

/** Decodes the ML-KEM key in the text of a key file. @throws PassphraseError @throws ConfigurationError */
export function decodeKemKey(
  suite: Suite,
  file: string,
  text: string,
  access?: KeyAccess,
  expected?: ExpectedKey,
): KemKey {
  const read = privateKeyOf(file, text, access);
  const key = decodeKemPrivateKey(suite, read.der);
  wipe(read.der);
  if (!key.ok) return read.refuse(reasonOf(key));
  try {
    requireKey(suite, read, key.value.encapsulationKey, expected);
    return key.value;
  } catch (error) {
    key.value.wipe();
    throw error;
  }
}

/**
 * Decodes the seed of the signature key in the text of a key file. @throws PassphraseError @throws ConfigurationError
 */
export function decodeSignatureSeed(
  suite: Suite,
  file: string,
  text: string,
  algorithm: SignatureAlgorithm,
  access?: KeyAccess,
  expected?: ExpectedKey,
): Bytes {
  const read = privateKeyOf(file, text, access);
  const seed = decodeSignaturePrivateKey(suite, read.der, algorithm);
  wipe(read.der);
  if (!seed.ok) return read.refuse(reasonOf(seed));
  try {
    requireKey(suite, read, suite.signaturePublicKey(seed.value, algorithm), expected);
    return seed.value;
  } catch (error) {
    wipe(seed.value);
    throw error;
  }
}

/** The inputs for the text of a key file. */
export interface KeyToWrite {
  /** PKCS#8, which is wiped. */
  readonly privateKey: Bytes;
  /** Absent to write no public key beside the private one, for readers that know version 1 of PKCS#8 only. */
  readonly publicKey: Bytes | undefined;
  /** The passphrase to encrypt under; absent for a plain key. */
  readonly passphrase: string | undefined;
  readonly iterations?: number | undefined;
}

/** The text of a key file. @throws ConfigurationError for an empty passphrase, or iterations out of range */
export function encodeKey({ privateKey, publicKey, passphrase, iterations }: KeyToWrite): string {
  const octets = Buffer.from(passphrase ?? '');
  try {
    if (passphrase === undefined) {
      if (iterations !== undefined) throw new RangeError('iterations: without a passphrase there are none');
      return encodePem(labels.plain, privateKey);
    }
    const written = protectKey(primitives, { privateKey, publicKey, passphrase: octets, iterations });
    return encodePem(labels.encrypted, written.encrypted) + encodePem(labels.authenticator, written.authenticator);
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigurationError(error.message);
    throw error;
  } finally {
    wipe(privateKey, octets);
  }
}
