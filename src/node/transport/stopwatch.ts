// A limit of time that can be held: what passes meanwhile does not count.

export interface Stopwatch {
  /** Begins to run, with the whole time, unless it runs. */
  readonly start: () => void;
  readonly stop: () => void;
  /** While it is held, no time passes. */
  readonly hold: (held: boolean) => void;
}

/** Calls once when the time is over. @param milliseconds the whole time */
export function stopwatch(milliseconds: number, over: () => void): Stopwatch {
  let left: number | undefined;
  let since = 0;
  let held = false;
  let timer: NodeJS.Timeout | undefined;

  function run(): void {
    if (left === undefined || held) return;
    since = performance.now();
    timer = setTimeout(() => {
      left = undefined;
      over();
    }, left);
  }

  return {
    start: () => {
      if (left !== undefined) return;
      left = milliseconds;
      run();
    },
    stop: () => {
      clearTimeout(timer);
      left = undefined;
    },
    hold: (now) => {
      if (now === held) return;
      held = now;
      if (left === undefined) return;
      clearTimeout(timer);
      if (held) left = Math.max(1, left - (performance.now() - since));
      else run();
    },
  };
}
