// Changes that can be seen on octets: every other reading, and every mutant that does not merely leave a check out.
import { expect, it } from 'vitest';
import { defaultChoice, type ReadingChoice, readingAxes, readingOf } from '../src/generated/keySchedule.ts';
import type { Variant } from '../src/lab/adversary/session.ts';
import { broken, mutants } from '../src/lab/mutants/index.ts';
import { octetsOfHonestRun } from './honestOctets.ts';

const variant: Variant = { reading: readingOf(defaultChoice), schedule: 'eager' };
const implementation = octetsOfHonestRun(variant);
/** Mutants that leave out or move a check: an honest run does not show them. */
const leaveOut = [
  ...['certificate-not-verified', 'no-confirmation', 'no-confirmation-by-initiator', 'no-confirmation-by-responder'],
  ...['own-confirmation-accepted', 'identity-not-checked', 'own-certificate-accepted', 'identity-judged-early'],
];

it('an honest run has eight messages, and the same octets again', () => {
  expect(implementation.split('\n')).toHaveLength(8);
  expect(octetsOfHonestRun(variant)).toBe(implementation);
});

it.each(mutants.map((mutant) => [mutant.id, mutant] as const))(
  'mutant %s has octets of its own, or leaves out a check',
  (id, mutant) => {
    expect(octetsOfHonestRun(broken(variant, mutant)) === implementation).toBe(leaveOut.includes(id));
  },
);

const alternatives = Object.entries(readingAxes).flatMap(([axis, { alternatives: all }]) =>
  all
    .slice(1)
    .map(
      (alternative) => [`${axis}=${alternative}`, { ...defaultChoice, [axis]: alternative } as ReadingChoice] as const,
    ),
);

it.each(alternatives)('the reading %s has octets of its own', (_, choice) => {
  expect(octetsOfHonestRun({ ...variant, reading: readingOf(choice) })).not.toBe(implementation);
});
