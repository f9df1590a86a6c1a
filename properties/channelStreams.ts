// Random conversations over a channel, on octets: any order of wishes of both sides, any order of deliveries, any cuts; and one thing that somebody in
// between does to one direction. What is delivered is what was sent, in order; behind the first record that is not as it was sent, nothing is.
import fc from 'fast-check';
import type { Channel } from '../src/channel/channel.ts';
import type { ChannelOptions, Padding } from '../src/channel/options.ts';
import type { Suite } from '../src/crypto/suite.ts';
import { type Bytes, concat, same } from '../src/octets.ts';
import { otherRole, type Role } from '../src/role.ts';
import { type Side, sideOf, smallInner } from './channelSides.ts';

/** A wish of a side, or a delivery from it: so many commitments and records, cut at an octet. */
export type Act =
  | { readonly act: 'send'; readonly of: Role; readonly octets: number; readonly padding: Padding }
  | { readonly act: 'ratchet' | 'handshake' | 'close'; readonly of: Role }
  | { readonly act: 'deliver'; readonly of: Role; readonly items: number; readonly cut: number };

/** What somebody does to one direction, at one of its commitments and records. */
export interface Tampering {
  readonly of: Role;
  readonly how: 'drop' | 'repeat' | 'swap' | 'flip' | 'cut' | 'reflect' | 'move';
  /** Counted modulo how many there are. */
  readonly at: number;
  /** Which bit, how far, which other one. */
  readonly which: number;
}

export interface Conversation {
  readonly acts: readonly Act[];
  readonly tampering: Tampering | undefined;
}

const role = fc.constantFrom<Role>('initiator', 'responder');
const padding: fc.Arbitrary<Padding> = fc.oneof(
  fc.constantFrom<Padding>('none', 'power-of-two'),
  fc.integer({ min: 1, max: 16_384 }).map((multipleOf) => ({ multipleOf })),
);
const octets = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 16_380, max: 33_000 }) },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('send' as const), of: role, octets, padding }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('ratchet' as const, 'handshake' as const), of: role }) },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ act: fc.constant('deliver' as const), of: role },
      ...{ items: fc.integer({ min: 1, max: 6 }), cut: fc.nat(20_000) },
    }),
  },
);
const closing: fc.Arbitrary<Act[]> = fc.array(fc.record({ act: fc.constant('close' as const), of: role }), {
  ...{ minLength: 0, maxLength: 2 },
});
const tampering = fc.record({
  of: role,
  how: fc.constantFrom<Tampering['how']>('drop', 'repeat', 'swap', 'flip', 'cut', 'reflect', 'move'),
  at: fc.nat(1_000),
  which: fc.nat(100_000),
});

/** Conversations; every second one is tampered with. */
export const anyConversation: fc.Arbitrary<Conversation> = fc
  .tuple(
    fc.array(act, { maxLength: 30 }),
    closing,
    fc.array(act, { maxLength: 8 }),
    fc.option(tampering, { nil: undefined }),
  )
  .map(([before, closes, after, one]) => ({ acts: [...before, ...closes, ...after], tampering: one }));

interface Wire {
  /** Commitments and records on the way. */
  readonly waiting: Bytes[];
  /** All that were ever sent. */
  readonly log: Bytes[];
}

interface Ended {
  readonly sides: Readonly<Record<Role, Side>>;
  readonly sent: Readonly<Record<Role, Bytes>>;
  readonly received: Readonly<Record<Role, Bytes>>;
  readonly wires: Readonly<Record<Role, Wire>>;
  /** Octets of data of each direction that had been delivered before each of its items. */
  readonly before: Readonly<Record<Role, readonly number[]>>;
}

/** The items that arrive instead of those that a direction sends: called with each item, in order; then with none. */
export type Between = (
  from: Role,
  item: Bytes | undefined,
  index: number,
  wires: Record<Role, Wire>,
) => readonly Bytes[];

