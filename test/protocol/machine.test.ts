// The one driver of a role: before its start, through its states, and after its end.
import { describe, expect, it } from 'vitest';
import { symbolicAlgebra, trusting } from '../../src/algebra/symbolic.ts';
import type { Term } from '../../src/algebra/terms.ts';
import { termStore } from '../../src/algebra/terms.ts';
import { defaultChoice, readingOf } from '../../src/generated/keySchedule.ts';
import type { Message } from '../../src/generated/messages.ts';
import { parametersOf } from '../../src/lab/models/roles.ts';
import { initiatorMachine, type Machine, machine, responderMachine } from '../../src/protocol/machine.ts';
import type { Role } from '../../src/protocol/parameters.ts';
import type { Effect } from '../../src/protocol/transition.ts';

const protocol = { id: 'test', title: 'test', reading: readingOf(defaultChoice), schedule: 'eager' } as const;

function started(role: Role) {
  const terms = termStore();
  const issuer = terms.name('authority');
  const algebra = symbolicAlgebra(terms, trusting(issuer));
  return { terms, parameters: parametersOf(terms, algebra, protocol, role, true) };
}

const sent = (effects: readonly Effect<Term>[]): Message<Term>[] =>
  effects.flatMap((effect) => (effect.effect === 'send' ? [effect.message] : []));

describe.each(['initiator', 'responder'] as const)('a machine: the %s', (role) => {
  const make = (): Machine<Term> => machine(role, started(role).parameters);

  it('is of its role, and the machine of that role alone does the same', () => {
    expect(make().role).toBe(role);
    const { parameters } = started(role);
    const alone = role === 'initiator' ? initiatorMachine(parameters) : responderMachine(parameters);
    expect(alone.role).toBe(role);
    expect(sent(alone.start()).map(({ type }) => type)).toEqual(sent(make().start()).map(({ type }) => type));
  });

  it('awaits nothing, holds nothing and does nothing before it was started', () => {
    const { terms, parameters } = started(role);
    const one = machine(role, parameters);
    expect(one.state()).toBe('unstarted');
    expect(one.awaits()).toBeUndefined();
    expect(one.secrets()).toEqual([]);
    expect(one.holds()).toEqual({});
    const message = { type: 'initiatorHello', ephemeralKey: terms.name('k') } as Message<Term>;
    expect(one.take(message)).toEqual([]);
    expect(one.fail('connection-closed')).toEqual([]);
    expect(one.state()).toBe('unstarted');
    expect(one.start()).toHaveLength(role === 'initiator' ? 1 : 0);
  });

  it('is started once', () => {
    const one = make();
    one.start();
    expect(() => one.start()).toThrow(new TypeError('a handshake can be started once'));
    one.fail('message-timeout');
    expect(() => one.start()).toThrow(TypeError);
  });

  it('awaits the first message of the peer, in step 1, and fails with the code and the detail that it is told', () => {
    const one = make();
    one.start();
    const first = role === 'initiator' ? 'responderHello' : 'initiatorHello';
    expect(one.awaits()).toEqual({ message: first, step: 1 });
    expect(one.fail('message-timeout', 'after 3 s')).toEqual([
      { effect: 'abort', failure: expect.objectContaining({ code: 'message-timeout', step: 1 }) },
    ]);
    expect(one.state()).toBe('aborted');
    expect(one.awaits()).toBeUndefined();
    expect(one.secrets()).toEqual([]);
    expect(one.holds()).toEqual({});
  });

  it('says in the failure what detail there is, and nothing where there is none', () => {
    const messageOf = (detail?: string): string | undefined => {
      const one = make();
      one.start();
      const [effect] = one.fail('message-timeout', detail);
      return effect?.effect === 'abort' ? effect.failure.message : undefined;
    };
    expect(messageOf('after 3 s')).toMatch(/: after 3 s$/);
    expect(messageOf()).not.toMatch(/:/);
    expect(messageOf('')).toBe(messageOf());
  });

  it('asks for nothing more after its end', () => {
    const { terms, parameters } = started(role);
    const one = machine(role, parameters);
    one.start();
    one.fail('connection-closed');
    expect(one.fail('connection-closed')).toEqual([]);
    expect(one.take({ type: 'initiatorHello', ephemeralKey: terms.name('k') } as Message<Term>)).toEqual([]);
    expect(one.state()).toBe('aborted');
  });
});

it('a machine tells what its state holds', () => {
  const { parameters } = started('responder');
  const [alice, bob] = [machine('initiator', parameters), machine('responder', parameters)];
  bob.start();
  const [hello] = sent(alice.start());
  if (hello === undefined) throw new Error('no message 1');
  bob.take(hello);
  const { hidingKey, ephemeralSecret } = bob.holds();
  expect(bob.secrets()).toEqual([ephemeralSecret, hidingKey]);
  expect(hidingKey).toMatchObject({ symbol: 'expand' });
});
