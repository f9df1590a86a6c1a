// Deadlines in a process that may be busy: what came in time is read before one passes.

/**
 * Calls back after some milliseconds, and not before the connections were looked at once more: when the process was busy, or
 * had no processor, what came in time may not have been read yet.
 * @returns a function that calls the deadline off
 */
export function afterDeadline(milliseconds: number, then: () => void): () => void {
  let last: NodeJS.Immediate | undefined;
  // Timers come before reading in a round of the event loop, immediates after it.
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

/** The value of a promise, or another one when a deadline passes first. */
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
