// The cases of a role, in the order in which they are run and reported.

import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import type { Role } from '../../../role.ts';
import type { Case } from '../case.ts';
import { certificateCases } from './certificates.ts';
import { confirmationCases } from './confirmations.ts';
import { deliveryCases } from './deliveries.ts';
import { endingCases } from './endings.ts';
import { fieldCases } from './fields.ts';
import { framingCases } from './framing.ts';
import { honestCases } from './honest.ts';
import { identityCases } from './identities.ts';
import { pathCases } from './paths.ts';

/** Every case for a peer of a role and a reading. The sanity case is the first, and once more the last. */
export function casesFor(peer: Role, reading: ReadingChoice): readonly Case[] {
  const [sanity, ...honest] = honestCases(peer, reading);
  if (sanity === undefined) throw new TypeError('no sanity case');
  const faults = [...framingCases(peer), ...fieldCases(peer), ...certificateCases(peer), ...confirmationCases(peer)];
  return [
    sanity,
    ...honest,
    ...faults,
    ...pathCases(peer),
    ...identityCases(peer),
    ...deliveryCases(faults),
    ...endingCases(peer, reading),
    { ...sanity, id: 'sanity-last', title: 'an honest handshake, after all the others' },
  ];
}
