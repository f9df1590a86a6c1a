// Every rule of records, and every code of a failure, against records that are sealed by hand.
import { describe, expect, it } from 'vitest';
import { dataOf, keep, otherSide, rootKey, type Side, sideOf, text } from '../../properties/channelSides.ts';
import type { ChannelOptions } from '../../src/channel/options.ts';
import { ConfigurationError } from '../../src/configuration.ts';
import { channelFailureTable } from '../../src/generated/channel.ts';
import { concat } from '../../src/octets.ts';
import type { Role } from '../../src/role.ts';
import {
  commitmentOf,
  exporterOf,
  type Hand,
  handOf,
  openByHand,
  ratchetByHand,
  sealByHand,
  sealInside,
} from './byHand.ts';

/** A side, and the hand of its peer, whose commitment it has. */
function meet(role: Role, options: Partial<ChannelOptions> = {}): { side: Side; hand: Hand } {
  const side = sideOf(role, options);
  const hand = handOf(rootKey(), otherSide[role]);
  keep(side, side.channel.receive(commitmentOf(hand)));
  return { side, hand };
}

const take = (side: Side, ...octets: Uint8Array[]): Side => keep(side, side.channel.receive(concat(...octets)));
const codeOf = ({ channel }: Side): string | undefined => channel.standing().failure?.code;

describe('what goes out', () => {
  it.each(['initiator', 'responder'] as const)(
    'from the %s is what the page says (PQ-C-01, PQ-C-04 to PQ-C-06)',
    (role) => {
      const side = sideOf(role);
      const hand = handOf(rootKey(), role);
      keep(side, side.channel.send(text('hello'), { multipleOf: 8 }));
      keep(side, side.channel.ratchet());
      keep(side, side.channel.send(text('again')));
      keep(side, side.channel.close());
      expect(side.sent.slice(0, 32)).toEqual(commitmentOf(hand));
      expect(openByHand(hand, side.sent.slice(32))).toEqual([
        Uint8Array.of(...text('hello'), 1, 0, 0),
        Uint8Array.of(3),
        Uint8Array.of(...text('again'), 1),
        Uint8Array.of(2),
      ]);
    },
  );

  it('is nothing before something is sent', () => {
    expect(sideOf('initiator').channel.receive(commitmentOf(handOf(rootKey(), 'responder'))).output).toEqual([]);
  });

  it('is cut into records of at most 16,384 octets, of which the last is padded (PQ-C-11, PQ-C-34)', () => {
    const side = sideOf('initiator', { padding: { multipleOf: 100 } });
    keep(side, side.channel.send(new Uint8Array(40_000).fill(9)));
    const insides = openByHand(handOf(rootKey(), 'initiator'), side.sent.slice(32));
    expect(insides.map(({ length }) => length)).toEqual([16_385, 16_385, 7_300]);
  });

  it.each([
    ['none', 5, 6],
    ['none', 0, 1],
    ['power-of-two', 5, 8],
    ['power-of-two', 7, 8],
    ['power-of-two', 0, 1],
    ['power-of-two', 8_192, 16_384],
    ['power-of-two', 16_384, 16_385],
    [{ multipleOf: 10 }, 9, 10],
    [{ multipleOf: 10 }, 10, 20],
    [{ multipleOf: 16_384 }, 16_383, 16_384],
    [{ multipleOf: 10_000 }, 12_000, 16_385],
    [{ multipleOf: 1 }, 3, 4],
  ] as const)('padding %j puts %i octets into %i with their type (PQ-C-34)', (padding, octets, inside) => {
    const side = sideOf('initiator');
    keep(side, side.channel.send(new Uint8Array(octets).fill(9), padding));
    expect(openByHand(handOf(rootKey(), 'initiator'), side.sent.slice(32))[0]?.length).toBe(inside);
  });

  it.each([{ multipleOf: 0 }, { multipleOf: 16_385 }, { multipleOf: 1.5 }, 'all'])(
    'there is no padding %j',
    (padding) => {
      expect(() => sideOf('initiator', { padding: padding as never })).toThrow(ConfigurationError);
      expect(() => sideOf('initiator').channel.send(text('x'), padding as never)).toThrow(ConfigurationError);
    },
  );

  it.each([{ recordsAtFailure: 0 }, { allowance: 1.5 }, { something: 1 }])('there is no limit %j', (limits) => {
    expect(() => sideOf('initiator', { limits: limits as never })).toThrow(ConfigurationError);
  });

  it('has a ratchet after so many records, also before close (PQ-C-31)', () => {
    const side = sideOf('responder', { limits: { recordsBeforeRatchet: 2 } });
    for (const word of ['a', 'b', 'c', 'd']) keep(side, side.channel.send(text(word)));
    keep(side, side.channel.close());
    const seen = openByHand(handOf(rootKey(), 'responder'), side.sent.slice(32)).map((inside) => inside.at(-1));
    expect(seen).toEqual([1, 1, 3, 1, 1, 3, 2]);
    expect(side.events).toEqual(Array(2).fill({ event: 'ratcheted', direction: 'sent' }));
  });

  it('is exported from the exporter of the root (PQ-C-03)', () => {
    const session = sideOf('initiator').channel;
    const again = sideOf('responder').channel;
    expect(session.export('label', text('context'), 40)).toEqual(again.export('label', text('context'), 40));
    expect(session.exportPair('label', text(''), 32).send).toEqual(again.exportPair('label', text(''), 32).receive);
    expect(exporterOf(rootKey())).not.toEqual(rootKey());
  });
});

