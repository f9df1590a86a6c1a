// Private keys under a passphrase: EncryptedPrivateKeyInfo (RFC 5958, section 3) with PBES2 (RFC 8018, section 6.2),
// and the authenticator of keys that are written here (spec/keys.md).

import type { PassphraseHash, PassphrasePrimitives } from '../crypto/passphrase.ts';
import { wipe } from '../crypto/secret.ts';
import {
  type Der,
  encodeObjectIdentifier,
  expectTag,
  objectIdentifier,
  only,
  sequence,
  tags,
  unsignedInteger,
} from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { element, integer } from '../der/element.ts';
import { named } from '../der/objectIdentifierNames.ts';
import { type Checked, refused } from '../failure.ts';
import { limits } from '../limits.ts';
import { type Bytes, same } from '../octets.ts';
import { checked, type KeyCode } from './codes.ts';
import { completePrivateKey, isBarePrivateKey } from './privateKey.ts';

/**
 * Iterations of PBKDF2: the least to write, the most to write and read, and the number below which a reader should
 * warn.
 */
export const passphraseIterations = { written: 600_000, most: limits.passphraseIterations, weak: 100_000 } as const;

/**
 * The start of the salt of a key with an authenticator. The derived key depends on the salt: if the mark is removed, or
 * added to another key, nothing opens.
 */
const mark = Uint8Array.from('pquake-key-auth1', (character) => character.charCodeAt(0));
const randomSaltOctets = 16;
const authenticatorOctets = 64;
const blockOctets = 16;
/** With an authenticator: one block of PBKDF2 with HMAC-SHA-512, 32 octets for AES-256 and 32 for HMAC. */
const derivedOctets = 64;
const longestSalt = 1024;
/** Far more than the largest expanded private key with its public key. */
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

/** The encryption of a key. */
export interface KeyEncryption {
  /** Whether it opens only with its authenticator. */
  readonly authenticated: boolean;
  readonly prf: PassphraseHash;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly cipher: CipherName;
  readonly initialVector: Uint8Array;
}

/** An encrypted private key. */
export interface EncryptedKey {
  readonly encryption: KeyEncryption;
  readonly ciphertext: Uint8Array;
  /** The whole DER, as it was read. */
  readonly octets: Uint8Array;
  /** HMAC-SHA-512 of `octets`, 64 octets; present exactly when `encryption.authenticated`. */
  readonly authenticator?: Uint8Array | undefined;
}

/** An encrypted key to be written: two blocks of DER. */
export interface ProtectedKey {
  /** EncryptedPrivateKeyInfo. */
  readonly encrypted: Uint8Array;
  /** OCTET STRING of 64 octets. */
  readonly authenticator: Uint8Array;
}

/** The only reason that is given for a key that does not open. */
export const notOpened = 'the passphrase is wrong, or the file was changed';

type Parameters = Omit<KeyEncryption, 'authenticated'>;

const identifier = (name: string): Bytes => element(tags.objectIdentifier, encodeObjectIdentifier(name));
const nothing = Uint8Array.of(0x05, 0); // NULL

