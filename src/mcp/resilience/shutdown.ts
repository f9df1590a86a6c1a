// Ends that lose nothing: of streams, in order, and by the signals that end a process.
import type { Duplex } from 'node:stream';
import type { Clock } from '../../node/transport/lifetimes.ts';

const systemAfter: Clock['after'] = (milliseconds, call) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};

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
