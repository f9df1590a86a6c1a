import type { Failure } from '../failure.ts';

/** The stable code of a failure of a channel (spec/channel.md, section 4). */
export type ChannelCode =
  | 'wrong-commitment'
  | 'record-length'
  | 'record-not-opened'
  | 'record-without-type'
  | 'unknown-record'
  | 'unexpected-content'
  | 'content-missing'
  | 'request-from-initiator'
  | 'unexpected-handshake'
  | 'unexpected-switch'
  | 'octets-after-close'
  | 'too-many-records'
  | 'inner-handshake-failed'
  | 'peer-floods'
  | 'truncated'
  | 'rehandshake-timeout'
  | 'channel-abandoned';

/** Why a channel failed, for the local side only: nothing of it crosses the wire. */
export interface ChannelFailure {
  readonly code: ChannelCode;
  /** For people; holds no secrets, no data and no length of data. */
  readonly message: string;
  /** The failure of the inner handshake, where that is the reason. */
  readonly handshake?: Failure | undefined;
  /** The error that the application threw while it judged or made an inner handshake, if any. */
  readonly cause?: unknown;
}
