// The requests of one side that have no answer yet.
import type { Json } from '../contract.ts';
import type { Id } from './codes.ts';

/** A request that was passed on. */
export interface Outstanding {
  readonly id: Id;
  readonly method: string;
  /** The parameters of a request for a list, which say for which page it asks. */
  readonly params?: Json | undefined;
  /** Called once, when it was answered or forgotten. */
  readonly over?: (() => void) | undefined;
}

/** Ids that are text and ids that are numbers are different ids. */
const keyOf = (id: Id): string => `${typeof id} ${id}`;

export interface Requests {
  /** Whether an id stands for a request that may still be answered. */
  readonly has: (id: Id) => boolean;
  readonly add: (request: Outstanding) => void;
  /** The request that an answer is to, which is over now. `cancelled`: nobody waits for the answer any more. */
  readonly take: (id: Id) => (Outstanding & { readonly cancelled: boolean }) | undefined;
  /** @param now - milliseconds of any clock that only goes on */
  readonly cancel: (id: Id, now: number) => void;
  /** Forgets all. */
  readonly clear: () => void;
  /** Those that somebody waits for. */
  readonly waiting: () => readonly Outstanding[];
  /** Those that the other side may be at work on. */
  readonly count: (now: number) => number;
}

/** For so long, in milliseconds, a cancelled request counts as being worked on: a cancellation must not make room for more at once. */
const cancelledCounts = 10_000;

/**
 * Keeps requests by their ids. The answer to a cancelled one may be on its way, so its id is not free again; of these the last
 * `maximumCancelled` are remembered.
 */
export function requests(maximumCancelled = 1_024): Requests {
  const open = new Map<string, Outstanding>();
  const cancelled = new Map<string, Outstanding & { readonly until: number }>();
  return {
    has: (id) => open.has(keyOf(id)) || cancelled.has(keyOf(id)),
    add: (request) => open.set(keyOf(request.id), request),
    take: (id) => {
      const key = keyOf(id);
      for (const [requests_, isCancelled] of [
        [open, false],
        [cancelled, true],
      ] as const) {
        const found = requests_.get(key);
        if (found === undefined) continue;
        requests_.delete(key);
        found.over?.();
        return { ...found, cancelled: isCancelled };
      }
      return undefined;
    },
    cancel: (id, now) => {
      const key = keyOf(id);
      const found = open.get(key);
      if (found === undefined) return;
      open.delete(key);
      cancelled.set(key, { ...found, until: now + cancelledCounts });
      const [oldest] = cancelled;
      if (cancelled.size <= maximumCancelled || oldest === undefined) return;
      cancelled.delete(oldest[0]);
      oldest[1].over?.();
    },
    clear: () => {
      const all = [...open.values(), ...cancelled.values()];
      open.clear();
      cancelled.clear();
      for (const { over } of all) over?.();
    },
    waiting: () => [...open.values()],
    count: (now) => open.size + [...cancelled.values()].filter(({ until }) => until > now).length,
  };
}
