// A repeated initial vector loses integrity too: the adversary of the properties seals certificates of its own under a key that it lacks.
import { expect, it } from 'vitest';
import { defaultChoice, readingOf } from '../../../src/generated/keySchedule.ts';
import { type Move, perform } from '../../../src/lab/adversary/moves.ts';
import type { Variant } from '../../../src/lab/adversary/session.ts';
import { type World, world } from '../../../src/lab/adversary/world.ts';
import { broken, mutants } from '../../../src/lab/mutants/index.ts';

const implementation: Variant = { reading: readingOf(defaultChoice), schedule: 'eager' };
const [constant] = mutants.filter(({ id }) => id === 'constant-initial-vector');

/** Bob answers alice; then alice, who has not had his certificate yet, gets what the adversary can make in its place. */
function substituted(variant: Variant): World {
  const w = world({ variant, preSharedSecret: 'secret', listed: [] });
  const moves: readonly Move[] = [
    { move: 'certify', key: 0 },
    { move: 'start', role: 'initiator', agent: 0, expected: 0 },
    { move: 'start', role: 'responder', agent: 1, expected: 0 },
    { move: 'deliver', to: 0, which: 0 },
    { move: 'deliver', to: 1, which: 0 },
    { move: 'inject', to: 1, which: 0 },
  ];
  for (const move of moves) perform(w, move);
  return w;
}

it('with both certificates under one initial vector it puts its own in the place of bob’s, without the pre-shared secret', () => {
  if (constant === undefined) throw new Error('there is no such mutant');
  const w = substituted(broken(implementation, constant));
  expect(w.knowledge.derives(w.terms.name('ss_pre'))).toBe(false);
  expect(w.sessions[0]?.peer).toBe(w.certificates()[0]);
});

it('with a fresh initial vector for each it does not', () => {
  const w = substituted(implementation);
  expect(w.sessions[0]?.peer).not.toBe(w.certificates()[0]);
});
