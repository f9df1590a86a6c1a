// A case is a value. It says what the tester does differently from a conforming peer, and what the peer must do then.

import type { Algebra } from '../../algebra/algebra.ts';
import { messageTable } from '../../generated/codec.ts';
import type { Reading } from '../../generated/keySchedule.ts';
import type { MessageName } from '../../generated/messages.ts';
import { type RequirementId, type RequirementLevel, requirementLevels } from '../../generated/requirements.ts';
import type { Bytes } from '../../octets.ts';
import { otherRole, type Role } from '../../role.ts';
import type { ChannelPart } from './channel/script.ts';
import type { Identity, Material } from './material.ts';
import type { Trust } from './trust.ts';

/** The messages of one side, in order: hello, certificate, encapsulation, confirmation. */
export type Turn = 1 | 2 | 3 | 4;
export const turns: readonly Turn[] = [1, 2, 3, 4];

/** An act on the connection: octets in one write, a pause, the end of the stream, or silence for good. */
export type Piece = Bytes | { readonly pause: number | 'quiet' } | 'end' | 'stop';

/** The messages that crossed the wire, as the tester's engine made its own. */
export interface Seen {
  readonly sent: readonly Bytes[];
  readonly received: readonly Bytes[];
}

/** Puts something else on the wire in the place of a message. */
export type Put = (message: Bytes, seen: Seen) => readonly Piece[];

/**
 * When the tester sends: `eager`, as soon as it can; `late`, each message of a step after the peer's; `paired` and
 * `straddled`, messages that may travel together in one write. A message has at most two neighbours: it travels with one
 * of them in the one order, and with the other in the other.
 */
export type Order = 'eager' | 'late' | 'paired' | 'straddled';

/** The turns whose message travels with that of the next turn. */
export const togetherFrom = (peer: Role, order: Order): readonly Turn[] => {
  if (order === 'paired') return peer === 'responder' ? [2] : [1, 3]; // 3 and 5; 2 and 4, 6 and 8
  if (order === 'straddled') return peer === 'responder' ? [3] : [2]; // 5 and 7; 4 and 6
  return [];
};

/** The behaviour of a conforming peer. */
export type Expected =
  | { readonly outcome: 'completes' }
  /**
   * The peer aborts at this message of the tester, neither sooner nor later, having sent so many messages at most, and
   * as many as `sendsAtLeast` at least (0 by default).
   */
  | { readonly outcome: 'refuses'; readonly at: Turn; readonly sendsAtMost: number; readonly sendsAtLeast?: number }
  /** The peer completes or aborts, as its deployer chose. It does not hang. */
  | { readonly outcome: 'either' }
  /** The peer carries the data of a channel both ways, and ends it in order. */
  | { readonly outcome: 'carries' }
  /** The peer gives a channel up at a fault. `busy`: it may still be sending when the fault reaches it. */
  | { readonly outcome: 'breaks off'; readonly busy?: true };

/** The pre-shared secret that a side has. */
export type Psk = 'own' | 'other' | 'none';

export interface Case {
  /** Stable. Cases of both roles that are the same have the same id, such as `sanity`; else it is unique. */
  readonly id: string;
  readonly title: string;
  /** The first one decides: a peer that fails the case breaks it. Its level is that of the case. */
  readonly requirements: readonly RequirementId[];
  /** The role of the peer under test. */
  readonly peer: Role;
  readonly expected: Expected;
  /** The secret of each side. By default both have one, or neither, as the peer was started. */
  readonly psk?: { readonly tester: Psk; readonly peer: 'own' | 'none' };
  /** The certificate that the peer under test is given; its usual one by default. */
  readonly peerCertificate?: 'large';
  /** The authorities and revocation lists that the peer is given, and the tester's own; the usual anchor by default. */
  readonly trust?: Trust;
  /** The case asks only peers that were told whom they are to expect. */
  readonly needsExpected?: true;
  /** The peer is told to expect its own name: then only a look at the certificate shows that it is its own. */
  readonly expectsItself?: true;
  /** A peer that refuses what it is given, and does not start, conforms as well. */
  readonly mayRefuseToStart?: true;
  /** The identity that the tester shows. */
  readonly identity?: (material: Material) => Identity;
  readonly algebra?: (algebra: Algebra<Bytes>, material: Material) => Algebra<Bytes>;
  readonly reading?: Partial<Reading>;
  /** Messages are sent back with other types; no key is needed. */
  readonly reflects?: true;
  /** The case asks only peers that do not wait for the tester's message of a step. */
  readonly needsEager?: true;
  readonly order?: Order;
  readonly put?: Partial<Record<Turn, Put>>;
  /** Cuts every write. */
  readonly segments?: (octets: Bytes) => readonly Piece[];
  /** The first message of the peer that the tester cannot verify, because of what it did itself. */
  readonly unverifiable?: Turn;
  /** The peer has the time of a stall in which to give up. */
  readonly stall?: true;
  /** What is done on the channel that follows the handshake; only the peers of `--channel` have one. */
  readonly channel?: ChannelPart;
  /** Octets of the peer's message of a turn that must differ in every handshake. */
  readonly fresh?: { readonly turn: Turn; readonly from: number; readonly to: number };
}