/** Plays a conversation until nothing is on the way, both sides have closed, and both transports have ended. */
export function play(acts: readonly Act[], suite: Suite, between: Between): Ended {
  let coin = 0;
  const fresh = (): number => {
    coin += 1;
    return coin & 0xff;
  };
  const limits: ChannelOptions['limits'] = { recordsBeforeRatchet: 7, allowance: 2 ** 40 };
  const open = (of: Role): Side => sideOf(of, { suite, limits, innerHandshake: smallInner(of, { fresh, octets: 3 }) });
  const sides = { initiator: open('initiator'), responder: open('responder') };
  const wires: Record<Role, Wire> = { initiator: { waiting: [], log: [] }, responder: { waiting: [], log: [] } };
  const sent: Record<Role, Bytes[]> = { initiator: [], responder: [] };
  const received: Record<Role, Bytes[]> = { initiator: [], responder: [] };
  const before: Record<Role, number[]> = { initiator: [], responder: [] };
  const indexes: Record<Role, number> = { initiator: 0, responder: 0 };

  function tell(of: Role, make: (channel: Channel) => ReturnType<Channel['close']>): void {
    const { output, events } = make(sides[of].channel);
    wires[of].waiting.push(...output);
    wires[of].log.push(...output);
    for (const event of events) if (event.event === 'data') received[otherRole(of)].push(event.data);
  }

  const lengthOf = (parts: readonly Bytes[]): number => parts.reduce((sum, { length }) => sum + length, 0);
  const arrive = (from: Role, items: readonly Bytes[], cut: number): void => {
    const whole = concat(...items);
    const at = whole.length === 0 ? 0 : cut % whole.length;
    tell(otherRole(from), (channel) => channel.receive(whole.subarray(0, at)));
    tell(otherRole(from), (channel) => channel.receive(whole.subarray(at)));
  };

  function deliver(from: Role, items: number, cut: number): void {
    for (const item of wires[from].waiting.splice(0, items)) {
      before[from].push(lengthOf(received[from]));
      arrive(from, between(from, item, indexes[from], wires), cut);
      indexes[from] += 1;
    }
  }

  function wish(one: Exclude<Act, { act: 'deliver' }>): void {
    const { channel } = sides[one.of];
    const { sending, innerHandshake } = channel.standing();
    if (sending !== 'open') return;
    if (one.act === 'send') {
      const data = new Uint8Array(one.octets).map((_, i) => (i + sent[one.of].length) & 0xff);
      sent[one.of].push(data);
      tell(one.of, () => channel.send(data, one.padding));
    } else if (one.act === 'handshake') {
      if (innerHandshake !== 'possible') return;
      tell(one.of, () => (one.of === 'initiator' ? channel.startHandshake() : channel.requestHandshake()));
    } else tell(one.of, () => channel[one.act === 'close' ? 'close' : 'ratchet']());
  }

  function settle(): void {
    while (wires.initiator.waiting.length + wires.responder.waiting.length > 0) {
      deliver('initiator', 100, 11);
      deliver('responder', 100, 17);
    }
  }

  for (const one of acts) {
    if (one.act === 'deliver') deliver(one.of, one.items, one.cut);
    else wish(one);
  }
  settle();
  for (const from of ['initiator', 'responder'] as const) wish({ act: 'close', of: from });
  settle();
  for (const from of ['initiator', 'responder'] as const)
    arrive(from, between(from, undefined, indexes[from], wires), 0);
  for (const from of ['initiator', 'responder'] as const) tell(from, (channel) => channel.endOfInput());
  const joined = (all: Record<Role, Bytes[]>) => ({
    ...{ initiator: concat(...all.initiator), responder: concat(...all.responder) },
  });
  return { sides, sent: joined(sent), received: joined(received), wires, before };
}

const honest: Between = (_, item) => (item === undefined ? [] : [item]);

const flipped = (item: Bytes, bit: number): Bytes =>
  item.map((octet, i) => (i === (bit >> 3) % item.length ? octet ^ (1 << (bit & 7)) : octet));

/** Somebody in between, who changes one direction at the item `at`. */
function tamperer({ of, how, which }: Tampering, at: number): Between {
  let held: Bytes | undefined;
  let releases = Number.POSITIVE_INFINITY;
  return (from, item, index, wires) => {
    if (from !== of) return honest(from, item, index, wires);
    if (item === undefined) return held === undefined ? [] : [held]; // held to the end
    if (index === releases && held !== undefined) {
      const late = held;
      held = undefined;
      return [item, late];
    }
    if (index !== at) return how === 'cut' && index > at ? [] : [item];
    switch (how) {
      case 'drop':
        return [];
      case 'repeat':
        return [item, item];
      case 'flip':
        return [flipped(item, which)];
      case 'cut':
        return [item.subarray(0, which % item.length)];
      case 'reflect': {
        const { log } = wires[otherRole(from)];
        return [log[which % Math.max(1, log.length)] ?? flipped(item, which), item];
      }
      case 'swap':
      case 'move':
        held = item;
        releases = at + 1 + (how === 'swap' ? 0 : which % 12);
        return [];
    }
  };
}

/** What is wrong with a conversation; undefined when it is as it must be. */
export function faultOf({ acts, tampering: one }: Conversation, suite: Suite): string | undefined {
  const right = play(acts, suite, honest);
  const { initiator, responder } = right.sides;
  for (const { channel } of [initiator, responder]) {
    const { failure, sending, receiving } = channel.standing();
    if (failure !== undefined) return `${channel.role} failed: ${failure.message}`;
    if (sending !== 'closed' || receiving !== 'closed') return `${channel.role} has not ended`;
  }
  for (const from of ['initiator', 'responder'] as const)
    if (!same(right.sent[from], right.received[from])) return `the data of the ${from} is not what it sent`;
  const epochs = [initiator, responder].map(({ channel }) => channel.standing().epoch);
  if (epochs[0] !== epochs[1]) return `epochs ${epochs}`;
  if (one === undefined) return undefined;
  // The last item is `close`: there is nothing behind which it could be held.
  const last = one.how === 'swap' || one.how === 'move' ? 1 : 0;
  const at = one.at % (right.before[one.of].length - last);
  const wrong = play(acts, suite, tamperer(one, at));
  const { failure } = wrong.sides[otherRole(one.of)].channel.standing();
  if (failure === undefined) return `${one.how} at ${at} of the ${one.of} is not seen`;
  const told = wrong.received[one.of];
  const most = (right.before[one.of][one.how === 'repeat' ? at + 1 : at] ?? right.received[one.of].length) as number;
  if (told.length > most) return `${one.how} at ${at} of the ${one.of}: delivered ${told.length}, not ${most}`;
  return same(told, right.sent[one.of].subarray(0, told.length)) ? undefined : `${one.how}: other data was delivered`;
}

/** Plays so many conversations. @returns what was wrong with the first bad one, made small */
export function checkStreams({ seed, runs, suite }: { seed: number; runs: number; suite: Suite }): string | undefined {
  const result = fc.check(
    fc.property(anyConversation, (one) => {
      const fault = faultOf(one, suite);
      if (fault !== undefined) throw new Error(fault);
    }),
    { seed, numRuns: runs },
  );
  if (!result.failed) return undefined;
  return `seed ${seed}: ${String(result.errorInstance)}\n${JSON.stringify(result.counterexample)}`;
}