function encode({ prf, iterations, salt, cipher, initialVector }: Parameters, ciphertext: Bytes): Bytes {
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

/** Reads an AlgorithmIdentifier that may have parameters: its identifier, and the one element of parameters. */
function readParameterized(der: Der | undefined, what: string): { name: string; parameters: Der | undefined } {
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
  const value = octets.length > 6 ? undefined : octets.reduce((sum, octet) => 0x100 * sum + octet, 0);
  if (value === undefined || value < 1 || value > most)
    return malformed(`${what}: ${value ?? `a number of ${octets.length} octets`}, not from 1 to ${most}`);
  return value;
}

/** Reads PBKDF2-params: salt, iterations, optional key length, and the PRF, whose default is refused. */
function readDerivation(der: Der | undefined, keyOctets: number): Pick<Parameters, 'prf' | 'iterations' | 'salt'> {
  const { name, parameters } = readParameterized(der, 'key derivation');
  if (name !== identifiers.pbkdf2) malformed(`key derivation: found ${named(name)}, expected PBKDF2`);
  const [salt, count, ...optional] = sequence(parameters, 'PBKDF2');
  const { contents } = expectTag(salt, tags.octetString, 'salt');
  if (contents.length === 0 || contents.length > longestSalt) malformed(`salt: not 1 to ${longestSalt} octets`);
  const iterations = readCount(count, passphraseIterations.most, 'iterations');
  const [length, ...others] = optional[0]?.tag === tags.integer ? optional : [undefined, ...optional];
  if (length !== undefined && readCount(length, 0xff, 'key length') !== keyOctets)
    malformed('key length: not that of the cipher');
  if (others.length !== 1) malformed('PBKDF2: its PRF is absent, which means HMAC-SHA-1, or elements trail');
  const prf = readParameterized(others[0], 'PRF');
  const isNothing = prf.parameters?.tag === 0x05 && prf.parameters.contents.length === 0;
  if (prf.parameters !== undefined && !isNothing) malformed('PRF: parameters');
  return {
    prf: oneOf(prfs, (one) => one === prf.name, 'PRF, HMAC with') as PassphraseHash,
    iterations,
    salt: Uint8Array.from(contents),
  };
}

/** Whether a key has the mark. Then everything else must be exactly as `protectKey` writes it. @throws DerError */
function isMarked({ salt, prf, cipher, iterations }: Parameters): boolean {
  if (salt.length < mark.length || !same(salt.subarray(0, mark.length), mark)) return false;
  const { written } = passphraseIterations;
  const asWritten = salt.length === mark.length + randomSaltOctets && prf === 'SHA-512' && cipher === 'AES-256-CBC';
  return (
    (asWritten && iterations >= written) || malformed('salt: that of a key with an authenticator, and others beside')
  );
}

function readAuthenticator(marked: boolean, der: Bytes | undefined): Bytes | undefined {
  if (!marked) return der && malformed('an authenticator, of a key that was written without one');
  if (der === undefined) return malformed('its authenticator is not there, and it was written with one');
  const { contents } = only(der, tags.octetString, 'authenticator');
  return contents.length === authenticatorOctets
    ? Uint8Array.from(contents)
    : malformed(`authenticator: ${contents.length} octets, not ${authenticatorOctets}`);
}

function read(der: Bytes, authenticator: Bytes | undefined): EncryptedKey {
  const [algorithm, data, ...rest] = sequence(only(der, tags.sequence, 'encrypted key'), 'encrypted key');
  if (rest.length > 0) malformed('encrypted key: trailing elements');
  const scheme = readParameterized(algorithm, 'encryption');
  if (scheme.name !== identifiers.pbes2) malformed(`encryption: ${scheme.name}, not PBES2`);
  const [derivation, encryption, ...more] = sequence(scheme.parameters, 'PBES2');
  if (more.length > 0) malformed('PBES2: trailing elements');
  const { name, parameters: vector } = readParameterized(encryption, 'cipher');
  const cipher = oneOf(ciphers, (one) => one.identifier === name, 'cipher') as CipherName;
  const initialVector = expectTag(vector, tags.octetString, 'initial vector').contents;
  if (initialVector.length !== blockOctets) malformed(`initial vector: not ${blockOctets} octets`);
  const { contents: ciphertext } = expectTag(data, tags.octetString, 'encrypted data');
  if (ciphertext.length === 0 || ciphertext.length % blockOctets !== 0 || ciphertext.length > longestKey)
    malformed('encrypted data: not whole blocks, or too many');
  const parameters = {
    ...readDerivation(derivation, ciphers[cipher].octets),
    cipher,
    initialVector: Uint8Array.from(initialVector),
  };
  const authenticated = isMarked(parameters);
  return {
    encryption: { authenticated, ...parameters },
    ciphertext: Uint8Array.from(ciphertext),
    octets: Uint8Array.from(der),
    authenticator: readAuthenticator(authenticated, authenticator),
  };
}

/**
 * Reads the DER of an encrypted private key, and of its authenticator if there is one, without opening it: PBES2 with
 * PBKDF2 (1 to 2,000,000 iterations; HMAC with SHA-256, SHA-384 or SHA-512; salt of 1 to 1024 octets) and AES in CBC
 * mode with a key of 16, 24 or 32 octets. An authenticator is present exactly when the salt has the mark. Strict DER.
 * Never throws; no reason depends on the encrypted octets.
 */
export function decodeEncryptedKey(der: Uint8Array, authenticator?: Uint8Array): Checked<EncryptedKey, KeyCode> {
  const result = checked(() => read(der, authenticator));
  return result.ok ? result : refused(result.code, `encrypted private key: ${result.detail}`);
}

/** Verifies the HMAC under the second half of the derived octets, in constant time. */
function isAuthentic(
  { authenticate, equal }: PassphrasePrimitives,
  derived: Bytes,
  { octets, authenticator }: EncryptedKey,
): boolean {
  const expected = authenticate(derived.subarray(ciphers['AES-256-CBC'].octets), octets);
  return authenticator !== undefined && equal(expected, authenticator);
}

/**
 * Opens an encrypted private key with a passphrase (at least one octet). Returns PKCS#8, which the decoders of
 * `privateKey.ts` check. A key with an authenticator is decrypted only when that is right. Without one, whoever changes
 * the file changes the decrypted octets: if a decoder refuses them, or they are not the expected key, the caller must
 * refuse with `notOpened`, at the same time as for a wrong passphrase. Never throws.
 * @param isKey - whether octets that were decrypted without an authenticator are a key, by their form
 * @returns `undefined` when it does not open
 */
export function openKey(
  primitives: PassphrasePrimitives,
  encrypted: EncryptedKey,
  passphrase: Uint8Array,
  isKey: (der: Uint8Array) => boolean = isBarePrivateKey,
): Uint8Array | undefined {
  const { authenticated, prf, iterations, salt, cipher, initialVector } = encrypted.encryption;
  const { octets } = ciphers[cipher];
  if (passphrase.length === 0) return undefined;
  const derived = primitives.derive(prf, passphrase, salt, iterations, authenticated ? derivedOctets : octets);
  const isOpen = !authenticated || isAuthentic(primitives, derived, encrypted);
  const opened = isOpen
    ? primitives.decrypt(derived.subarray(0, octets), initialVector, encrypted.ciphertext)
    : undefined;
  wipe(derived);
  if (opened === undefined || authenticated || isKey(opened)) return opened;
  wipe(opened);
  return undefined;
}

/**
 * Encrypts PKCS#8 under a passphrase (at least one octet), after `completePrivateKey`: PBKDF2 with HMAC-SHA-512 and a
 * salt of 32 octets (the mark and 16 random octets), AES-256-CBC. Of the 64 derived octets, the first 32 encrypt. The
 * others authenticate the DER of the encrypted key: HMAC-SHA-512.
 * @throws RangeError for fewer than 600,000 iterations or more than 2,000,000, or an empty passphrase
 * @throws DerError for what is not PKCS#8
 */
export function protectKey(
  primitives: PassphrasePrimitives,
  options: {
    /** PKCS#8, DER. */
    readonly privateKey: Uint8Array;
    /** Absent to encrypt PKCS#8 as it is, for readers that know version 1 only. */
    readonly publicKey: Uint8Array | undefined;
    readonly passphrase: Uint8Array;
    /** Default and minimum 600,000. */
    readonly iterations?: number | undefined;
  },
): ProtectedKey {
  const { privateKey, publicKey, passphrase, iterations = passphraseIterations.written } = options;
  const { written, most } = passphraseIterations;
  if (!Number.isSafeInteger(iterations) || iterations < written || iterations > most)
    throw new RangeError(`iterations: expected ${written} to ${most}, got ${iterations}`);
  if (passphrase.length === 0) throw new RangeError('the passphrase is empty');
  const salt = Uint8Array.from([...mark, ...primitives.randomOctets(randomSaltOctets)]);
  const initialVector = primitives.randomOctets(blockOctets);
  const plain = publicKey === undefined ? privateKey.slice() : completePrivateKey(privateKey, publicKey);
  const derived = primitives.derive('SHA-512', passphrase, salt, iterations, derivedOctets);
  const { octets } = ciphers['AES-256-CBC'];
  const ciphertext = primitives.encrypt(derived.subarray(0, octets), initialVector, plain);
  const encrypted = encode({ prf: 'SHA-512', iterations, salt, cipher: 'AES-256-CBC', initialVector }, ciphertext);
  const authenticator = primitives.authenticate(derived.subarray(octets), encrypted);
  wipe(derived, plain);
  return { encrypted, authenticator: element(tags.octetString, authenticator) };
}
