// How long to wait before the next attempt: exponential, with full jitter, so that clients of one server do not come back together.

export interface Backoff {
  /** Milliseconds: the bound of the first wait. Default 500. */
  readonly first?: number | undefined;
  /** Milliseconds: the bound that it doubles up to. Default 30,000. */
  readonly longest?: number | undefined;
  /** Milliseconds that a connection has to last for the waits to begin anew. Default 10,000. */
  readonly steady?: number | undefined;
}

/** Waits of one client. */
export interface Waits {
  /** The next one, in milliseconds: a random part of its bound. */
  readonly next: () => number;
  /** A connection has ended that lasted so many milliseconds. */
  readonly lasted: (milliseconds: number) => void;
}

/** @param random a number from 0 up to 1, without 1 */
export function waits({ first = 500, longest = 30_000, steady = 10_000 }: Backoff, random: () => number): Waits {
  let bound = first;
  return {
    next: () => {
      const wait = Math.floor(random() * bound);
      bound = Math.min(2 * bound, longest);
      return wait;
    },
    lasted: (milliseconds) => {
      if (milliseconds >= steady) bound = first;
    },
  };
}
