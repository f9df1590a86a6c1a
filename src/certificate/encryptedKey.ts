// Private keys under a passphrase: EncryptedPrivateKeyInfo (RFC 5958, section 3) with PBES2 (RFC 8018, section 6.2).
import { wipe } from '../crypto/octets.ts';
import type { PassphraseHash, PassphrasePrimitives } from '../crypto/passphrase.ts';
import { type Decoded, decoded, undecoded } from './decoded.ts';
import {
  checked,
  type Der,
  encodeObjectIdentifier,
  expectTag,
  malformed,
  objectIdentifier,
  only,
  sequence,
  tags,
  unsignedInteger,
} from './der.ts';
import { element, integer } from './element.ts';
import { completePrivateKey } from './privateKey.ts';

type Bytes = Uint8Array;

/** Iterations of PBKDF2: what is written at least, what is read at most, and below what a reader should warn. */
export const passphraseIterations = { written: 600_000, most: 10_000_000, weak: 100_000 } as const;

const saltOctets = 16;
const blockOctets = 16;
const longestSalt = 1024;
/** The largest private key, expanded, with its public key: far below. */
const longestKey = 32_768;

const identifiers = {
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
} as const;

const prfs: Readonly<Record<PassphraseHash, string>> = {
  'SHA-256': '1.2.840.113549.2.9',
  'SHA-384': '1.2.840.113549.2.10',
  'SHA-512': '1.2.840.113549.2.11',
};

const ciphers = {
  'AES-128-CBC': { identifier: '2.16.840.1.101.3.4.1.2', octets: 16 },
  'AES-192-CBC': { identifier: '2.16.840.1.101.3.4.1.22', octets: 24 },
  'AES-256-CBC': { identifier: '2.16.840.1.101.3.4.1.42', octets: 32 },
} as const;

type CipherName = keyof typeof ciphers;

/** How a key is encrypted. */
export interface KeyEncryption {
  readonly prf: PassphraseHash;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly cipher: CipherName;
  readonly initialVector: Uint8Array;
}

/** A private key that is encrypted. */
export interface EncryptedKey {
  readonly encryption: KeyEncryption;
  readonly ciphertext: Uint8Array;
}

/** Why an encrypted key was not opened: the passphrase, as far as can be told, or what was given for a key. */
export type OpenedKey =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly wrongPassphrase: boolean; readonly reason: string };

const identifier = (name: string): Bytes => element(tags.objectIdentifier, encodeObjectIdentifier(name));
const nothing = Uint8Array.of(0x05, 0); // NULL

function encode({ encryption, ciphertext }: EncryptedKey): Bytes {
  const { prf, iterations, salt, cipher, initialVector } = encryption;
  const derivation = element(
    tags.sequence,
    identifier(identifiers.pbkdf2),
    element(
      tags.sequence,
      element(tags.octetString, salt),
      integer(iterations),
      element(tags.sequence, identifier(prfs[prf]), nothing),
    ),
  );
  const scheme = element(
    tags.sequence,
    identifier(ciphers[cipher].identifier),
    element(tags.octetString, initialVector),
  );
  const algorithm = element(tags.sequence, identifier(identifiers.pbes2), element(tags.sequence, derivation, scheme));
  return element(tags.sequence, algorithm, element(tags.octetString, ciphertext));
}

/** AlgorithmIdentifier: the identifier and its one parameter, if any. */
function readAlgorithm(der: Der | undefined, what: string): { name: string; parameters: Der | undefined } {
  const [name, parameters, ...rest] = sequence(der, what);
  if (rest.length > 0) malformed(`${what}: trailing elements`);
  return { name: objectIdentifier(name, what), parameters };
}

function oneOf<T>(table: Readonly<Record<string, T>>, is: (entry: T) => boolean, what: string): string {
  const found = Object.entries(table).find(([, entry]) => is(entry));
  return found?.[0] ?? malformed(`${what}: not one of ${Object.keys(table).join(', ')}`);
}

function readCount(der: Der | undefined, most: number, what: string): number {
  const octets = unsignedInteger(der, what);
  const value = octets.length > 6 ? Number.POSITIVE_INFINITY : octets.reduce((sum, octet) => 0x100 * sum + octet, 0);
  if (value < 1 || value > most) malformed(`${what}: not from 1 to ${most}`);
  return value;
}

/** PBKDF2-params: salt, iterations, the length of the key, which may be absent, and the PRF, whose default is refused. */
function readDerivation(der: Der | undefined, keyOctets: number): Pick<KeyEncryption, 'prf' | 'iterations' | 'salt'> {
  const { name, parameters } = readAlgorithm(der, 'key derivation');
  if (name !== identifiers.pbkdf2) malformed(`key derivation: ${name}, not PBKDF2`);
  const [salt, count, ...optional] = sequence(parameters, 'PBKDF2');
  const { contents } = expectTag(salt, tags.octetString, 'salt');
  if (contents.length === 0 || contents.length > longestSalt) malformed(`salt: not 1 to ${longestSalt} octets`);
  const iterations = readCount(count, passphraseIterations.most, 'iterations');
  const [length, ...others] = optional[0]?.tag === tags.integer ? optional : [undefined, ...optional];
  if (length !== undefined && readCount(length, 0xff, 'key length') !== keyOctets)
    malformed('key length: not that of the cipher');
  if (others.length !== 1) malformed('PBKDF2: its PRF is absent, which means HMAC-SHA-1, or elements trail');
  const prf = readAlgorithm(others[0], 'PRF');
  const isNothing = prf.parameters?.tag === 0x05 && prf.parameters.contents.length === 0;
  if (prf.parameters !== undefined && !isNothing) malformed('PRF: parameters');
  return {
    prf: oneOf(prfs, (one) => one === prf.name, 'PRF, HMAC with') as PassphraseHash,
    iterations,
    salt: Uint8Array.from(contents),
  };
}

