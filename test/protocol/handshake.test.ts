import { describe, expect, it } from 'vitest';
import { refused } from '../../src/failure.ts';
import { messageNames, messageTable } from '../../src/generated/codec.ts';
import { failureTable } from '../../src/generated/failures.ts';
import { defaultChoice, type ReadingChoice, readingAxes, readingOf } from '../../src/generated/keySchedule.ts';
import type { Message } from '../../src/generated/messages.ts';
import { type Bytes, toHex } from '../../src/octets.ts';
import type { Schedule } from '../../src/protocol/parameters.ts';
import type { Effect } from '../../src/protocol/transition.ts';
import { encode } from '../../src/wire/frame.ts';
import { type PairOptions, pair, run } from './pair.ts';

const number = (message: Message<Bytes>): number => messageTable[message.type].type;
const key = (effects: readonly Effect<Bytes>[]): string | undefined =>
  effects.map((one) => (one.effect === 'release' ? toHex(one.sessionKey) : undefined)).find((one) => one !== undefined);
const failureOf = (effects: readonly Effect<Bytes>[]) =>
  effects.map((one) => (one.effect === 'abort' ? one.failure : undefined)).find((one) => one !== undefined);
const handshake = (options?: PairOptions, tamper?: (message: Message<Bytes>) => readonly Message<Bytes>[]) =>
  run(pair(options), number, tamper);

const allReadings: readonly ReadingChoice[] = Object.entries(readingAxes).reduce<readonly ReadingChoice[]>(
  (choices, [axis, { alternatives }]) =>
    choices.flatMap((choice) => alternatives.map((one) => ({ ...choice, [axis]: one }) as ReadingChoice)),
  [defaultChoice],
);

describe('schedules (section 3: inside a step the directions are independent)', () => {
  const orders: readonly [string, Schedule, string][] = [
    ['eager', 'eager', 'I:1 · R:2,4 · I:3,5 · R:6,8 · I:7'],
    ['lockstep, initiator first', { first: 'initiator' }, 'I:1 · R:2 · I:3 · R:4 · I:5 · R:6 · I:7 · R:8'],
    ['lockstep, responder first', { first: 'responder' }, 'I:1 · R:2,4 · I:3 · R:6 · I:5 · R:8 · I:7'],
  ];

  it.each(orders)('%s', (_, schedule, order) => {
    const done = handshake({ schedule });
    expect(done.order).toBe(order);
    expect(key(done.initiator)).toMatch(/^[0-9a-f]{96}$/);
    expect(key(done.responder)).toBe(key(done.initiator));
  });

  it.each(orders)('the schedule changes no octet of any message: %s', (_, schedule) => {
    const octets = (run: { messages: readonly Message<Bytes>[] }) =>
      run.messages.map((one) => toHex(encode(one))).sort();
    expect(octets(handshake({ schedule }))).toEqual(octets(handshake()));
  });

  it.each([
    ['eager', { first: 'initiator' }],
    ['eager', { first: 'responder' }],
    [{ first: 'initiator' }, 'eager'],
    [{ first: 'responder' }, 'eager'],
  ] as const)('an eager peer completes with one in lockstep: %o, %o', (schedule, responderSchedule) => {
    const done = handshake({ schedule, responderSchedule });
    expect(key(done.initiator)).toBeDefined();
    expect(key(done.responder)).toBe(key(done.initiator));
  });

  it('two peers that each let the other speak first both wait; nothing is sent out of turn', () => {
    const both = pair({ schedule: { first: 'responder' }, responderSchedule: { first: 'initiator' } });
    expect(run(both, number).order).toBe('I:1 · R:2');
    expect(both.initiator.state()).toBe('awaitingResponderCertificate');
  });
});

