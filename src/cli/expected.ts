// `--expect` and `--expect-issuer`: who the peer must be.
import { InvalidArgumentError } from 'commander';
import { formOf } from '../certificate/peerNames.ts';
import type { Suite } from '../crypto/suite.ts';
import { type ExpectedPeer, impossibleName } from '../handshake/expectedPeer.ts';
import { readTrustAnchors } from '../node/files/files.ts';
import { note } from '../node/terminal/output.ts';
import type { PeerOptions } from '../node/terminal/words.ts';

/** A name that the peer may have, beside those before it, or `anyone` alone. An empty word is an unset variable of a script. */
export function parseExpected(word: string, before: readonly string[] = []): readonly string[] {
  if (word === 'anyone' && before.every((one) => one === word)) return [word];
  const reason = before.includes('anyone') ? impossibleName('anyone') : impossibleName(word);
  if (reason !== undefined) throw new InvalidArgumentError(`Expected a name of the peer, or 'anyone': ${reason}.`);
  return [...before, word];
}

/** A trust anchor that the peer must be under, beside those before it. */
export function parseIssuer(word: string, before: readonly string[] = []): readonly string[] {
  if (word.trim() === '')
    throw new InvalidArgumentError('Expected the subject of a trust anchor, or a file: it is empty.');
  return [...before, word];
}

/** A word with a `=` is the subject of an anchor, any other one a file. */
export const isFile = (issuer: string): boolean => !issuer.includes('=');

/** Who the peer must be. Without `--expect` anyone, which `noteExpected` tells. @throws ConfigurationError */
export function expectedPeerOf(suite: Suite, { expect = ['anyone'], expectIssuer }: PeerOptions): ExpectedPeer {
  if (expect.includes('anyone')) return 'anyone';
  if (expectIssuer === undefined) return expect;
  const issuers = expectIssuer.map((one) => (isFile(one) ? readTrustAnchors(suite, [one]) : one));
  return expect.flatMap((name) => issuers.map((issuer) => ({ name, issuer })));
}

/** Tells what `--expect` leaves open, once at the start. */
export function noteExpected({ expect }: PeerOptions): void {
  if (expect === undefined) {
    note('pquake: warning: no --expect: anyone whose certificate the authorities of --ca issued is accepted;');
    note('pquake: warning: --expect NAME says who the peer must be, --expect anyone that this is meant');
  }
  for (const name of expect ?? []) {
    const [, scheme = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(name) ?? [];
    if (scheme === '' || /^(URI|DNS)$/.test(scheme)) continue;
    const meant = /^(uri|dns)$/i.test(scheme) ? scheme.toUpperCase() + name.slice(scheme.length) : `URI:${name}`;
    note(`pquake: warning: --expect ${name} is compared with a ${formOf(name)}; is ${meant} meant?`);
  }
}
