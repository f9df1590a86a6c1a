// More certificates than one, which a peer never takes from the other side; and what it is given to judge a certificate with:
// limits of authorities, intermediates, revocation lists.

import { tags } from '../../../der/der.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import { concat } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import { type Case, refusesAt } from '../case.ts';
import { whole } from '../certificates.ts';
import { tlv } from '../derEdits.ts';
import { withItsIssuer } from '../trust.ts';

type Part = Omit<Case, 'peer' | 'expected'>;

const one: readonly RequirementId[] = ['PQ-P-55', 'PQ-P-18', 'PQ-3-04'];
const limits: readonly RequirementId[] = ['PQ-P-71', 'PQ-3-04'];
const testersCertificate = 'the tester’s certificate';

/** To be refused when the certificate comes. */
const refused: readonly Part[] = [
  {
    id: 'certificate-twice',
    title: `${testersCertificate}: it comes twice`,
    requirements: one,
    identity: whole((der) => concat(der, der)),
  },
  {
    id: 'certificate-issuer-first',
    title: `${testersCertificate}: that of the authority, and then its own`,
    requirements: one,
    identity: whole((der, { authority: { certificate } }) => concat(certificate, der)),
  },
  {
    id: 'certificate-list',
    title: `${testersCertificate}: a SEQUENCE of certificates, with one in it`,
    requirements: ['PQ-P-54', ...one],
    identity: whole((der) => tlv(tags.sequence, der)),
  },
  {
    id: 'certificate-with-intermediate',
    title: `${testersCertificate}: followed by that of the intermediate that issued it, which the peer has`,
    requirements: one,
    trust: 'intermediate',
    identity: withItsIssuer,
  },
  {
    id: 'certificate-outside-anchor-names',
    title: `${testersCertificate}: a DNS name that the trust anchor does not permit`,
    requirements: limits,
    trust: 'constrained-anchor',
  },
  {
    id: 'certificate-outside-names',
    title: `${testersCertificate}: a DNS name that its issuer, an intermediate, may not issue`,
    requirements: limits,
    trust: 'constrained-intermediate',
  },
  {
    id: 'certificate-path-length',
    title: `${testersCertificate}: two intermediates above it, of which the upper one permits none below`,
    requirements: limits,
    trust: 'path-length',
    mayRefuseToStart: true,
  },
  {
    id: 'certificate-revoked',
    title: `${testersCertificate}: in the revocation list of its issuer`,
    requirements: ['PQ-P-72', 'PQ-3-04'],
    trust: 'revocation-list',
    identity: ({ revoked, tester }) => revoked ?? tester,
  },
  {
    id: 'certificate-list-ended',
    title: `${testersCertificate}: the revocation list of its issuer ended an hour ago`,
    requirements: ['PQ-P-73', 'PQ-3-04'],
    trust: 'list-ended',
  },
];

/** The same means, and nothing wrong: so that a peer that refuses all of this does not pass. */
const accepted: readonly Part[] = [
  {
    id: 'intermediate-known',
    title: 'the tester’s certificate comes from an intermediate that the peer has',
    requirements: ['PQ-P-18', 'PQ-P-17'],
    trust: 'intermediate',
  },
  {
    id: 'revocation-list-without-it',
    title: 'the peer has the revocation list of the issuer, with another certificate in it',
    requirements: ['PQ-P-72', 'PQ-P-73'],
    trust: 'revocation-list',
  },
];

export const pathCases = (peer: Role): readonly Case[] => [
  ...accepted.map((part): Case => ({ ...part, peer, expected: { outcome: 'completes' } })),
  ...refused.map((part): Case => ({ ...part, peer, expected: refusesAt(peer, 2) })),
];
