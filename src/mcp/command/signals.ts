// The signals that end a command.

const names = ['SIGINT', 'SIGTERM'] as const;

/** Signals that are waited for. */
export interface EndingSignals {
  readonly first: Promise<void>;
  /** Ends a wait that the first one began. */
  readonly second: Promise<void>;
  readonly forget: () => void;
}

export function endingSignals(): EndingSignals {
  const waiting: (() => void)[] = [];
  const next = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  const [first, second] = [next(), next()];
  const onSignal = (): void => waiting.shift()?.();
  for (const name of names) process.on(name, onSignal);
  const forget = (): void => {
    for (const name of names) process.off(name, onSignal);
  };
  return { first, second, forget };
}
