import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { ExpectedPeer } from '../../handshake/expectedPeer.ts';
import type { HandshakeOptions } from '../../handshake/options.ts';
import { readCredentials, readPreSharedSecret, readTrustAnchors, readTrustStore, type TrustFiles } from './files.ts';
import type { KeyAccess } from './keys.ts';

/** The names of the files, and the other peer that is expected. */
export interface MaterialFiles extends TrustFiles {
  /** The certificate of this peer, PEM. */
  readonly cert: string;
  /** Its private key, PKCS#8 PEM. */
  readonly key: string;
  /** The file of the passphrase of `key`. It is watched here; the maker of `KeyAccess` reads it. */
  readonly passphraseFile?: string | undefined;
  /** The pre-shared secret, hexadecimal. */
  readonly pskFile?: string | undefined;
  /** Names that the other peer may have; every peer is accepted when absent, and with `anyone`. */
  readonly expect?: readonly string[] | undefined;
  /** Trust anchors that vouch for these names: subjects, which contain `=`, or files of anchors. */
  readonly expectIssuer?: readonly string[] | undefined;
}

/** The contents of the files. */
export type Material = Pick<HandshakeOptions, 'credentials' | 'trustAnchors' | 'preSharedSecret' | 'expectedPeer'>;

/** A word with `=` is the subject of an anchor; any other word is a file. */
const isFile = (issuer: string): boolean => !issuer.includes('=');

/** The expected peer that the names describe. @throws ConfigurationError */
function expectedPeerOf(suite: Suite, { expect = ['anyone'], expectIssuer }: MaterialFiles): ExpectedPeer {
  if (expect.includes('anyone')) return 'anyone';
  if (expectIssuer === undefined) return expect;
  const issuers = expectIssuer.map((one) => (isFile(one) ? readTrustAnchors(suite, [one]) : one));
  return expect.flatMap((name) => issuers.map((issuer) => ({ name, issuer })));
}

/** Reads all files. @throws PassphraseError @throws ConfigurationError */
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

/** The names of all files that the material comes from. */
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

/** The names of the files that decide whether the key opens. */
export const keyMaterialFiles = ({ cert, key, passphraseFile }: MaterialFiles): string[] =>
  given(key, cert, passphraseFile);

/** Overwrites the secrets of the material: the decapsulation key and the pre-shared secret. */
export function wipeMaterial({ credentials, preSharedSecret }: Material): void {
  credentials.decapsulationKey.wipe();
  if (preSharedSecret !== undefined) wipe(preSharedSecret);
}
