// Waiting for what a peer does, with an end: a deadline, or something that it does wrong.
import { seconds } from '../judge.ts';
import { afterDeadline } from './deadline.ts';

/** Ends a script: what the peer did not do, or why the case does not apply to it. */
export class Left extends Error {
  readonly verdict: 'failed' | 'unsupported';
  constructor(verdict: 'failed' | 'unsupported', message: string) {
    super(message);
    this.verdict = verdict;
  }
}

export interface Waiting {
  /** Something has happened: whoever waits looks again. */
  readonly changed: () => void;
  /** Waits until it holds. @throws Left when the peer does something wrong, or the deadline passes: then `undone` says what did not happen */
  readonly until: (holds: () => boolean, undone: string) => Promise<void>;
  /** Whether it holds in so many milliseconds. */
  readonly holdsIn: (milliseconds: number, holds: () => boolean) => Promise<boolean>;
}

/** `wrong` tells what the peer did wrong until now. */
export function waiting(deadline: number, wrong: () => string | undefined): Waiting {
  const watchers = new Set<() => void>();

  /** Looks at each change, and at the end of the time once more. @returns what `look` finds, or `late` */
  function watch<T>(milliseconds: number, look: () => T | undefined, late: T): Promise<T> {
    return new Promise((resolve) => {
      const end = (found: T): void => {
        callOff();
        watchers.delete(check);
        resolve(found);
      };
      const check = (): void => {
        const found = look();
        if (found !== undefined) end(found);
      };
      const callOff = afterDeadline(milliseconds, () => end(look() ?? late));
      watchers.add(check);
      check();
    });
  }

  return {
    changed: () => {
      for (const check of [...watchers]) check();
    },
    until: async (holds, undone) => {
      const failed = await watch(
        deadline,
        () => (holds() ? { why: undefined } : wrong() === undefined ? undefined : { why: wrong() }),
        { why: `${undone} in ${seconds(deadline)}` },
      );
      if (failed.why !== undefined) throw new Left('failed', failed.why);
    },
    holdsIn: (milliseconds, holds) => watch<boolean>(milliseconds, () => (holds() ? true : undefined), false),
  };
}
