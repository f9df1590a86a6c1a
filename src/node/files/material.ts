import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { ExpectedPeer } from '../../handshake/expectedPeer.ts';
import type { HandshakeOptions } from '../../handshake/options.ts';
import { readCredentials, readPreSharedSecret, readTrustAnchors, readTrustStore, type TrustFiles } from './files.ts';
import type { KeyAccess } from './keys.ts';

/** The names of the files, and of the other peer. */
export interface MaterialFiles extends TrustFiles {
  /** The certificate of this peer, PEM. */
  readonly cert: string;
  /** Its private key, PKCS#8 PEM. */
  readonly key: string;
  /** The file of the passphrase of `key`. It is watched, and read by whoever gives `KeyAccess`. */
  readonly passphraseFile?: string | undefined;
  /** The pre-shared secret, hexadecimal. */
  readonly pskFile?: string | undefined;
  /** Names of the other peer; `anyone`, and its absence, admit every peer. */
  readonly expect?: readonly string[] | undefined;
  /** Trust anchors that vouch for these names: subjects, which have a `=`, or files of anchors. */
  readonly expectIssuer?: readonly string[] | undefined;
}

/** The content of the files. */
export type Material = Pick<HandshakeOptions, 'credentials' | 'trustAnchors' | 'preSharedSecret' | 'expectedPeer'>;

/** A word with a `=` is the subject of an anchor, any other one a file. */
const isFile = (issuer: string): boolean => !issuer.includes('=');

/** The peer that the names admit. @throws ConfigurationError */
function expectedPeerOf(suite: Suite, { expect = ['anyone'], expectIssuer }: MaterialFiles): ExpectedPeer {
  if (expect.includes('anyone')) return 'anyone';
  if (expectIssuer === undefined) return expect;
  const issuers = expectIssuer.map((one) => (isFile(one) ? readTrustAnchors(suite, [one]) : one));
  return expect.flatMap((name) => issuers.map((issuer) => ({ name, issuer })));
}

/** Reads all of them. @throws ConfigurationError */
export function readMaterial(suite: Suite, files: MaterialFiles, access: KeyAccess): Material {
  const trustAnchors = readTrustStore(suite, files);
  const expectedPeer = expectedPeerOf(suite, files);
  const credentials = readCredentials(suite, files.cert, files.key, access);
  try {
    const preSharedSecret = files.pskFile === undefined ? undefined : readPreSharedSecret(files.pskFile);
    return { credentials, trustAnchors, preSharedSecret, expectedPeer };
  } catch (error) {
    credentials.decapsulationKey.wipe();
    throw error;
  }
}

const given = (...files: readonly (string | undefined)[]): string[] => files.filter((file) => file !== undefined);

/** The names of all files whose change changes the material. */
export function materialFiles(files: MaterialFiles): string[] {
  const { cert, key, ca, intermediates = [], crl = [], expectIssuer = [], pskFile, passphraseFile } = files;
  return [
    cert,
    key,
    ...ca,
    ...intermediates,
    ...crl,
    ...expectIssuer.filter(isFile),
    ...given(pskFile, passphraseFile),
  ];
}

/** The names of those that decide whether the key opens. */
export const keyMaterialFiles = ({ cert, key, passphraseFile }: MaterialFiles): string[] =>
  given(key, cert, passphraseFile);

/** Overwrites its secrets: the decapsulation key and the pre-shared secret. */
export function wipeMaterial({ credentials, preSharedSecret }: Material): void {
  credentials.decapsulationKey.wipe();
  if (preSharedSecret !== undefined) wipe(preSharedSecret);
}
