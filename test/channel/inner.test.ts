// Inner handshakes of a channel: crossings, closes, limits, and who the peer is.
import { describe, expect, it } from 'vitest';
import {
  dataOf,
  deliver,
  keep,
  type Pair,
  pairOf,
  rootKey,
  settle,
  sideOf,
  smallHandshake,
  smallInner,
  text,
} from '../../properties/channelSides.ts';
import { concat } from '../../src/octets.ts';
import type { Role } from '../../src/role.ts';
import { commitmentOf, type Hand, handOf, nextRootOf, openByHand, sealByHand } from './byHand.ts';
import { codes, openedTypes, slowPair, start, step } from './steps.ts';

const names = ({ initiator, responder }: Pair) => ({
  initiator: initiator.events.map(({ event }) => event),
  responder: responder.events.map(({ event }) => event),
});
describe('an inner handshake', () => {
  it('puts both directions under the next root: switch, commitment, records from 0 on (PQ-C-02, PQ-C-07, PQ-C-23)', () => {
    const pair = pairOf();
    start(pair);
    settle(pair);
    const { channel, sent } = keep(pair.responder, pair.responder.channel.send(text('new')));
    const hand = handOf(rootKey(), 'responder');
    const tail = 32 + 22; // commitment, and a record of three octets
    const insides = openByHand(hand, sent.slice(32, -tail));
    expect(insides.at(-1)).toEqual(Uint8Array.of(6));
    const messages = concat(...insides.slice(0, -1).map((inside) => inside.slice(0, -1)));
    expect(messages).toEqual(Uint8Array.of(2, 7, 4, 7, 6, 7, 8, 7));
    const transcript = [1, 2, 3, 4, 5, 6, 7, 8].map((type) => Uint8Array.of(type, 7));
    const sessionKey = smallKey(transcript);
    const next = handOf(nextRootOf(rootKey(), sessionKey), 'responder');
    expect(sent.slice(-tail, -22)).toEqual(commitmentOf(next));
    expect(openByHand(next, sent.slice(-22))).toEqual([Uint8Array.of(...text('new'), 1)]);
    expect(channel.standing()).toMatchObject({ epoch: 1, innerHandshake: 'possible' });
  });

  it('lets data and ratchets pass under the old keys meanwhile, in order (PQ-C-21)', () => {
    const pair = pairOf({ limits: { recordsBeforeRatchet: 2 } });
    const sides = [pair.initiator, pair.responder] as const;
    start(pair);
    for (let i = 0; pair.initiator.channel.standing().innerHandshake === 'under way' && i < 40; i += 1) {
      for (const side of sides) {
        keep(side, side.channel.send(Uint8Array.of(i)));
        if (i % 3 === 1) keep(side, side.channel.ratchet());
      }
      step(pair, 'initiator');
      step(pair, 'responder');
    }
    settle(pair);
    expect(codes(pair)).toEqual([undefined, undefined]);
    expect(pair.initiator.channel.standing().epoch).toBe(1);
    const sent = dataOf(pair.initiator);
    expect(dataOf(pair.responder)).toEqual(sent);
    expect([...sent]).toEqual([...sent].map((_, i) => i));
  });

  it('tells the new peer and an identifier that is the same on both sides; exports are new (PQ-C-03)', () => {
    const pair = pairOf();
    const before = pair.initiator.channel.export('x', text(''), 32);
    start(pair);
    settle(pair);
    const [i] = pair.initiator.events.filter((one) => one.event === 'rehandshaken');
    const [r] = pair.responder.events.filter((one) => one.event === 'rehandshaken');
    expect(i).toMatchObject({ epoch: 1, peer: { subject: 'CN=responder' } });
    expect(r).toMatchObject({ epoch: 1, peer: { subject: 'CN=initiator' } });
    expect(i?.event === 'rehandshaken' && r?.event === 'rehandshaken' && i.identifier).toEqual(
      r?.event === 'rehandshaken' && r.identifier,
    );
    const after = pair.initiator.channel.export('x', text(''), 32);
    expect(after).not.toEqual(before);
    expect(after).toEqual(pair.responder.channel.export('x', text(''), 32));
  });

  it('may be one of many, each on top of the one before (PQ-C-26)', () => {
    let coin = 0;
    const fresh = () => {
      coin += 1;
      return coin & 0xff;
    };
    const inner = (role: Role) => ({ innerHandshake: smallInner(role, { fresh }) });
    const pair = pairOf(inner('initiator'), inner('responder'));
    for (let epoch = 1; epoch <= 5; epoch += 1) {
      start(pair);
      expect(() => pair.initiator.channel.startHandshake()).toThrow('under way');
      settle(pair);
      expect(pair.responder.channel.standing().epoch).toBe(epoch);
    }
    keep(pair.initiator, pair.initiator.channel.send(text('x')));
    settle(pair);
    expect(dataOf(pair.responder)).toEqual(text('x'));
  });

  it('is under way until the peer has switched', () => {
    const pair = pairOf();
    start(pair);
    while (pair.initiator.channel.standing().epoch === 0) {
      step(pair, 'initiator');
      step(pair, 'responder');
    }
    expect(pair.initiator.channel.standing().innerHandshake).toBe('under way');
    settle(pair);
    expect(pair.initiator.channel.standing().innerHandshake).toBe('possible');
  });

  it('has messages that are larger than a record', () => {
    const inner = (role: Role) => ({ innerHandshake: smallInner(role, { octets: 40_000 }) });
    const pair = pairOf(inner('initiator'), inner('responder'));
    start(pair);
    settle(pair);
    expect(pair.responder.channel.standing()).toMatchObject({ epoch: 1, failure: undefined });
  });
});

