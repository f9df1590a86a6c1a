// The progress of a run, on standard error: one line that changes on a terminal, now and then a new line elsewhere.
import { note } from '../../../node/terminal/output.ts';
import type { Result } from './run.ts';

/** A line where there is no terminal: after so many cases, and after so many milliseconds in which there was none. */
const every = { cases: 25, milliseconds: 10_000 };

export interface Progress {
  readonly tell: (result: Result, done: number) => void;
  /** Ends it, and removes the line of a terminal. */
  readonly clear: () => void;
}

/** Shows the progress of a run of so many cases. */
export function progress(all: number): Progress {
  const { isTTY } = process.stderr;
  let failures = 0;
  let finished = 0;
  const line = (): string => `${finished} of ${all} cases, ${failures} failed`;
  const timer = isTTY ? undefined : setInterval(() => note(line()), every.milliseconds).unref();
  return {
    tell: ({ verdict }, done) => {
      finished = done;
      if (verdict === 'failed') failures += 1;
      if (isTTY) process.stderr.write(`\r${line()} `);
      else if (done % every.cases === 0 && done < all) {
        note(line());
        timer?.refresh();
      }
    },
    clear: () => {
      clearInterval(timer);
      if (isTTY) process.stderr.write('\r\x1b[K');
    },
  };
}
