// A peer that sends what carries nothing is cut, and one that sends such things at ordinary rates is not (PQ-C-41).
import { describe, expect, it } from 'vitest';
import { keep, pairOf, rootKey, type Side, settle, sideOf, smallInner, text } from '../../properties/channelSides.ts';
import type { ChannelOptions } from '../../src/channel/options.ts';
import { commitmentOf, handOf, ratchetByHand, sealByHand } from './byHand.ts';

type Record = 'empty' | 'padded' | 'ratchet' | 'request' | 'tiny' | 'data';

/** An initiator to which a responder sends records one by one, and how many it took before it failed. */
function taken(kind: Record, most: number, options: Partial<ChannelOptions> = {}, clock?: (n: number) => number) {
  const side: Side = sideOf('initiator', options);
  const hand = handOf(rootKey(), 'responder');
  keep(side, side.channel.receive(commitmentOf(hand), clock?.(0)));
  for (let n = 1; n <= most; n += 1) {
    const record = {
      empty: () => sealByHand(hand, 'data'),
      padded: () => sealByHand(hand, 'data', text(''), 50),
      ratchet: () => sealByHand(hand, 'ratchet'),
      request: () => sealByHand(hand, 'request'),
      tiny: () => sealByHand(hand, 'data', text('x')),
      data: () => sealByHand(hand, 'data', text('sixteen octets!!')),
    }[kind]();
    if (kind === 'ratchet') ratchetByHand(hand);
    const { failure } = side.channel.receive(record, clock?.(n));
    if (failure !== undefined) {
      expect(failure.code).toBe('peer-floods');
      return n - 1;
    }
  }
  return most;
}

describe('without a clock', () => {
  it.each(['empty', 'padded', 'ratchet', 'request'] as const)(
    '1,024 of %s in a row pass, the next one does not',
    (kind) => {
      expect(taken(kind, 1_100)).toBe(1_024);
    },
  );

  it('so do as many tiny records as the allowance has', () => {
    expect(taken('tiny', 400, { limits: { allowance: 300 } })).toBe(300);
  });

  it('data passes for ever', () => {
    expect(taken('data', 3_000, { limits: { allowance: 1 } })).toBe(3_000);
  });

  it('a record of data pays for an empty one', () => {
    const side = sideOf('initiator', { limits: { allowance: 1_024 } });
    const hand = handOf(rootKey(), 'responder');
    side.channel.receive(commitmentOf(hand));
    for (let n = 0; n < 100; n += 1) {
      side.channel.receive(sealByHand(hand, 'data'));
      side.channel.receive(sealByHand(hand, 'data', new Uint8Array(16).fill(1)));
    }
    expect(side.channel.standing().failure).toBeUndefined();
  });

  it('inner handshakes have an end too', () => {
    const pair = pairOf({ limits: { allowance: 3 * 16_384 + 100 } });
    for (let n = 1; n <= 4; n += 1) {
      keep(pair.initiator, pair.initiator.channel.startHandshake());
      settle(pair);
      expect(pair.responder.channel.standing().failure?.code).toBe(n <= 3 ? undefined : 'peer-floods');
    }
  });
});

describe('with a clock', () => {
  it.each(['empty', 'ratchet', 'request'] as const)('64 of %s in each second pass for ever', (kind) => {
    expect(taken(kind, 3_000, {}, (n) => (n * 1_000) / 64)).toBe(3_000);
  });

  it('more of them pass until the allowance is spent', () => {
    const most = taken('empty', 20_000, {}, (n) => (n * 1_000) / 128);
    expect(most).toBeGreaterThan(2_000);
    expect(most).toBeLessThan(2_100);
  });

  it('a clock that stands still, or goes back, brings nothing', () => {
    expect(taken('empty', 1_100, {}, () => 7)).toBe(1_024);
    expect(taken('empty', 1_100, {}, (n) => -n * 1_000)).toBe(1_024);
  });
});

it('an inner handshake in records of one octet passes', () => {
  const octets = 3_000;
  const side = sideOf('responder', { innerHandshake: smallInner('responder', { octets }) });
  const hand = handOf(rootKey(), 'initiator');
  side.channel.receive(commitmentOf(hand));
  for (let n = 0; n < octets; n += 1) side.channel.receive(sealByHand(hand, 'handshake', Uint8Array.of(1)));
  expect(side.channel.standing()).toMatchObject({ failure: undefined, innerHandshake: 'under way' });
});
