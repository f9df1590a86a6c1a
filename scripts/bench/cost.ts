// What something costs, and how costs are spread: for everything that is measured in turns.

export interface Cost {
  /** Milliseconds. */
  readonly elapsed: number;
  /** Milliseconds of all processors. */
  readonly worked: number;
}

export async function measured(run: () => Promise<unknown>): Promise<Cost> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  return { elapsed: performance.now() - begun, worked: (user + system) / 1_000 };
}

/** The value below which a share of all values lies: 0.5 is the median. */
export const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;

/** The median, and between which numbers lie all but a share on each side. */
export const spread = (values: readonly number[], share: number, digits: number): string =>
  `${at(values, 0.5).toFixed(digits)} (${at(values, share).toFixed(digits)} to ${at(values, 1 - share).toFixed(digits)})`;
