// The cases of the channel for a role, in the order in which they are run and reported.

import type { Role } from '../../../role.ts';
import type { Case } from '../case.ts';
import { endingFaults, type Fault, recordFaults } from './channelFaults.ts';
import { channelHonestCases } from './channelHonest.ts';
import { innerFaults } from './channelInner.ts';

const faulty = (peer: Role, faults: readonly Fault[]): readonly Case[] =>
  faults
    .filter((one) => (one.peer ?? peer) === peer)
    .map(({ id, title, requirements, script, edit, innerIdentity, busy }) => ({
      ...{ id, title, peer, requirements },
      expected: { outcome: 'breaks off', ...(busy && { busy }) },
      channel: { script, ...(edit && { edit }), ...(innerIdentity && { innerIdentity }) },
    }));

/** Every case of the channel for a peer of a role. The sanity case is the first. */
export const channelCasesFor = (peer: Role): readonly Case[] => [
  ...channelHonestCases(peer),
  ...faulty(peer, recordFaults),
  ...faulty(peer, innerFaults),
  ...faulty(peer, endingFaults),
];
