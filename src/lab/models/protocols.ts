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

const hedged: readonly Protocol[] = [
  {
    ...base,
    id: 'hedged/coins',
    title: 'PQuAKE, default reading, coins hedged with the static key',
    hedged: { with: 'static key', randomness: 'fresh' },
  },
  {
    ...base,
    id: 'hedged/constant',
    title:
      'PQuAKE, default reading, coins hedged with the static key, randomness that everyone knows and that never changes',
    hedged: { with: 'static key', randomness: 'constant' },
  },
  {
    ...base,
    id: 'hedged/without-key',
    title: 'PQuAKE, default reading, coins derived from randomness alone',
    hedged: { with: 'nothing secret', randomness: 'fresh' },
  },
];

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