describe('what comes in', () => {
  it('is delivered with its padding taken off, in records of any type (PQ-C-14, PQ-C-15, PQ-C-35)', () => {
    const { side, hand } = meet('responder');
    take(side, sealByHand(hand, 'data', Uint8Array.of(5, 0, 0), 300), sealByHand(hand, 'data', text(''), 16_384));
    take(side, sealByHand(hand, 'ratchet', text(''), 7));
    ratchetByHand(hand);
    take(side, sealByHand(hand, 'data', text('x')), sealByHand(hand, 'close', text(''), 9));
    expect(side.events).toEqual([
      { event: 'data', data: Uint8Array.of(5, 0, 0) },
      { event: 'ratcheted', direction: 'received' },
      { event: 'data', data: text('x') },
      { event: 'peerClosed' },
    ]);
  });

  it('is read with any cuts', () => {
    const whole = (): Uint8Array => {
      const hand = handOf(rootKey(), 'initiator');
      return concat(commitmentOf(hand), sealByHand(hand, 'data', text('one')), sealByHand(hand, 'data', text('two')));
    };
    for (let cut = 0; cut <= whole().length; cut += 1) {
      const side = sideOf('responder');
      take(side, whole().slice(0, cut));
      take(side, whole().slice(cut));
      expect(dataOf(side)).toEqual(text('onetwo'));
    }
  });

  it('may use its buffer again', () => {
    const { side, hand } = meet('responder');
    const record = sealByHand(hand, 'data', text('kept'));
    const buffer = new Uint8Array(64);
    for (const octet of record) {
      buffer.fill(octet);
      keep(side, side.channel.receive(buffer.subarray(3, 4)));
    }
    expect(dataOf(side)).toEqual(text('kept'));
  });
});

