// Key files on their own: generates, protects by a passphrase, and describes them.

import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import { reasonOf } from '../../failure.ts';
import { suiteTable } from '../../generated/suites.ts';
import type { KeyEncryption } from '../../keys/encryptedKey.ts';
import {
  decodeKemPrivateKey,
  decodeSignaturePrivateKey,
  describePrivateKey,
  encodeSignaturePrivateKey,
  type PrivateKeyDescription,
} from '../../keys/privateKey.ts';
import type { Bytes } from '../../octets.ts';
import { inDirectory, type OnStep, type Write } from '../files/change.ts';
import { onFile, refuseFile } from '../files/fileErrors.ts';
import { readTexts, writeFiles } from '../files/files.ts';
import {
  encodeKey,
  encryptedKeyOf,
  type KeyAccess,
  type PrivateKeyFile,
  passphraseOf,
  privateKeyOf,
} from '../files/keys.ts';
import { otherNames } from '../files/predecessor.ts';
import { chooseSuite } from '../suite.ts';
import { sha256 } from './database.ts';
import { newKemKey } from './pki.ts';

interface KeyFile extends KeyAccess {
  readonly suite: Suite;
  readonly file: string;
  readonly onStep?: OnStep | undefined;
}

/** The properties of a private key in a file. Some need the passphrase. */
export interface KeyInspection {
  /** The encryption; absent for a plain key. */
  readonly encryption?: KeyEncryption;
  /** The algorithm; absent for an encrypted key without its passphrase. */
  readonly key?: PrivateKeyDescription & {
    /** SHA-256 of the public key (ML-KEM-1024: 1568 octets, ML-DSA-87: 2592), hexadecimal. */
    readonly publicKeySha256: string;
  };
}

/** Makes an ML-DSA-87 key. Returns the text of its file, and its public key. */
export function newSignatureKey(suite: Suite, passphrase: string | undefined, iterations?: number): [string, Bytes] {
  const seed = suite.generateSignatureSeed();
  const publicKey = suite.signaturePublicKey(seed);
  const privateKey = encodeSignaturePrivateKey(seed, suite.algorithms.signatures[0]);
  wipe(seed);
  return [encodeKey({ privateKey, publicKey, passphrase, iterations }), publicKey];
}

/**
 * Makes a key: ML-KEM-1024, or ML-DSA-87 with `signature`. The file is PKCS#8, mode 0600, encrypted when there is a
 * passphrase.
 * @returns the SHA-256 of its public key
 * @throws ConfigurationError when the file exists and `force` is unset, or cannot be written
 */
export function generateKeyFile(
  options: KeyFile & {
    readonly signature?: boolean | undefined;
    readonly iterations?: number | undefined;
    readonly force?: boolean | undefined;
  },
): string {
  const { suite, file, signature = false, iterations, force = false, onStep } = options;
  const passphrase = passphraseOf(file, options);
  let [content, publicKey]: [string, Bytes] = ['', new Uint8Array()];
  if (signature) [content, publicKey] = newSignatureKey(suite, passphrase, iterations);
  else ({ text: content, encapsulationKey: publicKey } = newKemKey(suite, passphrase, iterations));
  writeFiles([{ file, content, mode: 0o600 }], force, onStep);
  return sha256(publicKey);
}

/** A suite of the same back end that has the algorithm; the given one if it has it. */
function withAlgorithm(suite: Suite, algorithm: string): Suite {
  const found = [suite.algorithms, ...Object.values(suiteTable)].find(({ kem, signatures }) =>
    [kem, ...signatures].some(({ name }) => name === algorithm),
  );
  return found === undefined || found === suite.algorithms ? suite : chooseSuite(suite.name, found.name);
}

/** Returns the public key of PKCS#8. All parts must belong to one key. @throws ConfigurationError */
function publicKeyOf(asked: Suite, { der, refuse }: PrivateKeyFile, { algorithm, kind }: PrivateKeyDescription): Bytes {
  const suite = withAlgorithm(asked, algorithm);
  if (kind === 'kem') {
    const key = decodeKemPrivateKey(suite, der);
    if (!key.ok) return refuse(reasonOf(key));
    key.value.wipe();
    return key.value.encapsulationKey;
  }
  const scheme = suite.algorithms.signatures.find(({ name }) => name === algorithm);
  const seed = decodeSignaturePrivateKey(suite, der, scheme);
  if (!seed.ok) return refuse(reasonOf(seed));
  const publicKey = suite.signaturePublicKey(seed.value, scheme);
  wipe(seed.value);
  return publicKey;
}

function describe({ der, refuse }: PrivateKeyFile): PrivateKeyDescription {
  const description = describePrivateKey(der);
  return description.ok ? description.value : refuse(reasonOf(description));
}

/** Refuses a key file with another name, under which the key would stay as it was. */
function requireOneName(file: string): void {
  const status = statSync(file, { bigint: true });
  if (status.nlink > 1n)
    refuseFile(
      file,
      `the same file has other names, which would keep the key as it is: ${otherNames(file, status)}; expected one name: remove the others first`,
    );
}

/**
 * Encrypts the key of a file under another passphrase; `undefined` writes it without encryption. A symbolic link is
 * followed, and a file with another name refused, so that no file keeps the old form. Traces on the medium remain.
 * @throws PassphraseError when the key is encrypted, and its passphrase is absent or wrong
 * @throws ConfigurationError
 */
export function changePassphrase(
  options: KeyFile & {
    readonly newPassphrase: string | undefined;
    readonly iterations?: number | undefined;
  },
): void {
  const { suite, file, newPassphrase, iterations, onStep } = options;
  const real = onFile(file, () => realpathSync(file));
  // Read under the lock: otherwise the old key could replace one that was rotated meanwhile.
  const work = (write: Write): void => {
    if (newPassphrase !== undefined) onFile(real, () => requireOneName(real));
    const read = privateKeyOf(file, readTexts([real]).join(''), options);
    try {
      const publicKey = publicKeyOf(suite, read, describe(read));
      const content = encodeKey({ privateKey: read.der, publicKey, passphrase: newPassphrase, iterations });
      write([{ file: real, content, mode: 0o600, replace: true }]);
    } finally {
      wipe(read.der);
    }
  };
  inDirectory(dirname(real), work, onStep);
}

/**
 * Describes a key file and its encryption, without secrets. Decrypts nothing without a passphrase.
 * @throws PassphraseError when the passphrase is wrong
 * @throws ConfigurationError
 */
export function inspectKeyFile(options: KeyFile): KeyInspection {
  const { suite, file } = options;
  const text = readTexts([file]).join('');
  const encrypted = encryptedKeyOf(file, text);
  const encryption = encrypted && { encryption: encrypted.encryption };
  if (encrypted !== undefined && passphraseOf(file, options) === undefined) return { ...encryption };
  const read = privateKeyOf(file, text, options);
  try {
    const description = describe(read);
    return { ...encryption, key: { ...description, publicKeySha256: sha256(publicKeyOf(suite, read, description)) } };
  } finally {
    wipe(read.der);
  }
}
