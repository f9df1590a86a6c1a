// What the transitions of a channel answer, as spec/channel.md states it: how many records go out, what is told, and what cannot be asked.
import { describe, expect, it } from 'vitest';
import { keep, rootKey, sideOf, text } from '../../properties/channelSides.ts';
import { bytesRecords } from '../../src/algebra/bytesRecords.ts';
import { firstRoot } from '../../src/channel/keys.ts';
import { paddingOf } from '../../src/channel/padding.ts';
import {
  type ChannelState,
  completeInner,
  onCommitment,
  onRecord,
  openState,
  type Setting,
  sendClose,
  sendRecord,
} from '../../src/channel/state.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { SessionKey } from '../../src/generated/kinds.ts';
import { handOf, openByHand, sealByHand } from './byHand.ts';

type Octets = Uint8Array;

const { algebra } = bytesRecords(noble);
const setting: Setting<Octets> = { algebra, limits: { recordsBeforeRatchet: 2, recordsAtFailure: 8 } };
const opened = (): ChannelState<Octets> => openState(algebra, 'initiator', firstRoot(rootKey() as SessionKey<Octets>));
const data = { type: 'data', content: text('x') } as const;

describe('a record that is sent', () => {
  it('goes out alone; only the first one has the commitment before it (PQ-C-10)', () => {
    const first = sendRecord(setting, opened(), data);
    expect(first.output.map(({ length }) => length)).toEqual([32, 20]);
    const second = sendRecord(setting, first.state, data);
    expect(second.output.map(({ length }) => length)).toEqual([20]);
    expect([first.happened, second.happened]).toEqual([[], []]);
  });

  it('is no second ratchet where one is due: the one that was asked for is it (PQ-C-31)', () => {
    const side = sideOf('initiator', { limits: { recordsBeforeRatchet: 2 } });
    for (const word of ['a', 'b']) keep(side, side.channel.send(text(word)));
    expect(side.channel.ratchet().events).toEqual([{ event: 'ratcheted', direction: 'sent' }]);
    const state = [data, data].reduce((before, record) => sendRecord(setting, before, record).state, opened());
    const { output, happened } = sendRecord(setting, state, { type: 'ratchet' });
    expect([output.length, happened]).toEqual([1, [{ event: 'ratcheted', direction: 'sent' }]]);
  });

  it('stands behind the ratchet that was due, and both are told', () => {
    const side = sideOf('initiator', { limits: { recordsBeforeRatchet: 1 } });
    keep(side, side.channel.send(text('a')));
    keep(side, side.channel.ratchet());
    keep(side, side.channel.ratchet());
    expect(openByHand(handOf(rootKey(), 'initiator'), side.sent.slice(32)).map((inside) => inside.at(-1))).toEqual([
      1, 3, 3,
    ]);
    expect(side.events).toHaveLength(2);
  });

  it('is refused in words when the direction has ended', () => {
    const { state } = sendClose(setting, opened());
    expect(() => sendRecord(setting, state, data)).toThrow('the channel was closed for sending');
    expect(() => sendClose(setting, state)).toThrow('the channel was closed for sending');
  });
});

describe('an octet string of the peer', () => {
  it('is taken as what is awaited only', () => {
    const awaiting = opened();
    expect(() => onRecord(setting, awaiting, sealByHand(handOf(rootKey(), 'responder'), 'data'))).toThrow(
      'no record is awaited',
    );
    const commitment = awaiting.inbound.state === 'uncommitted' ? awaiting.inbound.commitment : text('');
    const taken = onCommitment(setting, awaiting, commitment);
    if (!taken.ok) throw new Error(taken.code);
    expect(() => onCommitment(setting, taken.value, commitment)).toThrow('no commitment is awaited');
  });
});

describe('a handshake inside that has completed', () => {
  const sessionKey = rootKey(3) as SessionKey<Octets>;

  it('sends switch and the commitment to the next root (PQ-C-23)', () => {
    const { output, happened, state } = completeInner(setting, opened(), sessionKey);
    expect(output.map(({ length }) => length)).toEqual([32, 19, 32]);
    expect([happened, state.inner.inner]).toEqual([[], 'completed']);
  });

  it('sends nothing, and tells nothing, when its own direction has ended', () => {
    const { state } = sendClose(setting, opened());
    const { output, happened } = completeInner(setting, state, sessionKey);
    expect([output, happened]).toEqual([[], []]);
  });
});

it.each([0, 5, 16_384])('padding none adds nothing to %i octets (PQ-C-34)', (octets) => {
  expect(paddingOf('none', octets)).toBe(0);
});

it('a padding that there is not is named, with those that there are', () => {
  expect(() => sideOf('initiator', { padding: { multipleOf: 0 } })).toThrow(
    'padding is none, power-of-two, or a multiple of 1 to 16384 octets, not {"multipleOf":0}',
  );
});
