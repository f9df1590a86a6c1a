// What serve and connect read from files: credentials, trust, the pre-shared secret.

import { expectedPeerOf, isFile } from '../../cli/expected.ts';
import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { HandshakeOptions } from '../../handshake/options.ts';
import type { PeerOptions } from '../terminal/words.ts';
import { readCredentials, readPreSharedSecret, readTrustStore } from './files.ts';
import type { KeyAccess } from './keys.ts';

/** What the files held. */
export type Material = Pick<HandshakeOptions, 'credentials' | 'trustAnchors' | 'preSharedSecret' | 'expectedPeer'>;

/** Reads all of it. @throws ConfigurationError */
export function readMaterial(suite: Suite, options: PeerOptions, access: KeyAccess): Material {
  const trustAnchors = readTrustStore(suite, options);
  const expectedPeer = expectedPeerOf(suite, options);
  const credentials = readCredentials(suite, options.cert, options.key, access);
  try {
    const preSharedSecret = options.pskFile === undefined ? undefined : readPreSharedSecret(options.pskFile);
    return { credentials, trustAnchors, preSharedSecret, expectedPeer };
  } catch (error) {
    credentials.decapsulationKey.wipe();
    throw error;
  }
}

/** The files that `readMaterial` reads. */
export const materialFiles = ({
  cert,
  key,
  ca,
  intermediates = [],
  crl = [],
  expectIssuer = [],
  ...rest
}: PeerOptions): string[] => [
  ...[cert, key, ...ca, ...intermediates, ...crl],
  ...expectIssuer.filter(isFile),
  ...[rest.pskFile, rest.passphraseFile].filter((file) => file !== undefined),
];

/** Those of them that decide whether the key opens. */
export const keyMaterialFiles = ({ cert, key, passphraseFile }: PeerOptions): string[] =>
  [key, cert, passphraseFile].filter((file) => file !== undefined);

/** Overwrites its secrets: the decapsulation key and the pre-shared secret. */
export function wipeMaterial({ credentials, preSharedSecret }: Material): void {
  credentials.decapsulationKey.wipe();
  if (preSharedSecret !== undefined) wipe(preSharedSecret);
}
