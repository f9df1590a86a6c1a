// Identities, which are judged only after both confirmation values: section 3. Who refuses one sooner, or keeps back its own
// confirmation, tells an attacker whom it expects.

import type { RequirementId } from '../../../generated/requirements.ts';
import type { Role } from '../../../role.ts';
import { type Case, type Expected, refusesAt } from '../case.ts';
import { issue, testerName } from '../material.ts';
import { inEveryDelivery } from './deliveries.ts';

const identity: readonly RequirementId[] = [
  ...(['PQ-P-05', 'PQ-3-08', 'PQ-3-10', 'PQ-3.2-08', 'PQ-P-06', 'PQ-P-08', 'PQ-P-09'] as const),
];
const unexpected: readonly RequirementId[] = ['PQ-P-07', 'PQ-3-08', 'PQ-3-10', 'PQ-P-08', 'PQ-P-09'];

/** The peer sends everything, its confirmation too, and refuses then. */
const afterAll = (peer: Role): Expected => ({ ...refusesAt(peer, 4), sendsAtMost: 4, sendsAtLeast: 4 }) as Expected;

/** Every delivery: a peer may judge messages 6 and 8 of one read before it sends message 7, and so keep that back. */
export const identityCases = (peer: Role): readonly Case[] => [
  ...inEveryDelivery({
    id: 'own-certificate',
    title: 'the peer’s own certificate, with its key',
    requirements: identity,
    peer,
    expected: afterAll(peer),
    order: 'late',
    expectsItself: true,
    identity: (material) => material.peer,
  }),
  ...inEveryDelivery({
    id: 'unexpected-peer',
    title: 'a valid certificate of another name than the one that the peer expects',
    requirements: unexpected,
    peer,
    expected: afterAll(peer),
    order: 'late',
    needsExpected: true,
    identity: (material) => issue(material, { name: 'stranger' }),
  }),
  {
    id: 'unexpected-peer-longer',
    title: 'a valid certificate of a name that begins with the one that the peer expects',
    requirements: unexpected,
    peer,
    expected: afterAll(peer),
    needsExpected: true,
    identity: (material) => issue(material, { name: `${testerName}-2` }),
  },
];
