// Deadlines in a process that may be busy: input that came in time is read before a deadline passes.

/**
 * Calls back after some milliseconds, once the connections were read again. A process that was busy may not have read
 * input that came in time.
 * @returns a function that cancels the deadline
 */
export function afterDeadline(milliseconds: number, then: () => void): () => void {
  let last: NodeJS.Immediate | undefined;
  // In a round of the event loop, timers run before input is read, and immediates after it.
  const timer = setTimeout(() => {
    last = setImmediate(() => {
      last = setImmediate(then);
    });
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(last);
  };
}

/** The value of a promise, or `otherwise` when the deadline passes first. */
export async function within<T, E>(promise: Promise<T>, milliseconds: number, otherwise: E): Promise<T | E> {
  let callOff: () => void = () => {};
  const late = new Promise<E>((resolve) => {
    callOff = afterDeadline(milliseconds, () => resolve(otherwise));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    callOff();
  }
}
