// What a peer is given to trust in some cases: other authorities than the usual one, and revocation lists. The tester issues
// them all, the wrong ones too.

import { createIntermediate, createTrustAnchor } from '../../certificate/issue/issue.ts';
import { issueCrl } from '../../certificate/issue/issueCrl.ts';
import { sizes } from '../../generated/constants.ts';
import { concat } from '../../octets.ts';
import { serialNumberOf } from './derEdits.ts';
import { type Authority, type Identity, issue, type Material, peerName, serial } from './material.ts';

/** Kinds of trust that a peer can be given, beside its usual trust anchor. */
export const trusts = [
  'constrained-anchor',
  'intermediate',
  'constrained-intermediate',
  'path-length',
  'revocation-list',
  'list-ended',
] as const;
export type Trust = (typeof trusts)[number];

/** Permits DNS names of one domain only. The tester's name is in another. */
const permitted = { permitted: { dnsNames: ['permitted.example'] } };
const outside = { dnsNames: ['tester.example'] };

const hour = 3_600_000;

type Limits = Pick<Parameters<typeof createIntermediate>[0], 'pathLength' | 'permitted'>;

/**
 * An intermediate with limits. `authority` has none, so that it issues what the limits forbid: its key and name are the
 * same, and nobody but the tester sees its certificate.
 */
function intermediate(
  { suite, now }: Material,
  { certificate: issuer, seed: issuerSeed }: Authority,
  name: string,
  limits: Limits = {},
): Intermediate {
  const seed = suite.randomOctets(sizes.signatureSeed);
  const create = (own: Limits) =>
    createIntermediate({
      ...{ suite, issuer, issuerSeed, name, publicKey: suite.signaturePublicKey(seed), serialNumber: serial(suite) },
      ...{ notBefore: new Date(now.getTime() - hour), notAfter: new Date(now.getTime() + 24 * hour) },
      ...own,
    });
  return { shown: create(limits), authority: { certificate: create({}), seed } };
}

interface Intermediate {
  readonly shown: Uint8Array;
  readonly authority: Authority;
}

/** A material whose trust anchor permits other names only. The peer keeps its key. */
function constrainedAnchor(material: Material): Material {
  const { suite, now, peer } = material;
  const seed = suite.randomOctets(sizes.signatureSeed);
  const create = (limits: Limits) =>
    createTrustAnchor({
      ...{ suite, seed, name: 'PQuAKE conformance constrained CA', serialNumber: serial(suite), ...limits },
      ...{ notBefore: new Date(now.getTime() - hour), notAfter: new Date(now.getTime() + 24 * hour) },
    });
  const free: Authority = { certificate: create({}), seed };
  return {
    ...material,
    authority: { certificate: create(permitted), seed },
    peer: issue({ suite, now, authority: free }, { name: peerName, key: peer.key }),
    tester: issue({ suite, now, authority: free }, outside),
  };
}

function under(material: Material, limits: Limits, names: { readonly dnsNames?: readonly string[] }): Material {
  const { shown, authority } = intermediate(material, material.authority, 'PQuAKE conformance issuer', limits);
  return { ...material, intermediates: [shown], tester: issue({ ...material, authority }, names) };
}

/** Two intermediates in a row, where the upper one permits none below it. */
function tooLong(material: Material): Material {
  const upper = intermediate(material, material.authority, 'PQuAKE conformance upper issuer', { pathLength: 0 });
  const lower = intermediate(material, upper.authority, 'PQuAKE conformance lower issuer');
  return {
    ...material,
    intermediates: [upper.shown, lower.shown],
    tester: issue({ ...material, authority: lower.authority }),
  };
}

/** A revocation list of the trust anchor with one certificate in it, from some hours ago until `until` hours from now. */
function listed(material: Material, until: number): Material {
  const { suite, now, authority } = material;
  const revoked = issue(material);
  const list = issueCrl({
    ...{ suite, issuer: authority.certificate, issuerSeed: authority.seed, crlNumber: 1 },
    revoked: [{ serialNumber: serialNumberOf(revoked.certificate), date: new Date(now.getTime() - 3 * hour) }],
    thisUpdate: new Date(now.getTime() - 2 * hour),
    nextUpdate: new Date(now.getTime() + until * hour),
  });
  return { ...material, revocationLists: [list], revoked };
}

const make: Readonly<Record<Trust, (material: Material) => Material>> = {
  'constrained-anchor': constrainedAnchor,
  intermediate: (material) => under(material, {}, {}),
  'constrained-intermediate': (material) => under(material, permitted, outside),
  'path-length': tooLong,
  'revocation-list': (material) => listed(material, 24),
  'list-ended': (material) => listed(material, -1),
};

const made = new WeakMap<Material, Map<Trust, Material>>();

/** The material of a case: that of the run, or what a kind of trust makes of it, which is made once. */
export function trusting(material: Material, trust: Trust | undefined): Material {
  if (trust === undefined) return material;
  const known = made.get(material) ?? new Map<Trust, Material>();
  made.set(material, known);
  const one = known.get(trust) ?? make[trust](material);
  known.set(trust, one);
  return one;
}

/** The tester's certificate, and behind it that of its issuer, which the peer has. */
export const withItsIssuer = ({ tester, intermediates: [issuer] = [] }: Material): Identity => ({
  certificate: issuer === undefined ? tester.certificate : concat(tester.certificate, issuer),
  key: tester.key,
});
