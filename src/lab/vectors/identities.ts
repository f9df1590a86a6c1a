// The authorities and peers of the vectors. Their keys are public: for tests only.

import { type AuthorityLimits, createTrustAnchor, issueCertificate } from '../../certificate/issue/issue.ts';
import { issueCrl } from '../../certificate/issue/issueCrl.ts';
import { fromHex, toHex } from '../../octets.ts';
import type { Authority, FileOf, Identity, Peer } from './format.ts';
import { coins, deterministic, vector } from './vectorOctets.ts';

const suite = deterministic;
const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2029-12-31T23:59:59Z') };

/** The time of every handshake that does not have one of its own. */
export const clock = '2027-01-01T00:00:00Z';

function authority(
  name: string,
  about: string,
  commonName: string,
  options: AuthorityLimits & { readonly seed?: string; readonly notAfter?: Date } = {},
): Authority {
  const id = `identities/${name}`;
  const seed = options.seed === undefined ? coins(id, 'seed', 32) : fromHex(options.seed);
  const { notBefore, notAfter } = { ...validity, ...options };
  const serialNumber = coins(id, 'serialNumber', 16);
  const { permitted, excluded } = options;
  const stated = { name: commonName, seed, serialNumber, notBefore, notAfter, permitted, excluded };
  const der = createTrustAnchor({ suite, ...stated });
  return { ...vector(id, about, 'PQ-P-17'), type: 'authority', seed: toHex(seed), certificate: toHex(der) };
}

/** A certificate of a peer that follows the profile, with the changes of a case. */
export function issue(
  issuer: Authority,
  name: string,
  options: Partial<Parameters<typeof issueCertificate>[0]> = {},
): Uint8Array {
  const id = `identities/${name}`;
  return issueCertificate({
    suite,
    name,
    issuer: fromHex(issuer.certificate),
    issuerSeed: fromHex(issuer.seed),
    ...validity,
    uris: [`https://${name}.example/agent`],
    encapsulationKey: suite.generateKemKey(coins(id, 'seed', 64)).encapsulationKey,
    serialNumber: coins(id, 'serialNumber', 16),
    ...options,
  });
}

function peer(issuer: Authority, name: string, about: string): Peer {
  const id = `identities/${name}`;
  return {
    ...vector(id, about, 'PQ-4.4-01', 'PQ-P-60'),
    type: 'peer',
    issuer: issuer.id,
    seed: toHex(coins(id, 'seed', 64)),
    certificate: toHex(issue(issuer, name)),
  };
}

export const root = authority(
  'authority',
  'the trust anchor of every handshake that does not say another',
  'Vector CA',
);
export const stranger = authority('stranger', 'an authority that the peers do not trust', 'Other CA');
export const namesake = authority('namesake', 'another key under the same name', 'Vector CA');
export const expired = authority('expired-authority', 'the same name and key, no longer valid', 'Vector CA', {
  seed: root.seed,
  notAfter: new Date('2026-06-30T23:59:59Z'),
});
export const narrow = authority(
  'narrow-authority',
  'the same name and key, for hosts of example.org only',
  'Vector CA',
  {
    seed: root.seed,
    permitted: { uriHosts: ['.example.org'] },
  },
);

/** A revocation list of the usual authority that names the certificates of these peers. */
export const revocationList = (nextUpdate: string, ...names: readonly string[]): string =>
  toHex(
    issueCrl({
      suite,
      issuer: fromHex(root.certificate),
      issuerSeed: fromHex(root.seed),
      crlNumber: 1,
      thisUpdate: validity.notBefore,
      nextUpdate: new Date(nextUpdate),
      revoked: names.map((name) => ({
        serialNumber: coins(`identities/${name}`, 'serialNumber', 16),
        date: validity.notBefore,
        reason: 'keyCompromise',
      })),
    }),
  );

export const alice = peer(root, 'alice', 'the initiator');
export const bob = peer(root, 'bob', 'the responder');
export const carol = peer(root, 'carol', 'a third peer, as valid as the others');

const cases: readonly Identity[] = [root, stranger, namesake, expired, narrow, alice, bob, carol];
export const identities: FileOf<'identities'> = { kind: 'identities', cases };