const names = Object.keys(messageTable) as MessageName[];

/** The messages that a role sends, in order. */
export const messagesOf = (role: Role): readonly MessageName[] =>
  names.filter((name) => messageTable[name].sender === role);

/** The message that a role sends in a turn. */
export function messageOf(role: Role, turn: Turn): MessageName {
  const name = messagesOf(role)[turn - 1];
  if (name === undefined) throw new TypeError(`no message ${turn} of the ${role}`);
  return name;
}

/** The number of the message that the tester sends in a turn. */
export const typeFor = (peer: Role, turn: Turn): number => messageTable[messageOf(otherRole(peer), turn)].type;

/** How many messages a peer may have sent when it aborts at a message of the tester. */
export const sentBefore = (peer: Role, turn: Turn): number => (peer === 'responder' && turn === 1 ? 0 : turn);

/** A peer that must abort at this message. */
export const refusesAt = (peer: Role, at: Turn): Expected => ({
  outcome: 'refuses',
  at,
  sendsAtMost: sentBefore(peer, at),
});

const types = (role: Role, count: number): string =>
  messagesOf(role)
    .slice(0, count)
    .map((name) => messageTable[name].type)
    .join(', ');

/** Who says so, and how bindingly: the draft with a key word, the draft without one, or this project. */
export type Level = 'MUST' | 'SHOULD' | 'implied' | 'project';

const levels: Readonly<Record<RequirementLevel, Level>> = {
  MUST: 'MUST',
  SHALL: 'MUST',
  SHOULD: 'SHOULD',
  'SHOULD NOT': 'SHOULD',
  MAY: 'implied', // what a peer may do, the other one has to cope with
  implied: 'implied',
  project: 'project',
};

/** The level of a case: that of the requirement which decides it. */
export function levelOf({ id, requirements: [decisive] }: Pick<Case, 'id' | 'requirements'>): Level {
  if (decisive === undefined) throw new TypeError(`the case ${id} cites no requirement`);
  return levels[requirementLevels[decisive]];
}

/** The behaviour of a conforming peer, in words. */
export function conforming({ peer, expected, stall, mayRefuseToStart }: Case): string {
  switch (expected.outcome) {
    case 'completes':
      return 'completes';
    case 'either':
      return 'completes or aborts';
    case 'carries':
      return 'carries the data of both sides, and ends with 0';
    case 'breaks off':
      return 'delivers nothing of the fault or behind it, sends nothing more, closes the connection, and does not end with 0';
    case 'refuses': {
      const least = expected.sendsAtLeast ?? 0;
      if (least > 0)
        return `sends ${types(peer, least)}, and only then aborts, at message ${typeFor(peer, expected.at)}`;
      const sent = expected.sendsAtMost === 0 ? 'nothing' : `no message but ${types(peer, expected.sendsAtMost)}`;
      const when = stall
        ? `waits for message ${typeFor(peer, expected.at)} in vain`
        : `aborts at message ${typeFor(peer, expected.at)}`;
      return `${when}; sends ${sent}${mayRefuseToStart ? '; or does not start' : ''}`;
    }
  }
}