function read(der: Bytes): EncryptedKey {
  const [algorithm, data, ...rest] = sequence(only(der, tags.sequence, 'encrypted key'), 'encrypted key');
  if (rest.length > 0) malformed('encrypted key: trailing elements');
  const scheme = readAlgorithm(algorithm, 'encryption');
  if (scheme.name !== identifiers.pbes2) malformed(`encryption: ${scheme.name}, not PBES2`);
  const [derivation, encryption, ...more] = sequence(scheme.parameters, 'PBES2');
  if (more.length > 0) malformed('PBES2: trailing elements');
  const { name, parameters } = readAlgorithm(encryption, 'cipher');
  const cipher = oneOf(ciphers, (one) => one.identifier === name, 'cipher') as CipherName;
  const initialVector = expectTag(parameters, tags.octetString, 'initial vector').contents;
  if (initialVector.length !== blockOctets) malformed(`initial vector: not ${blockOctets} octets`);
  const { contents: ciphertext } = expectTag(data, tags.octetString, 'encrypted data');
  if (ciphertext.length === 0 || ciphertext.length % blockOctets !== 0 || ciphertext.length > longestKey)
    malformed('encrypted data: not whole blocks, or too many');
  return {
    encryption: {
      ...readDerivation(derivation, ciphers[cipher].octets),
      cipher,
      initialVector: Uint8Array.from(initialVector),
    },
    ciphertext: Uint8Array.from(ciphertext),
  };
}

/**
 * Reads the DER of an encrypted private key, without opening it: PBES2 with PBKDF2 (1 to 10,000,000 iterations; HMAC with
 * SHA-256, SHA-384 or SHA-512; salt of 1 to 1024 octets) and AES in CBC mode with a key of 16, 24 or 32 octets. Strict DER.
 * Never throws.
 */
export function decodeEncryptedKey(der: Uint8Array): Decoded<EncryptedKey> {
  const result = checked(() => read(der));
  return result.ok ? decoded(result.value) : undecoded(`encrypted private key: ${result.detail}`);
}

/** Whether decrypted octets begin as PKCS#8 does, and end with it. With a wrong passphrase padding is right by chance. */
function isPrivateKey(der: Bytes): boolean {
  const result = checked(() => {
    const [version, algorithm, key] = sequence(only(der, tags.sequence, 'PKCS#8'), 'PKCS#8');
    const [number, ...more] = unsignedInteger(version, 'version');
    return more.length === 0 && (number === 0 || number === 1) && algorithm?.tag === tags.sequence && key !== undefined;
  });
  return result.ok && result.value;
}

/**
 * Opens an encrypted private key with a passphrase (its octets, at least one): PKCS#8, which the decoders of `privateKey.ts`
 * judge. CBC has no tag: who changes the file can change the key. In what `protectKey` writes those decoders see it; in what
 * others write, the comparison with the certificate does, save for the part of an ML-KEM key that only rejects. Never
 * throws; reasons hold no secrets.
 */
export function openKey(primitives: PassphrasePrimitives, encrypted: EncryptedKey, passphrase: Uint8Array): OpenedKey {
  const { prf, iterations, salt, cipher, initialVector } = encrypted.encryption;
  const wrong: OpenedKey = {
    ok: false,
    wrongPassphrase: true,
    reason: 'the passphrase is wrong, or the file is damaged',
  };
  if (passphrase.length === 0) return { ok: false, wrongPassphrase: true, reason: 'the passphrase is empty' };
  const key = primitives.derive(prf, passphrase, salt, iterations, ciphers[cipher].octets);
  const opened = primitives.decrypt(key, initialVector, encrypted.ciphertext);
  wipe(key);
  if (opened === undefined) return wrong;
  if (isPrivateKey(opened)) return { ok: true, value: opened };
  wipe(opened);
  return wrong;
}

/**
 * Encrypts PKCS#8 under a passphrase (its octets, at least one): PBKDF2 with HMAC-SHA-512 and a salt of 16 octets,
 * AES-256-CBC. It is completed first (`completePrivateKey`), so that no change of the file gives another key. DER of
 * EncryptedPrivateKeyInfo.
 * @throws RangeError for fewer than 600,000 iterations or more than 10,000,000, an empty passphrase, or what is not PKCS#8
 */
export function protectKey(
  primitives: PassphrasePrimitives,
  options: {
    /** PKCS#8, DER. */
    readonly privateKey: Uint8Array;
    readonly publicKey: Uint8Array;
    readonly passphrase: Uint8Array;
    /** Default 600,000, which is also the least. */
    readonly iterations?: number | undefined;
  },
): Uint8Array {
  const { privateKey, publicKey, passphrase, iterations = passphraseIterations.written } = options;
  const { written, most } = passphraseIterations;
  if (!Number.isSafeInteger(iterations) || iterations < written || iterations > most)
    throw new RangeError(`iterations: expected ${written} to ${most}, got ${iterations}`);
  if (passphrase.length === 0) throw new RangeError('the passphrase is empty');
  const [salt, initialVector] = [primitives.randomOctets(saltOctets), primitives.randomOctets(blockOctets)];
  const encryption: KeyEncryption = { prf: 'SHA-512', iterations, salt, cipher: 'AES-256-CBC', initialVector };
  const plain = completePrivateKey(privateKey, publicKey);
  const key = primitives.derive('SHA-512', passphrase, salt, iterations, ciphers['AES-256-CBC'].octets);
  const ciphertext = primitives.encrypt(key, initialVector, plain);
  wipe(key, plain);
  return encode({ encryption, ciphertext });
}
