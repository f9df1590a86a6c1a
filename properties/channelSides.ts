// Two sides of a channel in memory, with handshakes inside that are real or small.
import type { Peer } from '../src/certificate/peerNames.ts';
import { type Channel, type ChannelEvent, type ChannelProgress, openChannel } from '../src/channel/channel.ts';
import type { ChannelOptions, InnerHandshake } from '../src/channel/options.ts';
import { noble } from '../src/crypto/noble.ts';
import { failure } from '../src/failure.ts';
import type { SessionKey } from '../src/generated/kinds.ts';
import type { MessageName } from '../src/generated/messages.ts';
import type { Handshake, Outcome, Outgoing, Progress } from '../src/handshake/handshake.ts';
import { type Session, sessionOf } from '../src/handshake/session.ts';
import { concat } from '../src/octets.ts';
import type { Role } from '../src/role.ts';

type Octets = Uint8Array<ArrayBuffer>;

/** A peer of which only the names are looked at. */
export const peerNamed = (name: string, authority = 'ca'): Peer =>
  ({
    subject: `CN=${name}`,
    vouchers: [{ trustAnchor: { octets: new TextEncoder().encode(authority) }, names: [name, `CN=${name}`] }],
  }) as unknown as Peer;

export const otherSide = { initiator: 'responder', responder: 'initiator' } as const;

/** The messages that a message received brings forth, in the schedule `eager`. */
const answers: Readonly<Record<number, { names: readonly MessageName[]; types: readonly number[] }>> = {
  1: { names: ['responderHello', 'responderCertificate'], types: [2, 4] },
  2: { names: ['initiatorCertificate'], types: [3] },
  4: { names: ['initiatorEncapsulation'], types: [5] },
  3: { names: ['responderEncapsulation'], types: [6] },
  5: { names: ['responderConfirmation'], types: [8] },
  6: { names: ['initiatorConfirmation'], types: [7] },
};

export interface Small {
  /** Octets of each message, from 2 on. */
  readonly octets?: number;
  readonly peer?: Peer;
  /** The handshake fails where this message is taken. */
  readonly failsAt?: number;
  readonly fresh?: () => number;
}

/**
 * A handshake with eight messages of a few octets in the order of a real one: octet 0 is the type, octet 1 a coin. It has no secrets: its key is
 * a hash of the messages.
 */
export function smallHandshake(role: Role, accept: (peer: Peer) => boolean, small: Small = {}): Handshake {
  const { octets = 2, peer = peerNamed(otherSide[role]), failsAt = 0, fresh = () => 7 } = small;
  const seen = new Map<number, Octets>();
  const inOrder = role === 'initiator' ? [2, 4, 6, 8] : [1, 3, 5, 7];
  let held = new Uint8Array(0);
  let outcome: Outcome = { status: 'awaiting', message: 'initiatorHello', step: 1 };
  const make = (type: number, message: MessageName): Outgoing => {
    const whole = new Uint8Array(octets).fill(fresh());
    whole[0] = type;
    seen.set(type, whole);
    return { message, octets: whole };
  };

  function completed(rest: Octets): Outcome {
    if (!accept(peer)) return { status: 'failed', failure: failure('unexpected-peer', 4) };
    const transcript = [1, 2, 3, 4, 5, 6, 7, 8].map((type) => seen.get(type) ?? new Uint8Array(0));
    const session = sessionOf(noble, role, peer, noble.hash(...transcript) as SessionKey<Uint8Array>);
    return { status: 'completed', session, rest };
  }

  function receive(given: Uint8Array): Progress {
    held = concat(held, given);
    const send: Outgoing[] = [];
    while (outcome.status === 'awaiting' && held.length >= octets) {
      const message = held.slice(0, octets);
      held = held.slice(octets);
      const [type = 0] = message;
      if (type !== inOrder.shift() || type === failsAt) {
        outcome = { status: 'failed', failure: failure('unexpected-message', 1) };
        break;
      }
      seen.set(type, message);
      const { names = [], types = [] } = answers[type] ?? {};
      names.forEach((name, i) => {
        send.push(make(types[i] ?? 0, name));
      });
      if (inOrder.length === 0) outcome = completed(held);
    }
    return { received: [], send, outcome };
  }

  return {
    role,
    start: () => ({ received: [], send: role === 'initiator' ? [make(1, 'initiatorHello')] : [], outcome }),
    receive,
    fail: (code) => {
      outcome = { status: 'failed', failure: failure(code, 1) };
      return { received: [], send: [], outcome };
    },
    standing: () => outcome,
  };
}

export const smallInner =
  (role: Role, small?: Small): InnerHandshake =>
  (accept) =>
    smallHandshake(role, accept, small);

export const rootKey = (fill = 1): Uint8Array => Uint8Array.from({ length: 48 }, (_, i) => (i * fill) & 0xff);

export const sessionFor = (role: Role, key = rootKey(), suite = noble): Session =>
  sessionOf(suite, role, peerNamed(otherSide[role]), key as SessionKey<Uint8Array>);

/** One side, with all that it was told and has not yet sent. */
export interface Side {
  readonly channel: Channel;
  readonly events: ChannelEvent[];
  /** Octets that the other side has not taken yet. */
  pending: Octets;
  /** Everything that went out. */
  sent: Octets;
}

export interface Pair {
  readonly initiator: Side;
  readonly responder: Side;
}

export function sideOf(role: Role, options: Partial<ChannelOptions> = {}): Side {
  const given = { session: sessionFor(role, rootKey(), options.suite), innerHandshake: smallInner(role) };
  return {
    channel: openChannel({ ...given, ...options }),
    events: [],
    pending: new Uint8Array(0),
    sent: new Uint8Array(0),
  };
}

export const pairOf = (options: Partial<ChannelOptions> = {}, responder: Partial<ChannelOptions> = options): Pair => ({
  initiator: sideOf('initiator', options),
  responder: sideOf('responder', responder),
});

/** Keeps what a call answered. */
export function keep(side: Side, { output, events }: ChannelProgress): Side {
  const octets = concat(...output);
  side.pending = concat(side.pending, octets);
  side.sent = concat(side.sent, octets);
  side.events.push(...events);
  return side;
}

/** Gives so many pending octets of a side, by default all, to the other. */
export function deliver(pair: Pair, from: Role, octets = pair[from].pending.length): void {
  const side = pair[from];
  const given = side.pending.slice(0, octets);
  side.pending = side.pending.slice(octets);
  keep(pair[otherSide[from]], pair[otherSide[from]].channel.receive(given));
}

/** Delivers until nothing is pending. */
export function settle(pair: Pair): void {
  while (pair.initiator.pending.length + pair.responder.pending.length > 0) {
    deliver(pair, 'initiator');
    deliver(pair, 'responder');
  }
}

/** The data that a side was given, joined. */
export const dataOf = ({ events }: Side): Octets =>
  concat(...events.flatMap((one) => (one.event === 'data' ? [one.data] : [])));

export const text = (ascii: string): Octets => new TextEncoder().encode(ascii) as Octets;
