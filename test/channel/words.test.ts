// What failures and refusals of a channel say, and which of them stay.
import { describe, expect, it } from 'vitest';
import { deliver, keep, pairOf, rootKey, settle, sideOf, text } from '../../properties/channelSides.ts';
import { channelFailureTable, channelLimits } from '../../src/generated/channel.ts';
import { concat } from '../../src/octets.ts';
import { commitmentOf, handOf, sealByHand } from './byHand.ts';

const meaningOf = (code: keyof typeof channelFailureTable): string => channelFailureTable[code].meaning;

describe('a failure says', () => {
  it('what its code means, and no more where there is no more', () => {
    const { channel } = sideOf('responder');
    channel.receive(new Uint8Array(32));
    expect(channel.standing().failure?.message).toBe(meaningOf('wrong-commitment'));
  });

  it('which length was found, and which are expected (PQ-C-12)', () => {
    const { channel } = sideOf('responder');
    channel.receive(concat(commitmentOf(handOf(rootKey(), 'initiator')), Uint8Array.of(0, 16)));
    expect(channel.standing().failure?.message).toBe(`${meaningOf('record-length')}: found 16, expected 17 to 16401`);
  });

  it('that this side makes no handshake inside (PQ-C-22)', () => {
    const { channel } = sideOf('responder', { innerHandshake: undefined });
    const hand = handOf(rootKey(), 'initiator');
    channel.receive(concat(commitmentOf(hand), sealByHand(hand, 'handshake', text('x'))));
    expect(channel.standing().failure?.message).toBe(`${meaningOf('unexpected-handshake')}: none can be made here`);
  });

  it('what the transport says of its end (PQ-C-20)', () => {
    const { channel } = sideOf('responder');
    expect(channel.endOfInput('reset by the peer').failure?.message).toBe(
      `${meaningOf('truncated')}: reset by the peer`,
    );
  });

  it('the same after the channel was given up: the first one stays (PQ-C-40)', () => {
    const { channel } = sideOf('responder');
    channel.receive(new Uint8Array(32));
    channel.wipe();
    expect(channel.standing().failure?.code).toBe('wrong-commitment');
  });
});

describe('a channel of which one direction has ended', () => {
  it.each(['own', "peer's"])('has not ended: it can fail, and be given up (%s)', (ended) => {
    for (const act of ['fail', 'wipe'] as const) {
      const pair = pairOf();
      const closer = ended === 'own' ? pair.initiator : pair.responder;
      keep(closer, closer.channel.close());
      deliver(pair, ended === 'own' ? 'initiator' : 'responder');
      const { channel } = pair.initiator;
      if (act === 'fail') channel.fail('rehandshake-timeout');
      else channel.wipe();
      expect(channel.standing().failure?.code).toBe(act === 'fail' ? 'rehandshake-timeout' : 'channel-abandoned');
    }
  });

  it('and then the other has none that fails, and nothing to export from once it was wiped', () => {
    const pair = pairOf();
    for (const side of [pair.initiator, pair.responder]) keep(side, side.channel.close());
    settle(pair);
    const { channel } = pair.initiator;
    channel.wipe();
    expect(() => channel.export('x', text(''), 32)).toThrow('the secrets of the channel were wiped');
    expect(channel.standing()).toMatchObject({ sending: 'closed', receiving: 'closed', failure: undefined });
  });
});

describe('a refusal says', () => {
  it('who may do it', () => {
    const { initiator, responder } = pairOf();
    expect(() => initiator.channel.requestHandshake()).toThrow('only the responder of a channel does this');
    expect(() => responder.channel.startHandshake()).toThrow('only the initiator of a channel does this');
  });

  it('that a callback called the channel that asks it', () => {
    let reached: unknown;
    const pair = pairOf({
      judgePeer: () => {
        try {
          pair.initiator.channel.send(text('x'));
        } catch (error) {
          reached = error;
        }
        return true;
      },
    });
    keep(pair.initiator, pair.initiator.channel.startHandshake());
    settle(pair);
    expect(reached).toMatchObject({ message: 'a callback of the channel called the channel that asks it' });
  });

  it('which limit there is not, and which number is none', () => {
    const open = (limits: object) => () => sideOf('initiator', { limits });
    expect(open({ something: 1 })).toThrow('limits: a channel has no limit something');
    expect(open({ allowance: 0 })).toThrow('limits allowance: expected a whole number from 1 on, got 0');
    const unlike = { ...Object.fromEntries(Object.keys(channelLimits).map((name) => [name, undefined])) };
    expect(open(unlike)).not.toThrow(); // as if none were given
  });
});