/** What fails, and with which code: octets of the initiator, to a responder unless said otherwise. */
const faults: readonly (readonly [
  about: string,
  code: keyof typeof channelFailureTable,
  octets: (hand: Hand) => Uint8Array,
  to?: Role,
  options?: Partial<ChannelOptions>,
])[] = [
  ['a length of 16', 'record-length', () => Uint8Array.of(0, 16)],
  ['a length of 0', 'record-length', () => Uint8Array.of(0, 0)],
  ['a length of 16,402, with nothing behind it', 'record-length', () => Uint8Array.of(0x40, 0x12)],
  [
    'a flipped bit',
    'record-not-opened',
    (hand) => sealByHand(hand, 'data', text('x')).map((o, i) => (i === 4 ? o ^ 1 : o)),
  ],
  ['a number left out', 'record-not-opened', ({ secret }) => sealByHand({ secret, sequence: 2 }, 'data')],
  ['zeros only', 'record-without-type', (hand) => sealInside(hand, new Uint8Array(9))],
  ['one zero', 'record-without-type', (hand) => sealInside(hand, new Uint8Array(1))],
  ['type 7', 'unknown-record', (hand) => sealByHand(hand, 7)],
  ['type 255', 'unknown-record', (hand) => sealByHand(hand, 255, text('x'))],
  ['close with content', 'unexpected-content', (hand) => sealByHand(hand, 'close', text('x'))],
  ['close with a zero in front', 'unexpected-content', (hand) => sealByHand(hand, 'close', new Uint8Array(1))],
  ['ratchet with content', 'unexpected-content', (hand) => sealByHand(hand, 'ratchet', text('x'))],
  ['switch with content', 'unexpected-content', (hand) => sealByHand(hand, 'switch', text('x'))],
  ['request with content', 'unexpected-content', (hand) => sealByHand(hand, 'request', text('x')), 'initiator'],
  ['handshake without content', 'content-missing', (hand) => sealByHand(hand, 'handshake', text(''), 3)],
  ['a request of the initiator', 'request-from-initiator', (hand) => sealByHand(hand, 'request')],
  [
    'octets of a handshake that was not started',
    'unexpected-handshake',
    (hand) => sealByHand(hand, 'handshake', text('x')),
    'initiator',
  ],
  [
    'a handshake where none can be made',
    'unexpected-handshake',
    (hand) => sealByHand(hand, 'handshake', text('x')),
    'responder',
    { innerHandshake: undefined },
  ],
  ['a handshake that begins wrongly', 'inner-handshake-failed', (hand) => sealByHand(hand, 'handshake', text('xx'))],
  ['switch without a handshake', 'unexpected-switch', (hand) => sealByHand(hand, 'switch')],
  ['an octet behind close', 'octets-after-close', (hand) => concat(sealByHand(hand, 'close'), Uint8Array.of(0))],
  [
    'the third record where three are too many',
    'too-many-records',
    (hand) => concat(sealByHand(hand, 'data'), Uint8Array.of(0, 17)),
    'responder',
    { limits: { recordsAtFailure: 3 } },
  ],
  [
    'a ratchet as the third record',
    'too-many-records',
    (hand) => concat(sealByHand(hand, 'data'), sealByHand(hand, 'ratchet')),
    'responder',
    { limits: { recordsAtFailure: 3 } },
  ],
];

