// Peers that are gone without a word, that say nothing, or that do not read: when their connection is cut.

import { ConfigurationError } from '../../configuration.ts';
import type { SecuredStream } from '../../node/transport/secured.ts';
import { longestTimeout } from '../../node/transport/stream.ts';

/** Limits in milliseconds; without one, a peer has all the time. */
export interface Patience {
  /** Without an octet of the application in either direction. Handshakes inside of the channel do not count. */
  readonly idle?: number | undefined;
  /** While octets wait for the peer, and the system takes none of them. A portion of 65,536 octets counts when all of it is taken. */
  readonly stalled?: number | undefined;
  /** Without an octet on the connection, until the system asks whether the other machine is there (TCP keep-alive). How often it asks is the system's. */
  readonly keepAlive?: number | undefined;
}

export type PeerCode = 'peer-idle' | 'peer-stalled';

/** Why a channel was cut, as the error of its stream. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  /** Stable code. */
  readonly code: PeerCode;

  constructor(code: PeerCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What is looked at. */
export interface Watched {
  readonly channel: Pick<SecuredStream, 'bytesRead' | 'bytesWritten' | 'destroyed' | 'destroy'> & {
    readonly once: (event: 'close', listener: () => void) => unknown;
  };
  /** The connection beneath. */
  readonly socket: {
    readonly writableLength: number;
    readonly setKeepAlive?: (on: boolean, milliseconds: number) => unknown;
  };
  /** Calls again and again after so many milliseconds. @returns what ends it. Default a timer of the system */
  readonly every?: (milliseconds: number, call: () => void) => () => void;
}

const everyTimer = (milliseconds: number, call: () => void): (() => void) => {
  const timer = setInterval(call, milliseconds).unref();
  return () => clearInterval(timer);
};

/** How often a limit is looked at: it is exceeded by a quarter at most. */
const looks = 4;

/** Calls when what is measured stayed the same for so many milliseconds; `undefined` is never the same. */
function whenSame(
  every: NonNullable<Watched['every']>,
  milliseconds: number,
  measure: () => string | undefined,
  call: () => void,
): () => void {
  let [before, quiet]: [string | undefined, number] = [measure(), 0];
  return every(milliseconds / looks, () => {
    const now = measure();
    quiet = now !== undefined && now === before ? quiet + 1 : 0;
    before = now;
    if (quiet >= looks) call();
  });
}

/** @throws ConfigurationError for a limit that a timer cannot keep */
export function checkPatience({ idle, stalled, keepAlive }: Patience): void {
  for (const [name, limit] of Object.entries({ idle, stalled, keepAlive })) {
    if (limit === undefined || (limit >= looks && limit <= longestTimeout)) continue;
    throw new ConfigurationError(`${name}: a limit is ${looks} to ${longestTimeout} ms, not ${limit}`);
  }
}

/** Cuts a channel whose peer exceeds a limit: it is destroyed with a `PeerError`. @throws ConfigurationError */
export function watchPeer({ channel, socket, every = everyTimer }: Watched, patience: Patience): void {
  checkPatience(patience);
  const { idle, stalled, keepAlive } = patience;
  if (keepAlive !== undefined) socket.setKeepAlive?.(true, keepAlive);
  const cut = (code: PeerCode, message: string): void => {
    if (!channel.destroyed) channel.destroy(new PeerError(code, message));
  };
  const ends: (() => void)[] = [];
  if (idle !== undefined) {
    const measure = (): string => `${channel.bytesRead} ${channel.bytesWritten}`;
    ends.push(whenSame(every, idle, measure, () => cut('peer-idle', `nothing crossed the channel for ${idle} ms`)));
  }
  if (stalled !== undefined) {
    const measure = (): string | undefined =>
      socket.writableLength === 0 ? undefined : `${channel.bytesWritten} ${socket.writableLength}`;
    ends.push(whenSame(every, stalled, measure, () => cut('peer-stalled', `the peer took nothing for ${stalled} ms`)));
  }
  channel.once('close', () => {
    for (const end of ends) end();
  });
}
