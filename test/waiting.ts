// Waiting for events. How long it may take only matters where it fails: a busy machine is no failure.
import { vi } from 'vitest';

/** Asks again and again until nothing is thrown. */
export const eventually = <T>(ask: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(ask, { timeout: 120_000, interval: 20 });

/** Until what was sent within this process, over loopback too, was read by those who read. */
export async function settled(): Promise<void> {
  for (let rounds = 0; rounds < 20; rounds += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** With timers that go on only when they are told to; sockets work as ever. */
export async function withStoppedTimers<T>(work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}
