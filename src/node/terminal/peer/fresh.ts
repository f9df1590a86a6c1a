// `serve` reads its files again when they change, and tells of it on standard error.
import { ConfigurationError } from '../../../configuration.ts';
import { isExpired, refuseExpired } from '../../../handshake/lifetimes.ts';
import type { KeyAccess } from '../../files/keys.ts';
import {
  type Identity,
  identityFilesOf,
  keyFilesOf,
  type Material,
  type MaterialFacts,
  readIdentity,
  wipeMaterial,
} from '../../files/material.ts';
import { renewTrust, type Trust, trustFilesOf } from '../../files/trustReading.ts';
import { watchLifetimes } from '../../transport/lifetimes.ts';
import { type Fresh, keepFresh } from '../../transport/reload.ts';
import type { Listener } from '../../transport/tcp.ts';
import { note } from '../output.ts';
import { accessOf } from '../passphrase.ts';
import { suiteOf, warn } from '../suite.ts';
import type { PeerOptions } from './options.ts';

const namesOf = ({ credentials: { certificate } }: Material): string =>
  `${certificate.displayName}, valid until ${certificate.notAfter.toISOString()}`;

/** Tells on standard error what both parts have in common: what was refused, and what is not watched. */
function tellers(): { readonly refused: (error: unknown) => void; readonly unwatched: (reason: string) => void } {
  const told = new Set<string>();
  return {
    refused: (error) => {
      const reason = error instanceof ConfigurationError ? error.message : 'an internal error';
      note(`not reloaded, what was read before stays in force: ${reason}`);
    },
    unwatched: (reason) => {
      if (!told.has(reason)) note(`not watched, the files are compared every few seconds instead: ${reason}`);
      told.add(reason);
    },
  };
}

/**
 * Keeps the material of a listener up to date. What this peer is and whom it trusts are renewed apart.
 * @param seen - the facts of the files before they were read
 */
export function keepListenerFresh(
  { update }: Pick<Listener, 'update'>,
  first: Material,
  seen: MaterialFacts,
  access: KeyAccess,
  options: PeerOptions,
): Fresh {
  // The file of the passphrase may have changed with the key; a passphrase that was typed cannot.
  const accessNow = (): KeyAccess =>
    options.passphraseFile === undefined ? access : { ...accessOf(options), warn: access.warn };
  const suite = suiteOf(options);
  let current = first;
  const lifetimes = watchLifetimes(() => current, warn);
  const told = tellers();
  const reloaded = (next: Identity | Trust, part: string): void => {
    current = { ...current, ...next };
    lifetimes.restart();
    note(`reloaded: ${namesOf(current)} (${part})`);
  };
  const identity = keepFresh<Identity>({
    ...told,
    first: { credentials: first.credentials, preSharedSecret: first.preSharedSecret },
    seen: seen.identity,
    files: identityFilesOf(options),
    keyFiles: keyFilesOf(options),
    read: () => readIdentity(suite, options, accessNow()),
    replace: (next) => {
      // Beside a certificate in force an expired one is a mistake.
      if (!isExpired(current.credentials.certificate, new Date()))
        refuseExpired(next.credentials.certificate, new Date());
      return update(next);
    },
    wipe: wipeMaterial,
    reloaded: (next) => reloaded(next, 'certificate and key'),
    postponed: (wait) => note(`the last key was refused: certificate and key are read in ${Math.ceil(wait / 1000)} s`),
  });
  const trust = keepFresh<Trust>({
    ...told,
    first: { trustAnchors: first.trustAnchors, expectedPeer: first.expectedPeer, pieces: first.pieces },
    seen: seen.trust,
    files: trustFilesOf(options),
    keyFiles: [],
    read: (former, cause, refused) =>
      renewTrust(suite, options, former, {
        refused,
        changedOnly: cause === 'handshake',
        dropMissing: cause === 'hangup',
      }),
    replace: ({ trustAnchors, expectedPeer }) => update({ trustAnchors, expectedPeer }),
    wipe: () => {},
    reloaded: (next) => reloaded(next, 'trust anchors and revocation lists'),
    postponed: () => {},
  });
  return {
    look: trust.look,
    close: () => {
      lifetimes.close();
      identity.close();
      trust.close();
    },
  };
}
