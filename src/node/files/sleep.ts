/** Milliseconds between two looks at the progress of another process. */
export const pause = 20;

/** Blocks for some milliseconds. */
export const sleep = (milliseconds: number): unknown =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
