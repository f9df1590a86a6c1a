import type { Failure } from '../failure.ts';
import { type ChannelCode, channelFailureTable } from '../generated/channel.ts';
import type { RequirementId } from '../generated/requirements.ts';

export type { ChannelCode };

/** Why a channel failed, for the local side only: nothing of it crosses the wire (PQ-C-40). */
export interface ChannelFailure {
  /** Stable code, one of those in spec/channel.md. */
  readonly code: ChannelCode;
  /** Section of spec/channel.md. */
  readonly section: string;
  /** Ids of spec/requirements.yaml. */
  readonly requirements: readonly RequirementId[];
  /** For people; holds no secrets, no data and no length of data. */
  readonly message: string;
  /** The failure of the inner handshake, where that is the reason. */
  readonly handshake?: Failure | undefined;
  /** The error that the application threw while it made an inner handshake or judged its peer, if any. */
  readonly cause?: unknown;
}

/** What more a failure tells. */
export type Reason = Pick<ChannelFailure, 'handshake' | 'cause'> & { readonly detail?: string | undefined };

/** The failure with a code; `detail` says more for people. */
export function channelFailure(code: ChannelCode, { detail, ...reason }: Reason = {}): ChannelFailure {
  const { section, requirements, meaning } = channelFailureTable[code];
  const more = detail ?? reason.handshake?.message;
  return { code, section, requirements, message: more === undefined ? meaning : `${meaning}: ${more}`, ...reason };
}
