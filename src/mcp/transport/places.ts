// How many requests of a peer are under way at a time. The excess waits; what ends or answers something passes it.
import { ConfigurationError } from '../../configuration.ts';
import { isObject, type Message } from '../contract.ts';
import type { Id } from './message.ts';
import { type Framed, longestMessage, readMessage } from './splitMessages.ts';

/** Requests of a connection that are under way at a time, where nothing else is said. */
export const usualUnderWay = 64;

export interface PlacesOptions {
  /** Requests of the peer that are under way at a time, from delivery until the answer was written. Default 64. */
  readonly mostUnderWay?: number | undefined;
  /** Octets of requests that wait for a place. When they are full, nothing more is read for the time being. Default 4 MiB. */
  readonly mostWaiting?: number | undefined;
}

/** What becomes of a message. */
export type Offered =
  | 'deliver'
  | 'waits'
  /** A cancellation of a request that waited: neither reaches the handlers. */
  | 'withdrawn'
  /** The same id is under way or waits already. */
  | 'repeated'
  /** There is no room to wait: offer it again later. */
  | 'full';

export interface Places {
  /** Takes a message of the peer. `stalled`: what we wrote is not read, so that no request begins. */
  readonly offer: (one: Framed, stalled: boolean) => Offered;
  /** The next request that waited, when it may begin. */
  readonly next: (stalled: boolean) => Framed | undefined;
  /** The answer of a request was written, or will never be. */
  readonly release: (id: Id) => void;
  /** Whether a request was delivered and not released. */
  readonly holds: (id: Id) => boolean;
  readonly underWay: () => number;
  readonly waiting: () => number;
}

/** What keeping a request costs beside its octets. */
const overhead = 256;

/** Requests that hold no place: one is answered at once, the other stays open as long as its subscription. */
const placeless: readonly unknown[] = ['ping', 'subscriptions/listen'];

/** The id of the request that a message cancels. */
export function cancelledBy({ method, params }: Message): Id | undefined {
  if (method !== 'notifications/cancelled' || !isObject(params)) return undefined;
  const { requestId } = params;
  return typeof requestId === 'string' || typeof requestId === 'number' ? requestId : undefined;
}

/**
 * Counts the requests under way. A request that was cancelled holds its place until its answer, or until `release`: nobody begins more work by
 * cancelling what was begun.
 * @throws ConfigurationError for limits that are not positive whole numbers
 */
export function places({ mostUnderWay = usualUnderWay, mostWaiting = longestMessage }: PlacesOptions = {}): Places {
  for (const [name, value] of [
    ['requests under way', mostUnderWay],
    ['octets that wait', mostWaiting],
  ] as const) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new ConfigurationError(`the limit of ${name}: expected a whole number from 1, got ${value}`);
  }
  const held = new Set<Id>();
  const open = new Set<Id>(); // without a place
  const waiting = new Map<Id, Buffer>();
  let octetsWaiting = 0;

  function begin(id: Id, method: unknown): void {
    (placeless.includes(method) ? open : held).add(id);
  }

  function withdraw(id: Id): boolean {
    const octets = waiting.get(id);
    if (octets === undefined) return false;
    waiting.delete(id);
    octetsWaiting -= octets.length + overhead;
    return true;
  }

  return {
    offer: ({ message, kind, id, octets }, stalled) => {
      const cancelled = kind === 'notification' ? cancelledBy(message) : undefined;
      if (cancelled !== undefined) return withdraw(cancelled) ? 'withdrawn' : 'deliver';
      if (kind !== 'request' || id === undefined) return 'deliver';
      if (held.has(id) || open.has(id) || waiting.has(id)) return 'repeated';
      const { method } = message;
      const free = placeless.includes(method) || (held.size < mostUnderWay && waiting.size === 0);
      if (free && !stalled) {
        begin(id, method);
        return 'deliver';
      }
      if (octetsWaiting > 0 && octetsWaiting + octets.length + overhead > mostWaiting) return 'full';
      waiting.set(id, Buffer.from(octets)); // a copy: these octets may be part of a larger chunk
      octetsWaiting += octets.length + overhead;
      return 'waits';
    },
    next: (stalled) => {
      if (stalled || held.size >= mostUnderWay) return undefined;
      const [first] = waiting;
      if (first === undefined) return undefined;
      const [id, octets] = first;
      withdraw(id);
      const read = readMessage(octets);
      if (!read.ok) throw read.error; // it was read before
      begin(id, read.message['method']);
      return read;
    },
    release: (id) => {
      held.delete(id);
      open.delete(id);
    },
    holds: (id) => held.has(id) || open.has(id),
    underWay: () => held.size,
    waiting: () => waiting.size,
  };
}
