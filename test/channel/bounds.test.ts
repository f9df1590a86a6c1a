// The bounds of what a peer may send, to the octet and to the record: the last that passes, and the first that does not.
import { describe, expect, it } from 'vitest';
import { dataOf, keep, rootKey, type Side, sideOf, smallInner, text } from '../../properties/channelSides.ts';
import type { ChannelOptions } from '../../src/channel/options.ts';
import { channelCosts } from '../../src/generated/channel.ts';
import { messageNames, messageTable } from '../../src/generated/codec.ts';
import { headerOctets } from '../../src/generated/constants.ts';
import { concat } from '../../src/octets.ts';
import { commitmentOf, type Hand, handOf, sealByHand } from './byHand.ts';

/** A responder that has the commitment of its peer, and the hand of that. */
function met(options: Partial<ChannelOptions> = {}): { side: Side; hand: Hand } {
  const side = sideOf('responder', options);
  const hand = handOf(rootKey(), 'initiator');
  keep(side, side.channel.receive(commitmentOf(hand)));
  return { side, hand };
}

const codeOf = ({ channel }: Side): string | undefined => channel.standing().failure?.code;

describe('records under one key (PQ-C-32)', () => {
  it.each(['data', 'ratchet'] as const)('two pass where the third is too many, whatever it is: %s', (type) => {
    const { side, hand } = met({ limits: { recordsAtFailure: 3 } });
    keep(side, side.channel.receive(concat(sealByHand(hand, 'data', text('a')), sealByHand(hand, 'data', text('b')))));
    expect([codeOf(side), dataOf(side)]).toEqual([undefined, text('ab')]);
    const third = sealByHand(hand, type);
    keep(side, side.channel.receive(third.slice(0, 1)));
    expect(codeOf(side)).toBeUndefined();
    keep(side, side.channel.receive(third.slice(1, 2)));
    expect(codeOf(side)).toBe('too-many-records');
  });
});

describe('octets of an abandoned handshake (PQ-C-28)', () => {
  const most = messageNames
    .filter((name) => messageTable[name].sender === 'initiator')
    .reduce((sum, name) => sum + headerOctets + messageTable[name].maximum, 0);

  /** Passes over so many octets, in whole records. */
  function passOver(octets: number, options: Partial<ChannelOptions> = {}): { side: Side; hand: Hand } {
    const { side, hand } = met(options);
    keep(side, side.channel.close());
    for (let left = octets; left > 0; left -= 16_384)
      keep(side, side.channel.receive(sealByHand(hand, 'handshake', new Uint8Array(Math.min(left, 16_384)).fill(1))));
    return { side, hand };
  }

  it('are passed over as long as one handshake can have so many, and not one more', () => {
    const { side, hand } = passOver(most);
    expect(codeOf(side)).toBeUndefined();
    keep(side, side.channel.receive(sealByHand(hand, 'handshake', Uint8Array.of(1))));
    expect(codeOf(side)).toBe('unexpected-handshake');
  });

  it('cost what octets of any handshake cost (PQ-C-41)', () => {
    const { side, hand } = passOver(1, { limits: { allowance: 10 } });
    keep(side, side.channel.receive(sealByHand(hand, 'handshake', new Uint8Array(16).fill(1))));
    for (let n = 2; n <= 10; n += 1) keep(side, side.channel.receive(sealByHand(hand, 'handshake', Uint8Array.of(1))));
    expect(codeOf(side)).toBeUndefined();
    keep(side, side.channel.receive(sealByHand(hand, 'handshake', Uint8Array.of(1))));
    expect(codeOf(side)).toBe('peer-floods');
  });
});

describe('the allowance (PQ-C-41)', () => {
  it('pays for the begin of a handshake, and for each small part of it', () => {
    const innerHandshake = smallInner('responder', { octets: 3_000 });
    const { side, hand } = met({ innerHandshake, limits: { allowance: channelCosts.innerHandshake + 100 } });
    for (let n = 1; n <= 100; n += 1) keep(side, side.channel.receive(sealByHand(hand, 'handshake', Uint8Array.of(1))));
    expect(codeOf(side)).toBeUndefined();
    keep(side, side.channel.receive(sealByHand(hand, 'handshake', Uint8Array.of(1))));
    expect(codeOf(side)).toBe('peer-floods');
  });

  it('comes back with time that passes once, not each time that a clock goes back and forth', () => {
    const { side, hand } = met({ limits: { allowance: 2 * channelCosts.bare, allowancePerSecond: channelCosts.bare } });
    const send = (now: number): string | undefined => {
      keep(side, side.channel.receive(sealByHand(hand, 'data'), now));
      return codeOf(side);
    };
    expect([1_000, 1_000, 2_000, 0, 1_000].map(send)).toEqual([
      undefined,
      undefined,
      undefined,
      'peer-floods',
      'peer-floods',
    ]);
    const other = met({ limits: { allowance: channelCosts.bare, allowancePerSecond: channelCosts.bare } });
    for (const now of [1_000, 2_000, 3_000])
      keep(other.side, other.side.channel.receive(sealByHand(other.hand, 'data'), now));
    other.side.channel.receive(new Uint8Array(0), 0);
    keep(other.side, other.side.channel.receive(sealByHand(other.hand, 'data'), 3_000));
    expect(codeOf(other.side)).toBe('peer-floods');
  });
});
