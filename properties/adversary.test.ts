import { expect, it } from 'vitest';
import { defaultChoice, type ReadingChoice, readingAxes, readingOf } from '../src/generated/keySchedule.ts';
import { invariants } from '../src/lab/adversary/invariants.ts';
import { broken, mutants } from '../src/lab/mutants/index.ts';
import { check, describe } from './check.ts';
import { seed } from './seed.ts';

const implementation = { reading: readingOf(defaultChoice), schedule: 'eager' } as const;

it(`5,000 scripts violate no invariant (PQUAKE_SEED=${seed})`, () => {
  const { found, completed } = check(implementation, { seed, runs: 5000 });
  expect(found && describe(found)).toBeUndefined();
  expect(completed).toBeGreaterThan(1000);
});

const alternatives = Object.entries(readingAxes).flatMap(([axis, { alternatives: all }]) =>
  all.slice(1).map((alternative) => ({ ...defaultChoice, [axis]: alternative }) as ReadingChoice),
);

it.each(alternatives.map((choice) => [JSON.stringify(choice), choice] as const))(
  'nor does the reading %s',
  (_, choice) => {
    const { found } = check({ ...implementation, reading: readingOf(choice) }, { seed, runs: 500 });
    expect(found && describe(found)).toBeUndefined();
  },
);

it.each(mutants.map((mutant) => [mutant.id, mutant] as const))(
  'mutant %s is killed by an invariant, or it is said why not',
  (id, mutant) => {
    const { found } = check(broken(implementation, mutant), {
      seed: 7,
      mutant: id,
      runs: mutant.survives === undefined ? 20_000 : 3000,
    });
    if (mutant.survives === undefined) expect(invariants.map(({ id: of }) => of)).toContain(found?.invariant);
    else expect(found && describe(found)).toBeUndefined();
  },
);

// Each invariant alone: one that no mutant violates would check nothing. `silence` is not among them: no mutant of the algebra can
// make a state machine go on after a failure, as the types have no such state.
it.each([
  ['secrecy', 'no-ss_i'],
  ['agreement', 'no-confirmation'],
  ['unique-key', 'coins-of-initiator-reused'],
  ['no-replay', 'coins-of-initiator-reused'],
  ['same-key-same-session', 'no-transcript'],
  ['fresh-ephemerals', 'ephemeral-key-reused'],
  ['released-right', 'identity-not-checked'],
  ['identities-late', 'identity-judged-early'],
  ['names-hidden', 'certificate-in-clear'],
])('%s alone kills the mutant %s', (only, id) => {
  const [mutant] = mutants.filter((one) => one.id === id);
  if (mutant === undefined) throw new Error(`no mutant ${id}`);
  const { found } = check(broken(implementation, mutant), { seed: 7, runs: 20_000, mutant: id, only });
  expect(found?.invariant).toBe(only);
});
