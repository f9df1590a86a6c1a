// The signals that end a command.
import { onEndSignals } from '../resilience/shutdown.ts';

/** Signals that are waited for. */
export interface EndingSignals {
  readonly first: Promise<void>;
  /** Ends a wait that the first one began. */
  readonly second: Promise<void>;
  readonly forget: () => void;
}

export function endingSignals(): EndingSignals {
  let [onFirst, onSecond] = [(): void => {}, (): void => {}];
  const first = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  const second = new Promise<void>((resolve) => {
    onSecond = resolve;
  });
  return { first, second, forget: onEndSignals(process, onFirst, onSecond) };
}