describe('readings (sections 3.1 to 3.5)', () => {
  it(`each of the ${allReadings.length} readings completes, with and without a pre-shared secret, with keys of its own`, () => {
    const keys = new Set<string | undefined>();
    for (const choice of allReadings) {
      for (const preSharedSecret of [undefined, new Uint8Array(32).fill(9)]) {
        const done = handshake({ reading: readingOf(choice), ...(preSharedSecret && { preSharedSecret }) });
        expect(key(done.responder)).toBe(key(done.initiator));
        keys.add(key(done.initiator));
      }
    }
    // The order of the MAC input is the one axis that does not change the session key.
    expect(keys.size).toBe(allReadings.length);
  });

  const mixed = (Object.entries(readingAxes) as [keyof ReadingChoice, { alternatives: readonly string[] }][]).flatMap(
    ([axis, { alternatives }]) => alternatives.slice(1).map((one) => [axis, one] as const),
  );

  it.each(mixed)(
    'a peer with %s=%s and one with the default fail, at decryption or confirmation',
    (axis, alternative) => {
      const responderReading = readingOf({ ...defaultChoice, [axis]: alternative } as ReadingChoice);
      const done = handshake({ responderReading });
      const expected = axis === 'hidingKey' || axis === 'associatedData' ? 'decryption-failed' : 'wrong-confirmation';
      for (const side of [done.initiator, done.responder]) {
        expect(failureOf(side)?.code).toBe(expected);
        expect(key(side)).toBeUndefined();
      }
    },
  );
});

describe('pre-shared secret (section 3.2.1)', () => {
  const one = new Uint8Array(32).fill(1);
  it.each([
    ['different ones', one, new Uint8Array(32).fill(2)],
    ['different lengths', one, new Uint8Array(33).fill(1)],
  ])('%s: the certificates do not open, on either side', (_, preSharedSecret, responderPreSharedSecret) => {
    const done = handshake({ preSharedSecret, responderPreSharedSecret });
    expect(failureOf(done.initiator)?.code).toBe('decryption-failed');
    expect(failureOf(done.responder)?.code).toBe('decryption-failed');
  });
});

describe('identity policy (section 3: no abort for identity before both confirmations)', () => {
  const unexpected = refused('unexpected-peer');
  it.each(['eager', { first: 'initiator' }, { first: 'responder' }] as const)(
    '%o: the peer sees every message',
    (schedule) => {
      const honest = handshake({ schedule });
      for (const options of [{ initiatorAccepts: unexpected }, { responderAccepts: unexpected }]) {
        const done = handshake({ schedule, ...options });
        expect(done.messages).toEqual(honest.messages);
        const [refuser, other] =
          'initiatorAccepts' in options ? [done.initiator, done.responder] : [done.responder, done.initiator];
        expect(failureOf(refuser)).toMatchObject({ code: 'unexpected-peer', step: 4 });
        expect(key(refuser)).toBeUndefined();
        expect(key(other)).toBeDefined();
      }
    },
  );

  it('one’s own certificate is refused by both, after both confirmations', () => {
    const done = handshake({ same: true });
    expect(done.order).toBe('I:1 · R:2,4 · I:3,5 · R:6,8 · I:7');
    for (const side of [done.initiator, done.responder]) {
      expect(failureOf(side)).toMatchObject({ code: 'own-certificate', step: 4 });
      expect(key(side)).toBeUndefined();
    }
  });
});

