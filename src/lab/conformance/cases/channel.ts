// The cases of the channel for a role, in the order in which they are run and reported.

import type { RequirementId } from '../../../generated/requirements.ts';
import type { Role } from '../../../role.ts';
import type { Case } from '../case.ts';
import { countCases, countFaults } from './channelCounts.ts';
import { endingFaults, type Fault, recordFaults } from './channelFaults.ts';
import { type Honest, plainCases } from './channelHonest.ts';
import { innerFaults } from './channelInner.ts';
import { rehandshakeCases } from './channelRehandshakes.ts';

/** A peer that starts inner handshakes shows these too. */
const ofInitiators: readonly RequirementId[] = ['PQ-C-21', 'PQ-C-17'];

const honest = (peer: Role, all: readonly Honest[]): readonly Case[] =>
  all
    .filter((one) => (one.peer ?? peer) === peer)
    .map(({ id, title, requirements, segments, script, edit, joined, long }) => ({
      ...{ id, title, peer },
      expected: { outcome: 'carries' },
      requirements: id === 'channel-inner' && peer === 'initiator' ? [...requirements, ...ofInitiators] : requirements,
      ...(segments && { segments }),
      channel: { script, ...(edit && { edit }), ...(joined && { joined }), ...(long && { long }) },
    }));

const faulty = (peer: Role, faults: readonly Fault[]): readonly Case[] =>
  faults
    .filter((one) => (one.peer ?? peer) === peer)
    .map(({ id, title, requirements, script, edit, innerIdentity, busy, long }) => ({
      ...{ id, title, peer, requirements },
      expected: { outcome: 'breaks off', ...(busy && { busy }) },
      channel: { script, ...(edit && { edit }), ...(innerIdentity && { innerIdentity }), ...(long && { long }) },
    }));

/** Every case of the channel for a peer of a role. The sanity case is the first. */
export const channelCasesFor = (peer: Role): readonly Case[] => [
  ...honest(peer, plainCases),
  ...honest(peer, rehandshakeCases),
  ...honest(peer, countCases),
  ...faulty(peer, recordFaults),
  ...faulty(peer, innerFaults),
  ...faulty(peer, endingFaults),
  ...faulty(peer, countFaults),
];
