// A complete search within bounds: every interleaving of two sessions. `npm run properties:long` goes as far as two sessions can.
import { expect, it } from 'vitest';
import { defaultChoice, readingOf } from '../src/generated/keySchedule.ts';
import type { Move } from '../src/lab/adversary/moves.ts';
import { broken, mutants } from '../src/lab/mutants/index.ts';
import { search } from './exhaustive.ts';

const variant = { reading: readingOf(defaultChoice), schedule: 'eager' } as const;
const listed = ['alice', 'bob'];
const leaks: Readonly<Record<string, readonly Move[]>> = {
  'nothing leaks': [],
  'the adversary has a certificate': [{ move: 'certify', key: 0 }],
  'the static key of the initiator leaks': [{ move: 'corrupt', agent: 0 }],
  'the ephemeral secrets leak': [
    { move: 'leak-ephemeral', session: 0 },
    { move: 'leak-ephemeral', session: 1 },
  ],
};

it('nobody makes a message: 31 states, 8 ends, in each both complete', () => {
  expect(search({ variant, preSharedSecret: 'none', listed }, { making: 0 })).toEqual({
    states: 31,
    ends: 8,
    completed: 16,
    counterexample: undefined,
  });
});

it.each(Object.entries(leaks))('up to three messages made, %s: no invariant is violated', (_, first) => {
  for (const preSharedSecret of ['none', 'known', 'secret'] as const) {
    const { counterexample, states } = search({ variant, preSharedSecret, listed }, { making: 3, leaks: first });
    expect(counterexample).toBeUndefined();
    expect(states).toBeGreaterThan(100);
  }
});

it.each(['no-confirmation', 'certificate-not-verified', 'no-ss_r'])('the search finds an attack on %s', (id) => {
  const [mutant] = mutants.filter((one) => one.id === id);
  if (mutant === undefined) throw new Error(`no mutant ${id}`);
  const setting = { variant: broken(variant, mutant), preSharedSecret: 'none', listed } as const;
  expect(search(setting, { making: 4 }).counterexample).toBeDefined();
});
