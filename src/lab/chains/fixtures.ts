// Certificates for tests, and DER to take them apart.

import crypto from 'node:crypto';
import { createTrustAnchor, issueCertificate } from '../../certificate/issue/issue.ts';
import { parseTrustAnchor, type TrustAnchor } from '../../certificate/trustAnchor.ts';
import { native } from '../../crypto/native.ts';
import { noble } from '../../crypto/noble.ts';
import type { Suite } from '../../crypto/suite.ts';
import { tags } from '../../der/der.ts';
import type { Checked } from '../../failure.ts';
import { type Bytes, fromHex } from '../../octets.ts';
import { edit, paths, signedAgain, tlv } from '../vectors/certificateEdits.ts';

export const platform = native(crypto);
export const suites: readonly Suite[] = [noble, platform];

export const octets = (length: number, start = 0): Bytes =>
  Uint8Array.from({ length }, (_, i) => (start + 7 * i) & 0xff);
export const hex = (text: string): Bytes => fromHex(text.replaceAll(' ', ''));

export const authoritySeed = octets(32, 3);
export const peerSeed = octets(64, 5);
export const notBefore = new Date('2026-01-01T00:00:00Z');
export const notAfter = new Date('2026-12-31T23:59:59Z');
export const during = new Date('2026-06-01T12:00:00Z');
export const uri = 'https://bob.example/agent';

/** The certificate of the authority that tests trust. */
export const authority = (
  suite: Suite = platform,
  options: Partial<Parameters<typeof createTrustAnchor>[0]> = {},
): Bytes =>
  createTrustAnchor({
    suite,
    name: 'PQuAKE CA',
    seed: authoritySeed,
    serialNumber: octets(16, 1),
    notBefore,
    notAfter,
    ...options,
  });

/** The certificate of a peer under it. */
export const peer = (suite: Suite = platform, options: Partial<Parameters<typeof issueCertificate>[0]> = {}): Bytes =>
  issueCertificate({
    suite,
    // The same authority, and it ends no sooner than what it issues.
    issuer: authority(suite, { notAfter: new Date(Math.max(+notAfter, +(options.notAfter ?? notAfter))) }),
    issuerSeed: authoritySeed,
    name: 'bob',
    uris: [uri],
    encapsulationKey: suite.generateKemKey(peerSeed).encapsulationKey,
    serialNumber: octets(16, 0x41),
    notBefore,
    notAfter,
    ...options,
  });

/** The value that a guard let through. */
export function value<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(`${checked.code}: ${checked.detail}`);
  return checked.value;
}

/** The code with which a guard refused, with its detail. */
export const refusal = (checked: Checked<unknown>): string =>
  checked.ok ? 'ok' : `${checked.code}: ${checked.detail ?? ''}`;

export const anchor = (suite: Suite = platform, der: Bytes = authority(suite)): TrustAnchor =>
  value(parseTrustAnchor(suite, der));

export {
  at,
  edit,
  extension,
  flip,
  identifiers,
  keyEncipherment,
  type Path,
  paths,
  poke,
  tlv,
} from '../vectors/certificateEdits.ts';

/** Signs an edited certificate again: then only the edit can be the reason of a refusal. */
export const resigned = (der: Bytes, seed: Bytes = authoritySeed): Bytes => signedAgain(platform, seed, der);

/** Puts other extensions in the place of those of a certificate, and signs it again. */
export const withExtensions = (der: Bytes, extensions: readonly Bytes[], seed?: Bytes): Bytes =>
  resigned(
    edit(der, paths.extensions, () => tlv(tags.sequence, ...extensions)),
    seed,
  );
