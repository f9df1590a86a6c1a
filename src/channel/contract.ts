// What one side of a channel offers its caller.
import type { Peer } from '../certificate/peerNames.ts';
import type { DirectionalKeys } from '../handshake/session.ts';
import type { Bytes } from '../octets.ts';
import type { Role } from '../role.ts';
import type { ChannelCode, ChannelFailure } from './failure.ts';
import type { Padding } from './options.ts';

/** What came from the peer, in the order of the stream. */
export type ChannelEvent =
  /** Data of the application, never empty. The octets are the receiver's to keep. */
  | { readonly event: 'data'; readonly data: Bytes }
  /** The peer's direction has ended in order. Ours is as it was. */
  | { readonly event: 'peerClosed' }
  /** The responder asks for an inner handshake, and none is under way. Only at an initiator, which may answer by `startHandshake`. */
  | { readonly event: 'handshakeRequested' }
  /** An inner handshake has completed here: what is sent and exported from now on is under the new root. */
  | {
      readonly event: 'rehandshaken';
      readonly peer: Peer;
      /** Names the new session, as `identifier` of a session: 48 octets. Public: equal on both sides. */
      readonly identifier: Bytes;
      /** Inner handshakes completed so far. */
      readonly epoch: number;
    }
  /** A key was succeeded by the next one of its direction. */
  | { readonly event: 'ratcheted'; readonly direction: 'sent' | 'received' };

/** The result of a call. */
export interface ChannelProgress {
  /** Octets for the peer, in this order; also when the call failed, for what was due before the failure. */
  readonly output: readonly Bytes[];
  readonly events: readonly ChannelEvent[];
  /** Why the channel has failed, in this call or before: nothing more is sent or delivered, and its secrets are wiped. */
  readonly failure: ChannelFailure | undefined;
}

/** Where a channel stands. */
export interface ChannelStanding {
  readonly sending: 'open' | 'closed' | 'failed';
  readonly receiving: 'open' | 'closed' | 'failed';
  /** `under way` until both directions that are open have switched; `impossible` once a direction is closed, or without `innerHandshake`. */
  readonly innerHandshake: 'possible' | 'under way' | 'impossible';
  /** The peer of the last handshake that completed here. */
  readonly peer: Peer;
  /** Inner handshakes completed so far. */
  readonly epoch: number;
  readonly failure: ChannelFailure | undefined;
}

/** One side of a channel. */
export interface Channel {
  readonly role: Role;
  /**
   * Takes octets from the peer, in any segmentation. They are not kept: what is left over is copied.
   * @param now milliseconds of a clock that never goes back; brings the allowance of the peer back with time
   */
  readonly receive: (octets: Bytes, now?: number) => ChannelProgress;
  /**
   * Seals data of the application, in records of at most 16,384 octets; without octets one empty record.
   * @throws TypeError after `close`
   */
  readonly send: (data: Bytes, padding?: Padding) => ChannelProgress;
  /** Ends our direction in order; the peer's stays open. An inner handshake whose messages we have not all sent is abandoned. Again: nothing. */
  readonly close: () => ChannelProgress;
  /** Moves our direction on to the next key: what was sent before cannot be read with what is in memory then. @throws TypeError after `close` */
  readonly ratchet: () => ChannelProgress;
  /**
   * The initiator starts an inner handshake.
   * @throws TypeError when the standing says that none is possible, or at a responder
   * @throws ConfigurationError of `innerHandshake`; nothing has changed then
   */
  readonly startHandshake: () => ChannelProgress;
  /** The responder asks for an inner handshake. @throws TypeError when the standing says that none is possible, or at an initiator */
  readonly requestHandshake: () => ChannelProgress;
  /** The transport has ended, or failed, in the peer's direction: `truncated` unless the peer has closed (PQ-C-20). */
  readonly endOfInput: (detail?: string) => ChannelProgress;
  /** Gives the channel up: a limit of time, a transport that cannot write. Nothing once both directions have ended in order. */
  readonly fail: (code: ChannelCode, detail?: string) => ChannelProgress;
  readonly standing: () => ChannelStanding;
  /** As `export` of a session, from `exporter` in the place of `k_session`. @throws TypeError after a failure, or `wipe` */
  readonly export: (label: string, context: Bytes, length: number) => Bytes;
  /** As `exportPair` of a session, from `exporter` in the place of `k_session`. */
  readonly exportPair: (label: string, context: Bytes, length: number) => DirectionalKeys;
  /** Overwrites all secrets. Afterwards nothing is sent, delivered or exported; a channel that had not ended has failed. */
  readonly wipe: () => void;
}
