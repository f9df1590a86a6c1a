// Tasks that begin in turn, so many at a time: what many channels have to do at once holds nobody up.

/** Begins a task. @returns fulfilled or rejected at its end; `undefined` when there is nothing to do any more */
export type Task = () => Promise<unknown> | undefined;

export interface Turns {
  /** Has a task take its turn, at once when there is room. A task that waits already keeps its place. */
  readonly ask: (task: Task) => void;
  /** Forgets a task that has not begun. */
  readonly withdraw: (task: Task) => void;
}

/**
 * Makes turns.
 * @param most tasks that have a turn at the same time
 * @param milliseconds that a turn has at most. Then the next task begins, and one that waits for its peer goes on beside it: nobody delays
 *   all others
 */
export function turns(most: number, milliseconds: number): Turns {
  const waiting = new Set<Task>();
  let taken = 0;

  function begin(task: Task): void {
    const ended = task();
    if (ended === undefined) return;
    taken += 1;
    let isOver = false;
    const leave = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(limit);
      taken -= 1;
      proceed();
    };
    const limit = setTimeout(leave, milliseconds).unref();
    ended.then(leave, leave);
  }

  function proceed(): void {
    for (const task of waiting) {
      if (taken >= most) return;
      waiting.delete(task);
      begin(task);
    }
  }

  return {
    ask: (task) => {
      waiting.add(task);
      proceed();
    },
    withdraw: (task) => void waiting.delete(task),
  };
}
