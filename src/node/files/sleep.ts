/** Milliseconds between two looks at what another process does. */
export const pause = 20;

/** Waits. */
export const sleep = (milliseconds: number): unknown =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
