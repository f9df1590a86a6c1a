// `--expect` and `--expect-issuer`: who the peer must be.
import { InvalidArgumentError } from 'commander';
import { formOf } from '../../../certificate/peerNames.ts';
import { impossibleName } from '../../../handshake/expectedPeer.ts';
import type { MaterialFiles } from '../../files/material.ts';
import { UsageError } from '../command.ts';
import { note } from '../output.ts';

/**
 * Parses a name that the peer may have, or `anyone`, which stands alone. An empty word is an unset variable of a
 * script.
 */
export function parseExpected(word: string, before: readonly string[]): string {
  if (word === 'anyone' && before.every((one) => one === word)) return word;
  const reason = before.includes('anyone') ? impossibleName('anyone') : impossibleName(word);
  if (reason !== undefined) throw new InvalidArgumentError(`Expected a name of the peer, or 'anyone': ${reason}.`);
  return word;
}

/** Parses a trust anchor that the peer must be under. */
export function parseIssuer(word: string): string {
  if (word.trim() === '')
    throw new InvalidArgumentError('Expected the subject of a trust anchor, or a file: it is empty.');
  return word;
}

/** Refuses --expect-issuer without names that it could vouch for. @throws UsageError */
export function checkExpected({ expect, expectIssuer }: MaterialFiles): void {
  if (expectIssuer !== undefined && (expect === undefined || expect.includes('anyone')))
    throw new UsageError('--expect-issuer needs the names that it vouches for: --expect NAME');
}

/** Warns once, at the start, when `--expect` is missing or may mean something else. */
export function noteExpected({ expect }: MaterialFiles): void {
  if (expect === undefined) {
    note('pquake: warning: no --expect: anyone whose certificate the authorities of --ca issued is accepted;');
    note('pquake: warning: --expect NAME says who the peer must be, --expect anyone that this is meant');
  }
  for (const name of expect ?? []) {
    const [, scheme = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(name) ?? [];
    if (scheme === '' || /^(URI|DNS|DIR)$/.test(scheme)) continue;
    const meant = /^(uri|dns|dir)$/i.test(scheme) ? scheme.toUpperCase() + name.slice(scheme.length) : `URI:${name}`;
    note(`pquake: warning: --expect ${name} is compared with a ${formOf(name)}; is ${meant} meant?`);
  }
}
