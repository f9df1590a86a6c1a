// The protocols that models are made of: the default reading, each alternative alone, both lockstep schedules, hedged coins, each mutant.

import { defaultChoice, type ReadingChoice, readingAxes, readingOf } from '../../generated/keySchedule.ts';
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

/** The protocols by id. */
export const protocols: ReadonlyMap<string, Protocol> = new Map(
  [base, ...readings(), ...schedules, ...hedged, ...broken].map((protocol) => [protocol.id, protocol]),
);
