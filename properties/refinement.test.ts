// The state machines take the same steps on octets and on terms, honest or attacked, and every field that they send is the octets
// of its term. So a proof about the terms is one about the code that runs.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { noble } from '../src/crypto/noble.ts';
import { defaultChoice, type ReadingChoice, readingAxes, readingOf } from '../src/generated/keySchedule.ts';
import { replay } from '../src/lab/adversary/script.ts';
import type { Variant } from '../src/lab/adversary/session.ts';
import type { Setting } from '../src/lab/adversary/world.ts';
import { broken, type Mutant, mutants } from '../src/lab/mutants/index.ts';
import { profile, proposed } from '../src/proposals/index.ts';
import { anyMoves, honest, settingOf } from './scripts.ts';

const octets = { suite: noble };
const implementation: Variant = { reading: readingOf(defaultChoice), schedule: 'eager' };
const anyReading = fc.record(
  Object.fromEntries(
    Object.entries(readingAxes).map(([axis, { alternatives }]) => [axis, fc.constantFrom(...alternatives)]),
  ),
) as unknown as fc.Arbitrary<ReadingChoice>;

it('attacked runs, every reading, every schedule: the same steps, outcomes of checks, effects and octets', () => {
  let released = 0;
  const attacked = fc.property(anyReading, settingOf(implementation), anyMoves, (choice, setting, moves) => {
    const variant = { ...setting.variant, reading: readingOf(choice) };
    const { differences, world } = replay({ ...setting, moves }, variant, octets);
    released += world.sessions.filter(({ releasedAt }) => releasedAt !== undefined).length;
    expect(differences).toEqual([]);
  });
  fc.assert(attacked, { numRuns: 150, seed: 20_260_601 });
  expect(released).toBeGreaterThan(5);
});

/** An honest run of alice with bob: the operations asked of the algebra, and the outcome. */
function together(mutant?: Mutant): { differences: readonly string[]; released: number; asked: Set<string> } {
  const variant = { ...implementation, reading: readingOf({ ...defaultChoice, associatedData: 'header' }) };
  const changed = mutant === undefined ? variant : broken(variant, mutant);
  const setting: Setting = { variant: changed, preSharedSecret: 'secret', listed: [] };
  const asked = new Set<string>();
  const { differences, world } = replay({ ...setting, moves: honest }, changed, octets, ({ step }) => {
    for (const line of step?.said ?? []) asked.add(line.split(' ')[0] ?? '');
  });
  const released = world.sessions.filter(({ releasedAt }) => releasedAt !== undefined).length;
  return { differences, released, asked };
}

it('an honest run does every operation of the algebra on both sides, and both release', () => {
  const { differences, released, asked } = together();
  expect([differences, released]).toEqual([[], 2]);
  const operations = ['generateKeyPair', 'encapsulate', 'decapsulate', 'initialVector', 'header', 'seal', 'open'];
  for (const operation of [...operations, 'verifyCertificate', 'confirm', 'acceptPeer', 'cut', 'hash', 'mac']) {
    expect(asked).toContain(operation);
  }
});

it.each(mutants.map((mutant) => [mutant.id, mutant] as const))(
  'mutant %s does the same on octets and on terms',
  (id, mutant) => {
    const { differences, released } = together(mutant);
    // Two broken peers of a kind complete with each other; this mutant is the exception.
    expect([differences, released]).toEqual([[], id === 'encapsulates-to-itself' ? 0 : 2]);
  },
);

it('octets that do otherwise than terms are noticed', () => {
  const [first] = mutants.filter(({ id }) => id === 'no-confirmation');
  const onTermsOnly = { ...implementation, broken: first?.algebra };
  const moves = [...honest.slice(0, 6), { move: 'misdeliver', to: 0, which: 0 } as const];
  const { world } = replay({ preSharedSecret: 'none', listed: [], moves }, onTermsOnly, octets);
  const step = {
    said: ['send initiatorHello'],
    sent: [],
    onOctets: { said: ['abort 1 unexpected-message'], sent: [] },
  };
  expect(world.compare(step)).toContain('octets abort');
});

it('the profile of the proposals, attacked: the same steps, outcomes of checks, effects and octets', () => {
  for (const byReference of [false, true]) {
    const { reading, algebra } = proposed(profile, { suite: noble.algorithms.name });
    const variant: Variant = {
      reading: reading(implementation.reading),
      schedule: 'eager',
      broken: (given, { role }) => algebra(given, { role, byReference }),
    };
    const world = { suite: noble, proposals: { ids: profile, byReference } };
    let released = 0;
    const attacked = fc.property(settingOf(variant), anyMoves, (setting, moves) => {
      const played = replay({ ...setting, moves }, { ...setting.variant, ...variant }, world);
      released += played.world.sessions.filter(({ releasedAt }) => releasedAt !== undefined).length;
      expect(played.differences).toEqual([]);
    });
    fc.assert(attacked, { numRuns: 25, seed: 20_260_601 });
    const ends = replay({ preSharedSecret: 'secret', listed: [], moves: honest }, variant, world);
    expect(released).toBeGreaterThan(0);
    expect(ends.differences).toEqual([]);
    expect(ends.world.sessions.every(({ releasedAt }) => releasedAt !== undefined)).toBe(true);
  }
});
