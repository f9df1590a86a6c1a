// An end that loses nothing: what runs is finished, up to a limit; what is new is refused; then connections close in order.
import type { Duplex } from 'node:stream';
import type { Clock } from '../../node/transport/lifetimes.ts';
import { encode, errorTo, type Id } from '../gate/index.ts';

/** The answer to a request that came too late: it took no effect, and may be sent to another server. */
export const shuttingDown = (id: Id): Buffer => encode(errorTo(id, -32_000, 'shutting down'));

/** A connection whose requests are counted. */
export interface Work {
  /** A request came. @returns whether it may begin; if not, `shuttingDown` is its answer */
  readonly begins: (id: Id) => boolean;
  /** It was answered, or given up. Does nothing for one that did not begin. */
  readonly ends: (id: Id) => void;
  /** The connection has closed. */
  readonly leave: () => void;
}

/** How an end went. */
export interface Drained {
  /** Requests that were under way at the limit. Their connections were closed nevertheless. */
  readonly abandoned: number;
}

export interface Shutdown {
  /** @param close closes the connection in order; fulfilled when it has closed */
  readonly join: (close: () => Promise<void>) => Work;
  readonly isDraining: () => boolean;
  /** Refuses new requests, and closes each connection when nothing of it is under way, at the latest after so many milliseconds. */
  readonly drain: (milliseconds: number) => Promise<Drained>;
  /** Closes what a drain still waits for, as when its limit is over. */
  readonly hurry: () => void;
}

interface Member {
  readonly underWay: Set<string>;
  readonly close: () => void;
  closing: boolean;
}

const systemAfter: Clock['after'] = (milliseconds, call) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};

/** Keeps count of the requests of connections, to end without losing any. */
export function shutdown(after: Clock['after'] = systemAfter): Shutdown {
  const members = new Set<Member>();
  let [draining, abandoned] = [false, 0];
  let over = (): void => {};

  function closeOf(member: Member): void {
    if (member.closing) return;
    member.closing = true;
    abandoned += member.underWay.size;
    member.close();
  }

  function look(member: Member): void {
    if (draining && member.underWay.size === 0) closeOf(member);
  }

  function leave(member: Member): void {
    members.delete(member);
    if (draining && members.size === 0) over();
  }

  const hurry = (): void => {
    if (draining) for (const member of [...members]) closeOf(member);
  };

  return {
    join: (close) => {
      const member: Member = {
        underWay: new Set(),
        closing: false,
        close: () =>
          void close()
            .catch(() => {})
            .then(() => leave(member)),
      };
      members.add(member);
      look(member);
      return {
        begins: (id) => {
          if (draining) return false;
          member.underWay.add(JSON.stringify(id));
          return true;
        },
        ends: (id) => {
          if (member.underWay.delete(JSON.stringify(id))) look(member);
        },
        leave: () => leave(member),
      };
    },
    isDraining: () => draining,
    drain: async (milliseconds) => {
      draining = true;
      const all = new Promise<void>((resolve) => {
        over = resolve;
      });
      for (const member of [...members]) look(member);
      if (members.size === 0) return { abandoned };
      const takeBack = after(milliseconds, hurry);
      await all;
      takeBack();
      return { abandoned };
    },
    hurry,
  };
}

/** Ends our direction of a stream, and waits until the peer has ended its own: at most so many milliseconds, after which it is cut. */
export function endInOrder(stream: Duplex, milliseconds: number, after: Clock['after'] = systemAfter): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const takeBack = after(milliseconds, () => stream.destroy());
    stream
      .on('error', () => {})
      .once('close', () => {
        takeBack();
        resolve();
      });
    stream.end();
    stream.resume();
  });
}

/** Where signals come from: `process`. */
export interface Signalled {
  readonly on: (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void) => unknown;
  readonly off: (signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void) => unknown;
}

/** A terminal gives a signal to all processes of a group, and a primary process passes it on: two at one time are one. */
const together = 500;

/**
 * Calls `first` at the first signal that ends a process, and `again` at each later one that does not come with it.
 * @param now milliseconds of a monotonic clock
 * @returns what takes the listeners back
 */
export function onEndSignals(
  source: Signalled,
  first: (signal: NodeJS.Signals) => void,
  again: () => void,
  now: () => number = () => performance.now(),
): () => void {
  let at: number | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    const before = at;
    if (before === undefined) {
      at = now();
      first(signal);
    } else if (now() - before >= together) again();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) source.on(signal, listener);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) source.off(signal, listener);
  };
}
