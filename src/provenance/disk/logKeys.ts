// Keys of logs and witnesses in files: ML-DSA-44 in PKCS#8, as other keys, and verifier keys (C2SP signed-note) in one line.
import { ConfigurationError } from '../../configuration.ts';
import { conceal, wipe } from '../../crypto/secret.ts';
import { decodeSignaturePrivateKey, encodeSignaturePrivateKey } from '../../keys/privateKey.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import { keyAt, readBounded, readTexts } from '../../node/files/files.ts';
import { encodeKey, type KeyAccess, passphraseOf, privateKeyOf } from '../../node/files/keys.ts';
import type { NewFile } from '../../node/files/newFile.ts';
import { chooseSuite } from '../../node/suite.ts';
import { type Bytes, same } from '../../octets.ts';
import { mlDsa44, verifyingKeyOf } from '../keys/schemes.ts';
import { logBounds } from '../log/bounds.ts';
import type { Cosigner } from '../log/cosignature.ts';
import { formatVerifierKey, type NoteKey, type NoteSchemes, noteKey, parseVerifierKey } from '../log/keys.ts';
import { isKeyName } from '../log/note.ts';
import { algorithmTable, mlDsa44Algorithm } from '../signature/algorithms.ts';
import { encodePublicKey } from '../signature/publicKey.ts';

/** A key that signs for a log or a witness, from a file. */
export interface CosignerFile extends Cosigner {
  /** Forgets the key; it cannot be used afterwards. */
  readonly wipe: () => void;
}

function verifyEd25519(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  const key = verifyingKeyOf(encodePublicKey(algorithmTable.ed25519, publicKey));
  return key.ok && key.value.verify(message, signature);
}

/** The schemes of notes on this Node. */
export const noteSchemes = (): NoteSchemes => ({ mlDsa44: mlDsa44().verify, ed25519: verifyEd25519 });

/** How a new key is written. */
export interface NewCosignerAccess extends KeyAccess {
  /** Of PBKDF2, when there is a passphrase. */
  readonly iterations?: number | undefined;
}

/** A cosigner of a seed, which is copied. */
function cosignerOf(name: string, seed: Bytes): CosignerFile {
  const scheme = mlDsa44();
  const concealed = conceal(seed);
  const sign = (message: Bytes): Bytes => {
    const revealed = concealed.reveal();
    const signature = scheme.sign(revealed, message);
    wipe(revealed);
    return signature;
  };
  return { name, publicKey: scheme.publicKey(seed), sign, wipe: concealed.wipe };
}

/** A new key of a log or a witness. */
export interface NewCosigner {
  readonly key: NoteKey;
  readonly signer: CosignerFile;
  /** Its file (PKCS#8, mode 0600), which is not written yet. */
  readonly keyFile: NewFile;
}

/** Makes an ML-DSA-44 key under a name. @throws ConfigurationError */
export function newCosigner(file: string, name: string, access: NewCosignerAccess = {}): NewCosigner {
  if (!isKeyName(name))
    throw new ConfigurationError(
      `${name}: expected a name of 1 to ${logBounds.name} octets without spaces and plus, such as example.com/log`,
    );
  const seed = mlDsa44().generateSeed();
  const signer = cosignerOf(name, seed);
  const privateKey = encodeSignaturePrivateKey(seed, mlDsa44Algorithm);
  wipe(seed);
  const { publicKey } = signer;
  const passphrase = passphraseOf(file, access);
  const content = encodeKey({ privateKey, publicKey, passphrase, iterations: access.iterations });
  return { key: noteKey(name, publicKey), signer, keyFile: { file, content, mode: 0o600 } };
}

/** The text of a verifier key. */
export const verifierKeyText = (key: NoteKey): string => `${formatVerifierKey(key)}\n`;

/** The verifier key in the octets of a file: one line. @throws FileError */
export function verifierKeyIn(file: string, octets: Bytes): NoteKey {
  const key = parseVerifierKey(new TextDecoder().decode(octets).replace(/\r?\n$/, ''));
  return key.ok ? key.value : refuseFile(file, `not a verifier key: ${key.detail}`);
}

/** The verifier key in a file. @throws FileError */
export const readVerifierKey = (file: string): NoteKey => verifierKeyIn(file, readBounded(file, logBounds.verifierKey));

const isMlDsa44 = (der: Bytes): boolean => decodeSignaturePrivateKey(chooseSuite(), der, mlDsa44Algorithm).ok;

/** The private key of a log or a witness, of which the public key is known. @throws PassphraseError @throws ConfigurationError */
export function readCosigner(file: string, { name, publicKey }: NoteKey, access: KeyAccess = {}): CosignerFile {
  const [text = ''] = readTexts([keyAt(file)]);
  const read = privateKeyOf(file, text, access, isMlDsa44);
  const seed = decodeSignaturePrivateKey(chooseSuite(), read.der, mlDsa44Algorithm);
  wipe(read.der);
  if (!seed.ok) return read.refuse(seed.detail ?? seed.code);
  const signer = cosignerOf(name, seed.value);
  wipe(seed.value);
  if (same(signer.publicKey, publicKey)) return signer;
  signer.wipe();
  return read.refuse(`not the private key of ${name}`);
}
