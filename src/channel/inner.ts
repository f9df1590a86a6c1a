// The handshake inside of a channel, on octets: makes it, feeds it, and says what it sends and how it ends.
import type { Peer } from '../certificate/peerNames.ts';
import type { Failure } from '../failure.ts';
import { messageNames, messageTable } from '../generated/codec.ts';
import { headerOctets } from '../generated/constants.ts';
import type { MessageName } from '../generated/messages.ts';
import type { Handshake, Progress } from '../handshake/handshake.ts';
import type { Session } from '../handshake/session.ts';
import { type Bytes, same } from '../octets.ts';
import type { Role } from '../role.ts';
import type { InnerHandshake } from './options.ts';

/** What an inner handshake did with octets of the peer. */
export interface Fed {
  /** Messages to send, in this order. */
  readonly send: readonly Bytes[];
  /** Whether the last message of our role is among them. */
  readonly sendsLast: boolean;
  readonly end:
    | { readonly end: 'not yet' }
    | { readonly end: 'completed'; readonly session: Session; readonly trailing: boolean }
    | { readonly end: 'failed'; readonly failure: Failure; readonly cause?: unknown };
}

const messagesOf = (role: Role): readonly MessageName[] =>
  messageNames.filter((name) => messageTable[name].sender === role);

/** The most octets that the messages of a role have in one handshake. */
export const mostOctetsOf = (role: Role): number =>
  messagesOf(role).reduce((sum, name) => sum + headerOctets + messageTable[name].maximum, 0);

function fedBy(role: Role, { send, outcome }: Progress): Fed {
  const last = messagesOf(role).at(-1);
  const sent = { send: send.map(({ octets }) => octets), sendsLast: send.some(({ message }) => message === last) };
  if (outcome.status === 'awaiting') return { ...sent, end: { end: 'not yet' } };
  if (outcome.status === 'completed') {
    const { session, rest } = outcome;
    return { ...sent, end: { end: 'completed', session, trailing: rest.length > 0 } };
  }
  const cause = 'cause' in outcome ? { cause: outcome.cause } : {};
  return { ...sent, end: { end: 'failed', failure: outcome.failure, ...cause } };
}

/** An inner handshake that is under way. */
export interface Running {
  readonly start: () => Fed;
  readonly receive: (octets: Bytes) => Fed;
  /** Forgets it, and wipes its secrets. */
  readonly abandon: () => void;
}

/** Makes an inner handshake of a role. @throws TypeError for a handshake of the other role; whatever `make` throws */
export function running(role: Role, make: InnerHandshake, accept: (peer: Peer) => boolean): Running {
  const handshake: Handshake = make(accept);
  if (handshake.role !== role) throw new TypeError(`innerHandshake: expected an ${role}, got an ${handshake.role}`);
  return {
    start: () => fedBy(role, handshake.start()),
    receive: (octets) => fedBy(role, handshake.receive(octets)),
    abandon: () => {
      const { outcome } = handshake.fail('connection-closed');
      if (outcome.status === 'completed') outcome.session.wipe();
    },
  };
}

/**
 * Whether two peers are the same subject: one name of the subject, octet by octet, which a trust anchor vouches for that vouched for the
 * one before (PQ-C-25). A name that no authority may give away freely is compared by the names that the paths vouch for.
 */
export function isSameSubject(peer: Peer, before: Peer): boolean {
  if (peer.subject !== before.subject) return false;
  return before.vouchers.some((old) =>
    peer.vouchers.some(
      (one) =>
        same(one.trustAnchor.octets, old.trustAnchor.octets) &&
        (old.names.length === 0 ? one.names.length === 0 : old.names.some((name) => one.names.includes(name))),
    ),
  );
}
