// Warnings of certificates that end, while a server runs.
import { type Configured, lifetimeWarnings, untilOtherWarnings } from '../../handshake/lifetimes.ts';

/** The time, and what waits for it. */
export interface Clock {
  readonly now: () => Date;
  /** Calls back once after so many milliseconds. @returns what takes it back */
  readonly after: (milliseconds: number, call: () => void) => () => void;
}

const systemClock: Clock = {
  now: () => new Date(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

const day = 86_400_000;

/** Warnings that are given until they are closed. */
export interface LifetimeWatch {
  /** Waits anew: the certificates are other ones. */
  readonly restart: () => void;
  readonly close: () => void;
}

/**
 * Warns once a day of certificates that are not valid, or not for long, and when one of them begins to be so. The
 * first warning is due when time has passed: whoever starts has warned already.
 */
export function watchLifetimes(
  configured: () => Configured,
  warn: (warning: string) => void,
  clock: Clock = systemClock,
): LifetimeWatch {
  let takeBack = (): void => {};
  const wait = (): void => {
    takeBack();
    const milliseconds = Math.min(day, untilOtherWarnings(configured(), clock.now()));
    takeBack = clock.after(milliseconds, () => {
      for (const warning of lifetimeWarnings(configured(), clock.now())) warn(warning);
      wait();
    });
  };
  wait();
  return { restart: wait, close: () => takeBack() };
}
