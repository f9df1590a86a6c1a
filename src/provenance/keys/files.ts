// Keys of signers in files: PKCS#8 in PEM, plain or under a passphrase, SEC 1 as OpenSSL writes it, and public keys beside them.
import { ConfigurationError } from '../../configuration.ts';
import { wipe } from '../../crypto/secret.ts';
import { decodePem } from '../../keys/pem.ts';
import { limits } from '../../limits.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import { keyAt, readTexts, writeFiles } from '../../node/files/files.ts';
import { encodeKey, type KeyAccess, type PrivateKeyFile, passphraseOf, privateKeyOf } from '../../node/files/keys.ts';
import { type Bytes, same } from '../../octets.ts';
import type { AlgorithmName, SigningKey, VerifyingKey } from '../contract.ts';
import { algorithmTable } from '../signature/algorithms.ts';
import { publicKeyText, readPublicKey } from '../signature/publicKey.ts';
import { fromSec1 } from './classical.ts';
import { readPrivateKeyInfo } from './privateKey.ts';
import { newPrivateKey, type SchemeOptions, signingKeyOf, verifyingKeyOf } from './schemes.ts';

/** The means to open a private key, and how it is used. */
export interface SigningKeyAccess extends KeyAccess, SchemeOptions {}

const sec1 = '-----BEGIN EC PRIVATE KEY-----';

/** PKCS#8 of the text of a file in the form of SEC 1, behind its parameters if they are there. */
function fromSec1Text(file: string, text: string): PrivateKeyFile {
  const block = text.slice(text.indexOf(sec1));
  if (block.includes('\nProc-Type:'))
    refuseFile(file, 'an EC key under a passphrase in the form from before PKCS#8; expected PKCS#8');
  const pem = decodePem(block, 'EC PRIVATE KEY');
  if (!pem.ok) return refuseFile(file, pem.detail ?? pem.code);
  const der = fromSec1(pem.value);
  wipe(pem.value);
  const refuse = (reason: string): never => refuseFile(file, reason);
  return der === undefined
    ? refuse('expected an EC private key with its curve and public key, found other octets')
    : { der, isMalleable: false, refuse };
}

/** Whether decrypted octets are a key of a signer, and nothing beside. */
function isSigningKey(der: Bytes, options: SchemeOptions): boolean {
  const info = readPrivateKeyInfo(der);
  if (!info.ok || !info.value.isBare) return false;
  const key = signingKeyOf(der, options);
  if (key.ok) key.value.wipe();
  return key.ok;
}

/**
 * The private key in the text of a file. @param expected - the public key that it must have, if that is known
 * @throws PassphraseError @throws ConfigurationError
 */
export function signingKeyFromText(
  file: string,
  text: string,
  access: SigningKeyAccess = {},
  expected?: VerifyingKey,
): SigningKey {
  const read = text.includes(sec1)
    ? fromSec1Text(file, text)
    : privateKeyOf(file, text, access, (der) => isSigningKey(der, access));
  const key = signingKeyOf(read.der, access);
  wipe(read.der);
  if (!key.ok) return read.refuse(key.detail ?? key.code);
  if (expected === undefined || same(expected.spki, key.value.publicKey.spki)) return key.value;
  key.value.wipe();
  return read.refuse(`not the private key of the key ${expected.identifier}`);
}

/** The private key in a PEM file. @throws PassphraseError @throws ConfigurationError */
export function readSigningKey(file: string, access: SigningKeyAccess = {}): SigningKey {
  const [text = ''] = readTexts([keyAt(file)]);
  return signingKeyFromText(file, text, access);
}

/** The public key in the text of a PEM file. @throws ConfigurationError */
export function readVerifyingKeyText(file: string, text: string, options: SchemeOptions = {}): VerifyingKey {
  const pem = decodePem(text, 'PUBLIC KEY');
  if (!pem.ok) return refuseFile(file, pem.detail ?? pem.code);
  const key = verifyingKeyOf(pem.value, options);
  return key.ok ? key.value : refuseFile(file, key.detail ?? key.code);
}

/** The public key in a PEM file. @throws ConfigurationError */
export function readVerifyingKey(file: string, options: SchemeOptions = {}): VerifyingKey {
  const [text = ''] = readTexts([{ file, most: limits.keyFile }]);
  return readVerifyingKeyText(file, text, options);
}

/** How a new key is written. */
export interface NewKeyAccess extends SigningKeyAccess {
  /** Of PBKDF2, when there is a passphrase. */
  readonly iterations?: number | undefined;
}

/** The text of a private key, and its public key. */
function newKey(out: string, algorithm: AlgorithmName, access: NewKeyAccess): readonly [string, VerifyingKey] {
  const privateKey = newPrivateKey(algorithm, access);
  const signing = signingKeyOf(privateKey, access);
  if (!signing.ok) throw new TypeError(`a new key of ${algorithm} is refused: ${signing.detail}`);
  const { publicKey } = signing.value;
  signing.value.wipe();
  const read = readPublicKey(publicKey.spki);
  if (!read.ok) throw new TypeError(`a new key of ${algorithm} is refused: ${read.detail}`);
  const { iterations } = access;
  const passphrase = passphraseOf(out, access);
  // Tools that read EC keys know version 1 of PKCS#8 only.
  const beside = algorithmTable[algorithm].isPostQuantum ? read.value.key : undefined;
  return [encodeKey({ privateKey, publicKey: beside, passphrase, iterations }), publicKey];
}

/**
 * Makes a key and writes two files, both or none: OUT (PKCS#8 in PEM, mode 0600, under a passphrase if there is one) and OUT.pub
 * (SubjectPublicKeyInfo in PEM). @throws ConfigurationError when one of them exists, or cannot be written
 */
export function writeKeyPair(out: string, algorithm: AlgorithmName, access: NewKeyAccess = {}): VerifyingKey {
  if (out.endsWith('.pub'))
    throw new ConfigurationError(`${out}: the name of a public key; expected that of the private key`);
  const [content, publicKey] = newKey(out, algorithm, access);
  const files = [
    { file: out, content, mode: 0o600 },
    { file: `${out}.pub`, content: publicKeyText(publicKey.spki), mode: 0o644 },
  ];
  writeFiles(files, false);
  return publicKey;
}
