// What the stream over a channel is made with, and its bounds.
import { type ChannelLimits, type ChannelOptions, chosenLimits, type Padding } from '../../channel/options.ts';
import { checkPadding } from '../../channel/padding.ts';
import { ConfigurationError } from '../../configuration.ts';
import type { ReadingChoice } from '../../generated/keySchedule.ts';
import type { Session } from '../../handshake/session.ts';
import { limits } from '../../limits.ts';
import { longestTimeout } from './stream.ts';

/** When this side has both peers authenticate again, by a handshake inside of the channel. */
export interface ReauthenticationPolicy {
  /** So long after the last time, in milliseconds. Default never. */
  readonly milliseconds?: number | undefined;
  /** After so many octets of the application, of both directions together. Default never. */
  readonly octets?: number | undefined;
  /** When the own credentials are replaced by `update`. Default true. */
  readonly renewal?: boolean | undefined;
}

/** Options of a channel that `connect` and `listen` take. */
export interface ChannelSettings {
  /** Of writes. Default `none`. */
  readonly padding?: Padding | undefined;
  readonly limits?: Partial<ChannelLimits> | undefined;
  readonly rehandshakeAfter?: ReauthenticationPolicy | undefined;
  /**
   * Milliseconds within which an inner handshake completes that was asked for, started, or begun by the peer; otherwise the channel fails
   * with `rehandshake-timeout`. Time in which the own application does not read does not count. Default 30,000.
   */
  readonly rehandshakeTimeout?: number | undefined;
  /** Called with the session before the channel uses it up: the last time that anything is exported from `k_session`. */
  readonly onSession?: ((session: Session) => void) | undefined;
}

/** Options of `secured`. */
export interface SecuredOptions
  extends Omit<ChannelSettings, 'onSession'>,
    Pick<ChannelOptions, 'suite' | 'innerHandshake' | 'judgePeer'> {
  /** The reading of the handshake, to be told. */
  readonly reading?: Partial<ReadingChoice> | undefined;
  /** Returns the time that authentications are dated with. Default the clock of the system. */
  readonly time?: (() => Date) | undefined;
}

/** Octets of the application that are sealed at a time: four whole records, and at the end part of a fifth. The next ones wait until the socket has taken them. */
export const portionOctets = 65_536;

/**
 * The high water mark of each direction of the stream, and of the socket of `connect` and `listen`. Beyond it Node has at most one read of
 * 65,536 octets, in the socket and in the stream; a portion that was sealed may wait too. Together they stay within `limits.channelBuffers`.
 */
export const waterMark = 16_384;

/** Refuses settings that cannot work. @throws ConfigurationError */
export function checkChannelSettings(settings: ChannelSettings): void {
  const { rehandshakeAfter: { milliseconds, octets } = {}, rehandshakeTimeout } = settings;
  checkPadding(settings.padding ?? 'none');
  chosenLimits(settings.limits);
  for (const [name, value, most] of [
    ['rehandshakeAfter milliseconds', milliseconds, longestTimeout],
    ['rehandshakeAfter octets', octets, Number.MAX_SAFE_INTEGER],
    ['rehandshakeTimeout', rehandshakeTimeout, longestTimeout],
  ] as const) {
    if (value === undefined || (value >= 1 && value <= most)) continue;
    throw new ConfigurationError(`channel ${name}: expected 1 to ${most}, got ${value}`);
  }
}

/** The settings of an option `channel`; `undefined` for none. @throws ConfigurationError */
export function channelSettingsOf(channel: boolean | ChannelSettings | undefined): ChannelSettings | undefined {
  if (channel === undefined || channel === false) return undefined;
  const settings = channel === true ? {} : channel;
  checkChannelSettings(settings);
  return settings;
}

/** The limit of an inner handshake, in milliseconds. */
export const timeoutOf = ({ rehandshakeTimeout = limits.rehandshake }: ChannelSettings): number => rehandshakeTimeout;
