// The protocols that models are made of: the default reading, each alternative alone, both lockstep schedules, hedged coins, each mutant.

import { defaultChoice, type ReadingChoice, readingAxes, readingOf } from '../../generated/keySchedule.ts';
import { proposalTable } from '../../generated/proposals.ts';
import { mandatorySuite } from '../../generated/suites.ts';
import { type ProposalId, profile, proposed } from '../../proposals/index.ts';
import { mutants } from '../mutants/index.ts';
import type { Protocol } from './roles.ts';

const base: Protocol = {
  id: 'default',
  title: 'PQuAKE, default reading',
  reading: readingOf(defaultChoice),
  schedule: 'eager',
};

function readings(): Protocol[] {
  return Object.entries(readingAxes).flatMap(([axis, { alternatives }]) =>
    alternatives.slice(1).map((alternative) => ({
      ...base,
      id: `readings/${alternative}`,
      title: `PQuAKE, reading ${axis}=${alternative}`,
      reading: readingOf({ ...defaultChoice, [axis]: alternative } as ReadingChoice),
    })),
  );
}

const schedules: readonly Protocol[] = (['initiator', 'responder'] as const).map((first) => ({
  ...base,
  id: `schedules/${first}-first`,
  title: `PQuAKE, default reading, in every step the ${first} speaks first`,
  schedule: { first },
}));

const hedged: readonly Protocol[] = (['initiator', 'responder'] as const).flatMap((role) => [
  {
    ...base,
    id: `hedged/${role}`,
    title: `PQuAKE, default reading, coins of the ${role} hedged with its static key`,
    hedged: { role, with: 'static key' },
  },
  {
    ...base,
    id: `hedged/${role}-without-key`,
    title: `PQuAKE, default reading, coins of the ${role} derived from randomness alone`,
    hedged: { role, with: 'nothing secret' },
  },
]);

const broken: readonly Protocol[] = mutants.map(({ id, breaks, reading, algebra }) => ({
  ...base,
  id: `mutants/${id}`,
  title: `PQuAKE broken (${id}): ${breaks}`,
  reading: reading?.(base.reading) ?? base.reading,
  ...(algebra === undefined ? {} : { broken: algebra }),
}));

/** A proposal alone, or all together. Where there are references, both sides send them. */
const proposal = (name: string, title: string, ids: readonly ProposalId[]): Protocol => {
  const { reading, algebra } = proposed(ids, { suite: mandatorySuite.name });
  return {
    ...base,
    id: `proposals/${name}`,
    title,
    reading: reading(base.reading),
    broken: (given, { role }) => algebra(given, { role, byReference: true }),
  };
};

const proposals: readonly Protocol[] = [
  ...profile.map((id) => proposal(id, `PQuAKE with a proposal (${id}): ${proposalTable[id].title}`, [id])),
  proposal('profile', 'PQuAKE with all proposals between peers', profile),
];

/** The protocols by id. */
export const protocols: ReadonlyMap<string, Protocol> = new Map(
  [base, ...readings(), ...schedules, ...hedged, ...broken, ...proposals].map((protocol) => [protocol.id, protocol]),
);