const smallKey = (transcript: readonly Uint8Array[]): Uint8Array => {
  const alone = smallHandshake('initiator', () => true);
  alone.start();
  const outcome = transcript
    .filter((_, i) => i % 2 === 1)
    .map((message) => alone.receive(message).outcome)
    .at(-1);
  if (outcome?.status !== 'completed') throw new Error('did not complete');
  return outcome.session.sessionKey.reveal();
};

describe('requests (PQ-C-17, PQ-C-27)', () => {
  it('reach the initiator, which answers when it likes', () => {
    const pair = pairOf();
    keep(pair.responder, pair.responder.channel.requestHandshake());
    settle(pair);
    expect(names(pair).initiator).toEqual(['handshakeRequested']);
    start(pair);
    settle(pair);
    expect(names(pair).responder).toEqual(['rehandshaken']);
  });

  it('are passed over while one is under way: crossed', () => {
    const pair = pairOf();
    keep(pair.responder, pair.responder.channel.requestHandshake());
    start(pair);
    settle(pair);
    expect(names(pair).initiator).toEqual(['rehandshaken']);
  });

  it('are passed over by an initiator that has closed, or that can make no handshake', () => {
    for (const options of [{}, { innerHandshake: undefined }]) {
      const pair = pairOf(options, {});
      if (!('innerHandshake' in options)) keep(pair.initiator, pair.initiator.channel.close());
      keep(pair.responder, pair.responder.channel.requestHandshake());
      deliver(pair, 'responder');
      expect(names(pair).initiator).toEqual([]);
      expect(codes(pair)).toEqual([undefined, undefined]);
    }
  });

  it('are not for the initiator, starts not for the responder', () => {
    const { initiator, responder } = pairOf();
    expect(() => initiator.channel.requestHandshake()).toThrow(TypeError);
    expect(() => responder.channel.startHandshake()).toThrow(TypeError);
    expect(() => sideOf('initiator', { innerHandshake: undefined }).channel.startHandshake()).toThrow('impossible');
  });
});

describe('a close during an inner handshake (PQ-C-28)', () => {
  /** Steps until a side has sent so many of its four messages, then closes it. */
  function closedAfter(closer: Role, flights: number): Pair {
    const pair = pairOf();
    start(pair);
    for (let i = 0; i < flights; i += 1) {
      step(pair, 'initiator');
      step(pair, 'responder');
    }
    keep(pair[closer], pair[closer].channel.close());
    settle(pair);
    keep(pair.initiator, pair.initiator.channel.close());
    keep(pair.responder, pair.responder.channel.close());
    settle(pair);
    return pair;
  }

  it.each([
    ['initiator', 0, 0],
    ['initiator', 1, 0],
    ['responder', 0, 0],
    ['responder', 1, 0],
    ['responder', 2, 1],
    ['initiator', 2, 1],
  ] as const)('of the %s after %i round trips: epoch %i on both sides, no failure', (closer, flights, epoch) => {
    const pair = closedAfter(closer, flights);
    expect(codes(pair)).toEqual([undefined, undefined]);
    expect(pair.initiator.channel.standing()).toMatchObject({ epoch, sending: 'closed', receiving: 'closed' });
    expect(pair.responder.channel.standing()).toMatchObject({ epoch, sending: 'closed', receiving: 'closed' });
  });

  it('the initiator after its last message: only the responder switches', () => {
    const pair = slowPair();
    start(pair);
    while (!openedTypes(pair.initiator.sent).includes(7)) {
      step(pair, 'initiator');
      if (!openedTypes(pair.initiator.sent).includes(7)) step(pair, 'responder');
    }
    expect(pair.initiator.channel.standing().epoch).toBe(0);
    keep(pair.initiator, pair.initiator.channel.close());
    settle(pair);
    keep(pair.responder, pair.responder.channel.send(text('new root')));
    settle(pair);
    expect(codes(pair)).toEqual([undefined, undefined]);
    expect(dataOf(pair.initiator)).toEqual(text('new root'));
    expect(names(pair)).toEqual({ initiator: ['rehandshaken', 'data'], responder: ['rehandshaken', 'peerClosed'] });
  });

  it('of the responder that crosses the begin: its octets are passed over, at most those of a handshake', () => {
    const pair = pairOf();
    keep(pair.responder, pair.responder.channel.close());
    start(pair);
    settle(pair);
    expect(codes(pair)).toEqual([undefined, undefined]);
    expect(pair.initiator.channel.standing().innerHandshake).toBe('impossible');
    const hand: Hand = handOf(rootKey(), 'initiator');
    const side = sideOf('responder');
    keep(side, side.channel.close());
    keep(side, side.channel.receive(commitmentOf(hand)));
    const whole = new Uint8Array(16_384).fill(1);
    for (let i = 0; i < 4; i += 1) keep(side, side.channel.receive(sealByHand(hand, 'handshake', whole)));
    expect(side.channel.standing().failure).toBeUndefined();
    keep(side, side.channel.receive(sealByHand(hand, 'handshake', whole)));
    expect(side.channel.standing().failure?.code).toBe('unexpected-handshake');
  });

  it('none is started or asked for when a direction has closed (PQ-C-29)', () => {
    for (const closer of ['initiator', 'responder'] as const) {
      const pair = pairOf();
      keep(pair[closer], pair[closer].channel.close());
      settle(pair);
      expect(() => pair.initiator.channel.startHandshake()).toThrow('impossible');
      expect(() => pair.responder.channel.requestHandshake()).toThrow('impossible');
    }
  });
});
