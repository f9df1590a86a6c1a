// How long something takes, beside something else: in time of the processor, which other programs do not lengthen by much, and
// measured in turns, so that what does lengthen it lengthens both.

/** Milliseconds of the processor that a run takes. */
export function spent(run: () => unknown): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

/** Milliseconds of the fastest run of each, of so many in turns. */
export function fastestOf(times: number, ...runs: readonly (() => unknown)[]): number[] {
  const least = runs.map(() => Number.POSITIVE_INFINITY);
  for (let time = 0; time < times; time += 1)
    for (const [i, run] of runs.entries()) least[i] = Math.min(least[i] ?? 0, spent(run));
  return least;
}

/** How many times as long as a control something takes; measured again, more often, as long as that is more than `most`. */
export function timesAsLong(most: number, run: () => unknown, control: () => unknown): number {
  let ratio = 0;
  for (const times of [3, 5, 9, 15]) {
    const [ours = 0, theirs = 0] = fastestOf(times, run, control);
    ratio = ours / Math.max(theirs, 0.05);
    if (ratio <= most) return ratio;
  }
  return ratio;
}