describe('what fails (PQ-C-12, PQ-C-13, PQ-C-16 to PQ-C-19, PQ-C-32)', () => {
  it.each(faults.map((fault) => ({ about: fault[0], code: fault[1], fault })))('$about: $code', ({ code, fault }) => {
    const [, , octets, role = 'responder', options = {}] = fault;
    const { side, hand } = meet(role, options);
    take(side, sealByHand(hand, 'data', text('before')), octets({ ...hand, sequence: 1 }));
    expect(dataOf(side)).toEqual(text('before'));
    expect(codeOf(side)).toBe(code);
  });

  it('a commitment to another root, in any of its octets, before a record is looked at (PQ-C-10)', () => {
    const hand = handOf(rootKey(), 'initiator');
    const right = commitmentOf(hand);
    for (let at = 0; at < 32; at += 1) {
      const side = sideOf('responder');
      take(
        side,
        right.map((octet, i) => (i === at ? octet ^ 128 : octet)),
        sealByHand({ ...hand }, 'data', text('x')),
      );
      expect(codeOf(side)).toBe('wrong-commitment');
      expect(side.events).toEqual([]);
    }
  });

  it('what the own direction sealed: reflection', () => {
    const side = sideOf('initiator');
    keep(side, side.channel.send(text('x')));
    take(side, side.sent);
    expect(codeOf(side)).toBe('wrong-commitment');
    const { side: other } = meet('initiator');
    take(other, side.sent.slice(32));
    expect(codeOf(other)).toBe('record-not-opened');
  });

  it('the end of the transport before close, at any octet (PQ-C-20)', () => {
    const hand = handOf(rootKey(), 'initiator');
    const stream = concat(commitmentOf(hand), sealByHand(hand, 'data', text('x')), sealByHand(hand, 'close'));
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const side = sideOf('responder');
      take(side, stream.slice(0, cut));
      keep(side, side.channel.endOfInput());
      expect(codeOf(side)).toBe(cut === stream.length ? undefined : 'truncated');
      expect(dataOf(side)).toEqual(cut < 32 + 20 ? text('') : text('x'));
    }
  });

  it('what the caller says: a limit of time, a channel that is given up', () => {
    const late = sideOf('initiator');
    expect(late.channel.fail('rehandshake-timeout', 'after 10 s').failure).toMatchObject({
      code: 'rehandshake-timeout',
      message: `${channelFailureTable['rehandshake-timeout'].meaning}: after 10 s`,
    });
    const left = sideOf('initiator');
    left.channel.wipe();
    expect(codeOf(left)).toBe('channel-abandoned');
  });

  it('after a failure nothing is sent, delivered or exported, and it stays the first one (PQ-C-40)', () => {
    const { side, hand } = meet('responder');
    take(side, Uint8Array.of(0, 0), sealByHand(hand, 'data', text('behind')));
    expect(side.events).toEqual([]);
    const { channel } = side;
    const calls = [
      () => channel.send(text('x')),
      () => channel.close(),
      () => channel.ratchet(),
      () => channel.requestHandshake(),
      () => channel.receive(sealByHand(hand, 'data', text('behind'))),
      () => channel.endOfInput(),
      () => channel.fail('truncated'),
    ];
    for (const call of calls)
      expect(call()).toMatchObject({ output: [], events: [], failure: { code: 'record-length' } });
    expect(() => channel.export('x', text(''), 32)).toThrow(TypeError);
    expect(channel.standing()).toMatchObject({ sending: 'failed', receiving: 'failed', innerHandshake: 'impossible' });
  });

  it('no failure tells what was sent', () => {
    for (const [, , octets, role = 'responder', options = {}] of faults) {
      const { side, hand } = meet(role, options);
      take(side, sealByHand(hand, 'data', text('before')), octets({ ...hand, sequence: 1 }));
      expect(JSON.stringify(side.channel.standing().failure)).not.toMatch(/before|secret_|[0-9a-f]{16}/);
    }
  });
});

describe('ends (PQ-C-19)', () => {
  it('are independent: a side that has closed still receives, one that was closed still sends', () => {
    const { side, hand } = meet('responder');
    keep(side, side.channel.close());
    take(side, sealByHand(hand, 'data', text('late')));
    expect(dataOf(side)).toEqual(text('late'));
    expect(side.channel.standing()).toMatchObject({ sending: 'closed', receiving: 'open' });
    const other = meet('responder');
    take(other.side, sealByHand(other.hand, 'close'));
    keep(other.side, other.side.channel.send(text('x')));
    expect(other.side.sent.length).toBe(32 + 20);
    expect(() => side.channel.send(text('x'))).toThrow(TypeError);
    expect(() => side.channel.ratchet()).toThrow(TypeError);
    expect(side.channel.close().output).toEqual([]);
  });

  it('of both directions are the end: nothing fails any more, save by octets that should not be there', () => {
    const { side, hand } = meet('responder');
    take(side, sealByHand(hand, 'close'));
    keep(side, side.channel.close());
    side.channel.wipe();
    for (const call of [
      () => side.channel.fail('rehandshake-timeout'),
      () => side.channel.endOfInput(),
      () => side.channel.close(),
      () => side.channel.receive(new Uint8Array(0)),
    ])
      expect(call()).toEqual({ output: [], events: [], failure: undefined });
    expect(side.channel.receive(Uint8Array.of(0)).failure?.code).toBe('octets-after-close');
  });
});
