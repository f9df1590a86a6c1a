// The material of a peer, read from files. It has two parts that are renewed apart: what this peer is, and whom it
// trusts. A key that is refused must not keep a revocation list from taking force.
import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { HandshakeOptions } from '../../handshake/options.ts';
import { factsOf } from './facts.ts';
import { readCredentials, readPreSharedSecret } from './files.ts';
import type { KeyAccess } from './keys.ts';
import { type PeerFiles, readTrust, type Trust, trustFilesOf } from './trustReading.ts';

/** The names of the files, and the other peer that is expected. */
export interface MaterialFiles extends PeerFiles {
  /** The certificate of this peer, PEM. */
  readonly cert: string;
  /** Its private key, PKCS#8 PEM. */
  readonly key: string;
  /** The file of the passphrase of `key`. It is watched here; the maker of `KeyAccess` reads it. */
  readonly passphraseFile?: string | undefined;
  /** The pre-shared secret, hexadecimal. */
  readonly pskFile?: string | undefined;
}

/** What this peer is and knows. */
export type Identity = Pick<HandshakeOptions, 'credentials' | 'preSharedSecret'>;

/** The contents of the files. */
export type Material = Identity & Trust;

/** Reads certificate, key and pre-shared secret. @throws PassphraseError @throws ConfigurationError */
export function readIdentity(suite: Suite, files: MaterialFiles, access: KeyAccess): Identity {
  const credentials = readCredentials(suite, files.cert, files.key, access, files.lenient);
  try {
    const preSharedSecret = files.pskFile === undefined ? undefined : readPreSharedSecret(files.pskFile);
    return { credentials, preSharedSecret };
  } catch (error) {
    credentials.decapsulationKey.wipe();
    throw error;
  }
}

/** Reads all files. @throws PassphraseError @throws ConfigurationError */
export function readMaterial(suite: Suite, files: MaterialFiles, access: KeyAccess): Material {
  const trust = readTrust(suite, files);
  return { ...trust, ...readIdentity(suite, files, access) };
}

const given = (...files: readonly (string | undefined)[]): string[] => files.filter((file) => file !== undefined);

/** The names of the files that decide whether the key opens. */
export const keyFilesOf = ({ cert, key, passphraseFile }: MaterialFiles): string[] => given(key, cert, passphraseFile);

/** The names of the files that the identity comes from. */
export const identityFilesOf = (files: MaterialFiles): string[] => [...keyFilesOf(files), ...given(files.pskFile)];

/** The facts of the files of both parts. */
export interface MaterialFacts {
  readonly identity: string;
  readonly trust: string;
}

/** The facts of the files, to be taken before they are read: what changes meanwhile is seen as a change. */
export const materialFactsOf = (files: MaterialFiles): MaterialFacts => ({
  identity: factsOf(identityFilesOf(files)),
  trust: factsOf(trustFilesOf(files)),
});

/** Overwrites the secrets of the material: the decapsulation key and the pre-shared secret. */
export function wipeMaterial({ credentials, preSharedSecret }: Identity): void {
  credentials.decapsulationKey.wipe();
  if (preSharedSecret !== undefined) wipe(preSharedSecret);
}
