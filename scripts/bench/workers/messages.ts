// What the processes of a measurement say to each other.

/** `begin` starts a count, `end` asks for it. */
export type Ask = 'begin' | 'end';

/** What a listener counted since it began. */
export interface Served {
  readonly kind: 'served';
  readonly completed: number;
  readonly failed: number;
  /** Connections that were turned away, as told to `onOverload`. */
  readonly turnedAway: number;
  /** Milliseconds of CPU time of all threads, and of time that passed. */
  readonly worked: number;
  readonly elapsed: number;
  /** Milliseconds between ticks of a timer of 10 ms on the thread that listens: median, and 99 of 100. */
  readonly ticks: readonly [median: number, most: number];
}

/** What a client counted since it began. */
export interface Offered {
  readonly kind: 'offered';
  readonly begun: number;
  readonly completed: number;
}

export interface Listening {
  readonly kind: 'listening';
  readonly port: number;
}
