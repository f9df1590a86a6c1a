// Inner handshakes that fail a channel, and who the peer may be.
import { describe, expect, it } from 'vitest';
import {
  deliver,
  keep,
  pairOf,
  peerNamed,
  rootKey,
  settle,
  sideOf,
  smallInner,
  text,
} from '../../properties/channelSides.ts';
import { isSameSubject } from '../../src/channel/inner.ts';
import { handOf, openByHand, sealByHand } from './byHand.ts';
import { codes, openedTypes, settleOnce, slowPair, start } from './steps.ts';

describe('an inner handshake that fails, fails the channel (PQ-C-22, PQ-C-24, PQ-C-25)', () => {
  it.each(['initiator', 'responder'] as const)('for another subject, seen by the %s', (role) => {
    const inner = { innerHandshake: smallInner(role, { peer: peerNamed('mallory') }) };
    const pair = role === 'initiator' ? pairOf(inner, {}) : pairOf({}, inner);
    start(pair);
    settle(pair);
    const { failure } = pair[role].channel.standing();
    expect(failure).toMatchObject({ code: 'inner-handshake-failed', handshake: { code: 'unexpected-peer' } });
    expect(pair[role].channel.standing().epoch).toBe(0);
  });

  it('unless local policy says otherwise', () => {
    const asked: string[] = [];
    const judgePeer = (peer: { subject: string }, before: { subject: string }) => {
      asked.push(`${before.subject} -> ${peer.subject}`);
      return true;
    };
    const pair = pairOf({ innerHandshake: smallInner('initiator', { peer: peerNamed('mallory') }), judgePeer }, {});
    start(pair);
    settle(pair);
    expect(pair.initiator.channel.standing()).toMatchObject({ epoch: 1, peer: { subject: 'CN=mallory' } });
    expect(asked).toEqual(['CN=responder -> CN=mallory']);
  });

  it('for a message that is wrong', () => {
    const pair = pairOf({ innerHandshake: smallInner('initiator', { failsAt: 4 }) }, {});
    start(pair);
    settle(pair);
    expect(codes(pair)).toEqual(['inner-handshake-failed', undefined]);
  });

  it('for octets behind its last message', () => {
    const pair = slowPair();
    start(pair);
    while (!openedTypes(pair.initiator.sent).includes(7)) settleOnce(pair);
    const hand = handOf(rootKey(), 'initiator');
    const before = openByHand(hand, pair.initiator.sent.slice(32));
    expect(before.length).toBeGreaterThan(3);
    const side = pair.responder;
    deliver(pair, 'initiator');
    expect(side.channel.standing().epoch).toBe(1);
    keep(side, side.channel.receive(sealByHand(hand, 'handshake', text('more'))));
    expect(side.channel.standing().failure?.code).toBe('unexpected-handshake');
  });

  it('for an error of a callback, which is its cause', () => {
    const thrown = new Error('mine');
    const broken = () => {
      throw thrown;
    };
    const pair = pairOf({}, { innerHandshake: broken });
    start(pair);
    settle(pair);
    expect(pair.responder.channel.standing().failure).toMatchObject({ code: 'inner-handshake-failed', cause: thrown });
    const mine = sideOf('initiator', { innerHandshake: broken });
    expect(() => mine.channel.startHandshake()).toThrow(thrown);
    expect(mine.channel.standing()).toMatchObject({ innerHandshake: 'possible', failure: undefined });
    expect(() => sideOf('initiator', { innerHandshake: smallInner('responder') }).channel.startHandshake()).toThrow(
      'expected an initiator',
    );
  });

  it('a callback cannot call the channel that asks it', () => {
    let reached: unknown;
    const pair = pairOf({
      judgePeer: () => {
        try {
          pair.initiator.channel.close();
        } catch (error) {
          reached = error;
        }
        return true;
      },
    });
    start(pair);
    settle(pair);
    expect(reached).toBeInstanceOf(TypeError);
  });
});

describe('the same subject (PQ-C-25)', () => {
  it.each([
    ['the same names under the same anchor', peerNamed('bob'), true],
    ['another name', peerNamed('eve'), false],
    ['the same names under another anchor', peerNamed('bob', 'other'), false],
    [
      'a subject that no path vouches for',
      { ...peerNamed('bob'), vouchers: [{ ...peerNamed('bob').vouchers[0], names: ['eve'] }] },
      false,
    ],
  ])('%s: %s', (_, peer, same) => {
    expect(isSameSubject(peer as never, peerNamed('bob'))).toBe(same);
  });
});
