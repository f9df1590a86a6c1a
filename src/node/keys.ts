// Private keys in files, encrypted or not.
import { pbkdf2Sync } from 'node:crypto';
import {
  decodeEncryptedKey,
  type EncryptedKey,
  openKey,
  passphraseIterations,
  protectKey,
} from '../certificate/encryptedKey.ts';
import { decodePem, encodePem } from '../certificate/pem.ts';
import { decodeKemPrivateKey, decodeSignaturePrivateKey } from '../certificate/privateKey.ts';
import { wipe } from '../crypto/octets.ts';
import { type Derive, passphrasePrimitives } from '../crypto/passphrase.ts';
import { moved } from '../crypto/secret.ts';
import type { KemKey, Suite } from '../crypto/suite.ts';
import type { SignatureAlgorithm } from '../generated/suites.ts';
import { ConfigurationError } from '../handshake/options.ts';
import { refuseFile } from './fileErrors.ts';

type Bytes = Uint8Array;

/** How encrypted keys are opened. */
export interface KeyAccess {
  /** The passphrase, or that of each file. */
  readonly passphrase?: string | ((file: string) => string | undefined) | undefined;
  /** Told of a file whose passphrase is guessed too fast. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** A passphrase is missing or wrong. */
export class PassphraseError extends ConfigurationError {
  readonly code: 'passphrase-required' | 'passphrase-wrong';
  /** The file that it is for. */
  readonly file: string;

  constructor(code: PassphraseError['code'], file: string, reason: string) {
    super(`${file}: ${reason}`);
    this.code = code;
    this.file = file;
  }
}

/** PBKDF2 of Node. */
export const derive: Derive = (hash, passphrase, salt, iterations, octets) =>
  moved(pbkdf2Sync(passphrase, salt, iterations, octets, hash.replace('-', '').toLowerCase()));

const primitives = passphrasePrimitives(derive);
const labels = { plain: 'PRIVATE KEY', encrypted: 'ENCRYPTED PRIVATE KEY' } as const;

/** The passphrase of a file, when there is one. */
export const passphraseOf = (file: string, { passphrase }: KeyAccess = {}): string | undefined =>
  typeof passphrase === 'function' ? passphrase(file) : passphrase;

/** Whether the text of a key file holds an encrypted key. */
export const isEncrypted = (text: string): boolean => text.includes(`-----BEGIN ${labels.encrypted}-----`);

/** How a key is encrypted, and what is; `undefined` for one that is not. @throws ConfigurationError */
export function encryptedKeyOf(file: string, text: string): EncryptedKey | undefined {
  if (!isEncrypted(text)) return undefined;
  const pem = decodePem(text, labels.encrypted);
  const encrypted = pem.ok ? decodeEncryptedKey(pem.value) : pem;
  return encrypted.ok ? encrypted.value : refuseFile(file, encrypted.reason);
}

function open(file: string, encrypted: EncryptedKey, access: KeyAccess | undefined): Bytes {
  const { iterations } = encrypted.encryption;
  if (iterations < passphraseIterations.weak) {
    access?.warn?.(
      `${file}: its passphrase is guessed fast: ${iterations} iterations; pquake key passphrase writes ${passphraseIterations.written}`,
    );
  }
  const passphrase = passphraseOf(file, access);
  if (passphrase === undefined)
    throw new PassphraseError('passphrase-required', file, 'encrypted: needs a passphrase (--passphrase-file)');
  const octets = Buffer.from(passphrase);
  const opened = openKey(primitives, encrypted, octets);
  wipe(octets);
  if (opened.ok) return opened.value;
  throw new PassphraseError('passphrase-wrong', file, opened.reason);
}

/** The PKCS#8 of the text of a key file. @throws PassphraseError @throws ConfigurationError */
export function privateKeyOf(file: string, text: string, access?: KeyAccess): Bytes {
  const encrypted = encryptedKeyOf(file, text);
  if (encrypted !== undefined) return open(file, encrypted, access);
  const pem = decodePem(text, labels.plain);
  return pem.ok ? pem.value : refuseFile(file, pem.reason);
}

/** The ML-KEM key of the text of a key file. @throws PassphraseError @throws ConfigurationError */
export function decodeKemKey(suite: Suite, file: string, text: string, access?: KeyAccess): KemKey {
  const der = privateKeyOf(file, text, access);
  const key = decodeKemPrivateKey(suite, der);
  wipe(der);
  return key.ok ? key.value : refuseFile(file, key.reason);
}

/** The seed of the signature key of the text of a key file. @throws PassphraseError @throws ConfigurationError */
export function decodeSignatureSeed(
  suite: Suite,
  file: string,
  text: string,
  algorithm: SignatureAlgorithm,
  access?: KeyAccess,
): Bytes {
  const der = privateKeyOf(file, text, access);
  const seed = decodeSignaturePrivateKey(suite, der, algorithm);
  wipe(der);
  return seed.ok ? seed.value : refuseFile(file, seed.reason);
}

/** What a key file is written from. */
export interface KeyToWrite {
  /** PKCS#8, which is wiped. */
  readonly privateKey: Bytes;
  readonly publicKey: Bytes;
  /** Encrypts when there is one. */
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
    return encodePem(
      labels.encrypted,
      protectKey(primitives, { privateKey, publicKey, passphrase: octets, iterations }),
    );
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigurationError(error.message);
    throw error;
  } finally {
    wipe(privateKey, octets);
  }
}
