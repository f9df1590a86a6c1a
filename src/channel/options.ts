// What a channel is opened with.
import type { Peer } from '../certificate/peerNames.ts';
import { ConfigurationError } from '../configuration.ts';
import type { Suite } from '../crypto/suite.ts';
import { channelLimits } from '../generated/channel.ts';
import type { Handshake } from '../handshake/handshake.ts';
import type { Session } from '../handshake/session.ts';

/**
 * Padding that the sender chooses for the last record of a write (spec/channel.md, section 5): none, up to a multiple of a number
 * of octets (1 to 16,384) of `content || type`, or up to the next power of two.
 */
export type Padding = 'none' | 'power-of-two' | { readonly multipleOf: number };

/** Bounds of a channel (spec/channel.md, section 6). Records are counted, not octets. */
export interface ChannelLimits {
  /** Sealed under one key, before a ratchet goes out by itself. Default 2^20. */
  readonly recordsBeforeRatchet: number;
  /** The record under one key, counted from 1, at which the receiver fails. Default 2^22. */
  readonly recordsAtFailure: number;
  /** What a peer may spend on records that carry little or nothing. Default 2^20. */
  readonly allowance: number;
  /** How much of the allowance comes back in a second, when times are given to `receive`. Default 2^16. */
  readonly allowancePerSecond: number;
}

/**
 * Makes the handshake inside of a channel: of the role of the connection, with the reading, suite and pre-shared secret of the
 * outer one, in schedule `eager` (PQ-C-30), with the judgement given as its `expectedPeer`. Called each time, so that credentials and time
 * are those of now.
 * @throws ConfigurationError when none can be made now
 */
export type InnerHandshake = (expectedPeer: (peer: Peer) => boolean) => Handshake;

export interface ChannelOptions {
  /** The completed handshake. Its `k_session` is used up: the session is wiped, and exports from then on are those of the channel. */
  readonly session: Session;
  /** Back end; default noble. */
  readonly suite?: Suite | undefined;
  /** Default none: then no inner handshake is started, and one of the peer fails. */
  readonly innerHandshake?: InnerHandshake | undefined;
  /** Whether the peer of an inner handshake may take the place of the one before. Default `isSameSubject`. */
  readonly judgePeer?: ((peer: Peer, before: Peer) => boolean) | undefined;
  /** Of writes that choose none. Default `none`. */
  readonly padding?: Padding | undefined;
  readonly limits?: Partial<ChannelLimits> | undefined;
}

/** The limits of a channel, with defaults for those that are not given. @throws ConfigurationError for one that is no positive number */
export function chosenLimits(given: Partial<ChannelLimits> = {}): ChannelLimits {
  const stated = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name, value] of stated) {
    if (!(name in channelLimits)) throw new ConfigurationError(`limits: a channel has no limit ${name}`);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ConfigurationError(`limits ${name}: expected a whole number from 1 on, got ${value}`);
  }
  return { ...channelLimits, ...Object.fromEntries(stated) };
}
