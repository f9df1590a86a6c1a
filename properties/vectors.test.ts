// The vectors tell every mutant from the protocol: an implementation with the fault of a mutant fails at least one vector.
import { expect, it } from 'vitest';
import { broken, mutants } from '../src/lab/mutants/index.ts';
import { judge, readVectors } from '../src/lab/vectors/judge.ts';

const teller = judge(readVectors());

it('the implementation itself is told by none', () => {
  expect(teller((variant) => variant)).toBeUndefined();
});

it.each(mutants.map((mutant) => [mutant.id, mutant] as const))('mutant %s is told by a vector', (_, mutant) => {
  expect(teller((variant) => broken(variant, mutant))).toBeDefined();
});
