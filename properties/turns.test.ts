// Who shows its identity first (PQ-P-12): with a schedule that names a role, the other one shows its certificate only to who has shown
// one that the authority signed. It proves no possession: that comes with the confirmations.
import { expect, it } from 'vitest';
import { noble } from '../src/crypto/noble.ts';
import { defaultChoice, readingOf } from '../src/generated/keySchedule.ts';
import { violation } from '../src/lab/adversary/invariants.ts';
import { perform } from '../src/lab/adversary/moves.ts';
import { replay } from '../src/lab/adversary/script.ts';
import type { Variant } from '../src/lab/adversary/session.ts';
import { world } from '../src/lab/adversary/world.ts';
import { broken, mutants } from '../src/lab/mutants/index.ts';
import type { Role } from '../src/role.ts';
import { check, describe } from './check.ts';
import { honest } from './scripts.ts';
import { seed } from './seed.ts';

const roles = ['initiator', 'responder'] as const;
const otherOf: Readonly<Record<Role, Role>> = { initiator: 'responder', responder: 'initiator' };
const inTurn = (first: Role): Variant => ({ reading: readingOf(defaultChoice), schedule: { first } });

/** Peers that were told to speak second, and speak at once. */
const outOfTurn: Readonly<Record<string, Variant['keeps']>> = {
  'both roles': () => 'eager',
  'the initiator': (schedule, role) => (role === 'initiator' ? 'eager' : schedule),
  'the responder': (schedule, role) => (role === 'responder' ? 'eager' : schedule),
  'whoever was to speak second speaks first': (schedule) =>
    schedule === 'eager' ? schedule : { first: otherOf[schedule.first] },
};

it.each(roles)('2,000 scripts with the %s first violate no invariant', (first) => {
  const { found, completed } = check(inTurn(first), { seed, runs: 2000 });
  expect(found && describe(found)).toBeUndefined();
  expect(completed).toBeGreaterThan(150);
});

const each = Object.entries(outOfTurn).flatMap(([who, keeps]) =>
  ['second-shows-last', 'names-of-second'].map((only) => [who, only, keeps] as const),
);

it.each(each)('out of turn: %s, which violates %s', (_, only, keeps) => {
  const { found } = check({ ...inTurn('initiator'), keeps }, { seed: 7, runs: 20_000, only });
  expect(found?.invariant).toBe(only);
});

it('a certificate that nobody verified is none: second-shows-last is violated', () => {
  const [mutant] = mutants.filter(({ id }) => id === 'certificate-not-verified');
  if (mutant === undefined) throw new Error('there is no such mutant');
  const only = 'second-shows-last';
  const { found } = check(broken(inTurn('initiator'), mutant), { seed: 7, runs: 20_000, mutant: mutant.id, only });
  expect(found?.invariant).toBe(only);
});

it.each(roles)(
  'with the %s first, a certificate that was seen can be shown by anyone: the second then shows its own',
  (first) => {
    const w = world({ variant: inTurn(first), preSharedSecret: 'none', listed: ['alice'] });
    perform(w, { move: 'start', role: otherOf[first], agent: 1, expected: 0 });
    for (let which = 0; which < 12 && w.sessions[0]?.seenWhenShown === undefined; which += 1) {
      perform(w, { move: 'inject', to: 0, which: 0 });
    }
    expect(w.sessions[0]?.seenWhenShown).toBe(w.certificates()[0]);
    expect(w.knowledge.derives(w.terms.name('bob'))).toBe(true);
    expect(violation(w)).toBeUndefined();
  },
);

it.each(roles)('on octets too, the certificate of the %s comes first; out of turn the order is another', (first) => {
  const sent = (variant: Variant): string[] => {
    const names: string[] = [];
    const script = { preSharedSecret: 'secret', listed: [], moves: [...honest, ...honest.slice(2)] } as const;
    const { differences } = replay(script, variant, { suite: noble }, ({ step }) => {
      names.push(...(step?.onOctets?.sent ?? []).map(({ type }) => type));
    });
    expect(differences).toEqual([]);
    return names.filter((name) => name.endsWith('Certificate'));
  };
  const second = `${otherOf[first]}Certificate`;
  expect(sent(inTurn(first))).toEqual([`${first}Certificate`, second]);
  expect(sent({ ...inTurn(first), keeps: () => ({ first: otherOf[first] }) })[0]).toBe(second);
});
