// The channel against an independent implementation of spec/channel.md, in both roles; and each fault of it is noticed.
import * as crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { otherSide, rootKey, type Side, sessionFor, sideOf, smallHandshake } from '../../properties/channelSides.ts';
import type { ChannelEvent } from '../../src/channel/channel.ts';
import { native } from '../../src/crypto/native.ts';
import type { Role } from '../../src/role.ts';
import { type Independent, type IndependentOptions, independent } from './independent.ts';

const suite = native(crypto);

interface Meeting {
  readonly own: Side;
  readonly other: Independent;
  readonly heard: Buffer[];
  readonly told: string[];
  /** Exchanges all octets, in segments of this many. */
  readonly settle: (segment?: number) => void;
  readonly failure: () => string | undefined;
}

/** One side of the library, and the independent one in the other role. */
function meet(role: Role, more: Partial<IndependentOptions> = {}): Meeting {
  const own = sideOf(role, { suite, session: sessionFor(role, rootKey(), suite) });
  const [heard, told]: [Buffer[], string[]] = [[], []];
  const fromOther: Buffer[] = [];
  const peer = otherSide[role];
  const other = independent({
    role: peer,
    root: rootKey(),
    inner: () => smallHandshake(peer, () => true),
    write: (octets) => fromOther.push(octets),
    onData: (data) => heard.push(Buffer.from(data)),
    onEvent: (event) => told.push(event),
    ...more,
  });
  const take = (progress: { output: readonly Uint8Array[]; events: readonly ChannelEvent[] }): void => {
    own.pending = Buffer.concat([own.pending, ...progress.output]);
    own.events.push(...progress.events);
  };
  return {
    own,
    other,
    heard,
    told,
    settle: (segment = 777) => {
      while (own.pending.length + fromOther.length > 0) {
        const [mine, theirs] = [own.pending, Buffer.concat(fromOther.splice(0))];
        own.pending = new Uint8Array(0);
        for (let at = 0; at < mine.length; at += segment) other.receive(mine.subarray(at, at + segment));
        for (let at = 0; at < theirs.length; at += segment)
          take(own.channel.receive(theirs.subarray(at, at + segment)));
      }
    },
    failure: () => own.channel.standing().failure?.code,
  };
}

const octets = (length: number, of: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * of) >>> 3);
const dataOf = ({ events }: Side): Buffer =>
  Buffer.concat(events.flatMap((one) => (one.event === 'data' ? [one.data] : [])));
const send = ({ own }: Meeting, progress: ReturnType<Side['channel']['send']>): void => {
  own.pending = Buffer.concat([own.pending, ...progress.output]);
  own.events.push(...progress.events);
};

describe.each(['initiator', 'responder'] as const)('PQ-C-01 as the %s', (role) => {
  it.each([1, 777, 100_000])(
    '30,000 octets each way, ratchets, an inner handshake, padding and close, in segments of %d',
    (segment) => {
      const meeting = meet(role, { padding: 13 });
      const { own, other } = meeting;
      const [mine, theirs] = [octets(30_000, 3), octets(30_000, 5)];
      send(meeting, own.channel.send(mine.subarray(0, 10_000), { multipleOf: 512 }));
      other.send(theirs.subarray(0, 10_000));
      meeting.settle(segment);
      send(meeting, own.channel.ratchet());
      other.ratchet();
      if (role === 'initiator') {
        other.request();
        meeting.settle(segment);
        expect(own.events.at(-1)).toEqual({ event: 'handshakeRequested' });
        send(meeting, own.channel.startHandshake());
      } else other.startInner();
      send(meeting, own.channel.send(mine.subarray(10_000, 20_000), 'power-of-two'));
      other.send(theirs.subarray(10_000, 20_000));
      meeting.settle(segment);
      expect([own.channel.standing().epoch, other.epoch()]).toEqual([1, 1]);
      other.ratchet();
      send(meeting, own.channel.ratchet());
      send(meeting, own.channel.send(mine.subarray(20_000)));
      other.send(theirs.subarray(20_000));
      send(meeting, own.channel.close());
      meeting.settle(segment);
      other.close();
      meeting.settle(segment);
      expect(Buffer.concat(meeting.heard).equals(mine)).toBe(true);
      expect(dataOf(own).equals(theirs)).toBe(true);
      expect(meeting.told.at(-1)).toBe('close');
      expect(own.channel.standing()).toMatchObject({ sending: 'closed', receiving: 'closed', failure: undefined });
    },
  );

  it.each<[string, string, Partial<IndependentOptions>, (other: Independent) => void]>([
    [
      'another commitment',
      'wrong-commitment',
      { change: (o, what) => (what === 'commitment' ? Buffer.alloc(32) : o) },
      (p) => p.send(octets(9, 1)),
    ],
    ['another root', 'wrong-commitment', { root: rootKey(3) }, (p) => p.send(octets(9, 1))],
    [
      'an octet of a record flipped',
      'record-not-opened',
      {
        change: (o, what) =>
          what === 'data' ? Buffer.concat([o.subarray(0, 4), Buffer.of((o[4] ?? 0) ^ 1), o.subarray(5)]) : o,
      },
      (p) => p.send(octets(9, 1)),
    ],
    [
      'a length of 16',
      'record-length',
      { change: (o, what) => (what === 'data' ? Buffer.of(0, 16) : o) },
      (p) => p.send(octets(9, 1)),
    ],
    [
      'a length of 16,402',
      'record-length',
      { change: (o, what) => (what === 'data' ? Buffer.of(0x40, 0x12) : o) },
      (p) => p.send(octets(9, 1)),
    ],
    ['zeros only', 'record-without-type', {}, (p) => p.record(0, Buffer.alloc(0), 5)],
    ['type 7', 'unknown-record', {}, (p) => p.record(7)],
    ['a close with content', 'unexpected-content', {}, (p) => p.record(2, octets(1, 9).fill(1))],
    ['a ratchet with content', 'unexpected-content', {}, (p) => p.record(3, octets(1, 9).fill(1))],
    ['a handshake without content', 'content-missing', {}, (p) => p.record(4)],
    ['a switch without a handshake', 'unexpected-switch', {}, (p) => p.record(6)],
    [
      'a record after a close',
      'octets-after-close',
      {},
      (p) => {
        p.close();
        p.send(octets(3, 1));
      },
    ],
    [
      'the same record twice',
      'record-not-opened',
      { change: (o, what) => (what === 'data' ? Buffer.concat([o, o]) : o) },
      (p) => p.send(octets(9, 1)),
    ],
    [
      'a ratchet that is not made',
      'record-not-opened',
      {},
      (p) => {
        p.record(3);
        p.send(octets(3, 1));
      },
    ],
  ])('a peer that sends %s fails with %s, and nothing of it is delivered', (_, code, more, act) => {
    const meeting = meet(role, more);
    act(meeting.other);
    meeting.settle(11);
    expect(meeting.failure()).toBe(code);
    expect(dataOf(meeting.own).length).toBe(code === 'record-not-opened' && _.includes('twice') ? 9 : 0);
    expect(meeting.own.pending).toHaveLength(0);
  });
});

it('PQ-C-17: a request from the initiator fails', () => {
  const meeting = meet('responder');
  meeting.other.request();
  meeting.settle();
  expect(meeting.failure()).toBe('request-from-initiator');
});