describe('aborts (sections 3, 3.6)', () => {
  const live = ['I', 'R'] as const;

  it('any message but the one awaited aborts, in every state, and nothing is sent', () => {
    const { messages } = handshake();
    for (const role of live) {
      for (let progress = 0; progress < 4; progress += 1) {
        for (const message of messages) {
          const { initiator, responder } = pair();
          const [peer, mine] = role === 'I' ? [initiator, 'responder'] : [responder, 'initiator'];
          peer.start();
          const awaited = messages.filter((one) => messageTable[one.type].sender === mine);
          const inOrder = [...awaited].sort((left, right) => number(left) - number(right));
          for (const past of inOrder.slice(0, progress)) peer.step({ event: 'receive', message: past });
          if (inOrder[progress] === message) continue;
          const effects = peer.step({ event: 'receive', message });
          expect(effects.map(({ effect }) => effect)).toEqual(['abort']);
          expect(failureOf(effects)?.code).toBe('unexpected-message');
          expect(peer.state()).toBe('aborted');
          expect(peer.step({ event: 'receive', message })).toEqual([]);
        }
      }
    }
  });

  it('a fault below the protocol aborts in every state, with its code and step', () => {
    for (const [name, step] of [
      ['responderHello', 1],
      ['responderCertificate', 1],
      ['responderEncapsulation', 2],
      ['responderConfirmation', 4],
      ['initiatorHello', 1],
      ['initiatorCertificate', 1],
      ['initiatorEncapsulation', 2],
      ['initiatorConfirmation', 4],
    ] as const) {
      const both = pair();
      const { type, sender } = messageTable[name];
      run(both, number, (message) =>
        messageTable[message.type].sender === sender && number(message) >= type ? [] : [message],
      );
      const peer = name.startsWith('responder') ? both.initiator : both.responder;
      const effects = peer.step({ event: 'fault', code: 'message-timeout', detail: name });
      expect(effects).toEqual([
        { effect: 'abort', failure: expect.objectContaining({ code: 'message-timeout', step }) },
      ]);
      expect(peer.secrets()).toEqual([]);
    }
  });

  it.each([
    'certificate-malformed',
    'certificate-wrong-algorithm',
    'certificate-wrong-key-usage',
    'certificate-outside-validity',
    'certificate-untrusted',
  ] as const)('%s aborts in step 2, before any encapsulation is sent', (certificateFault) => {
    const done = handshake({ certificateFault });
    expect(done.order).toBe('I:1 · R:2,4 · I:3');
    expect(failureOf(done.initiator)).toMatchObject({ code: certificateFault, step: 2 });
    expect(failureOf(done.responder)).toMatchObject({ code: certificateFault, step: 2 });
  });

  const altered = messageNames.map((name) => [name] as const);
  it.each(altered)('a changed octet anywhere in %s is noticed, and no key is released to its receiver', (name) => {
    const flip = (octets: Bytes, at: number): Bytes => octets.map((octet, index) => (index === at ? octet ^ 1 : octet));
    const length = 4 + messageTable[name].minimum;
    for (const at of [0, 11, 12, length - 5 - 16, length - 5]) {
      const done = handshake({}, (message) => {
        if (message.type !== name) return [message];
        const changed = Object.entries(message).map(([field, value], index, all) => {
          const before = all.slice(1, index).reduce((sum, [, one]) => sum + one.length, 0);
          const inside = index > 0 && at >= before && (index === all.length - 1 || at < before + value.length);
          return [field, inside ? flip(value as Bytes, Math.min(at - before, value.length - 1)) : value];
        });
        return [Object.fromEntries(changed) as Message<Bytes>];
      });
      const receiver = messageTable[name].sender === 'initiator' ? done.responder : done.initiator;
      expect(failureOf(receiver)).toBeDefined();
      expect(key(receiver)).toBeUndefined();
    }
  });

  it('the failures that tell of identity are those that the specification postpones', () => {
    const postponed = Object.entries(failureTable).filter(([, { abort }]) => abort === 'after confirmation');
    expect(postponed.map(([code]) => code).sort()).toEqual(['own-certificate', 'unexpected-peer']);
  });
});

describe('secrets', () => {
  const zero = (secret: unknown): boolean => secret instanceof Uint8Array && secret.every((octet) => octet === 0);

  it('those of a state are wiped when it is left, unless the next state holds them', () => {
    const both = pair();
    const seen = new Set<Bytes>();
    const held = () => [...both.initiator.secrets(), ...both.responder.secrets()];
    run(both, number, (message) => {
      for (const secret of held()) if (secret instanceof Uint8Array) seen.add(secret);
      return [message];
    });
    expect(seen.size).toBeGreaterThan(5);
    expect(both.initiator.state()).toBe('completed');
    const released = [...seen].filter((secret) => !zero(secret));
    expect(released.map((secret) => secret.length)).toEqual([48]); // the responder's k_session, which was released
  });

  it('the ephemeral decapsulation key is gone after its one use', () => {
    const both = pair();
    const first = both.initiator.start();
    const [ephemeral] = both.initiator.secrets() as { decapsulate: (ciphertext: Bytes) => Bytes }[];
    both.responder.start();
    const hello = first.flatMap((one) => (one.effect === 'send' ? [one.message] : []));
    const answers = hello.flatMap((message) => both.responder.step({ event: 'receive', message }));
    const message = answers.flatMap((one) => (one.effect === 'send' ? [one.message] : []))[0];
    if (message?.type !== 'responderHello') throw new Error('no responder hello');
    const before = toHex(ephemeral?.decapsulate(message.ephemeralCiphertext) ?? new Uint8Array());
    both.initiator.step({ event: 'receive', message });
    expect(() => {
      if (toHex(ephemeral?.decapsulate(message.ephemeralCiphertext) ?? new Uint8Array()) === before) return;
      throw new Error('gone');
    }).toThrow();
  });
});
