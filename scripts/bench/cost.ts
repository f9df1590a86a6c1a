// What something costs, and how costs are spread: for everything that is measured in turns.

export interface Cost {
  /** Milliseconds. */
  readonly elapsed: number;
  /** Milliseconds of all processors. */
  readonly worked: number;
}

export async function measured(run: () => unknown): Promise<Cost> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  return { elapsed: performance.now() - begun, worked: (user + system) / 1_000 };
}

/** The value below which a share of all values lies: 0.5 is the median. */
export const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;

/** Costs of several ways, one list for each. */
export type Costs = readonly (readonly Cost[])[];

/** Costs of several ways that take turns, round by round; nobody is always first. Rounds of warming are not kept. */
export async function inTurns(ways: readonly (() => unknown)[], warming: number, rounds: number): Promise<Costs> {
  const costs: Cost[][] = ways.map(() => []);
  for (let round = -warming; round < rounds; round += 1)
    for (let turn = 0; turn < ways.length; turn += 1) {
      const which = (round + warming + turn) % ways.length;
      const cost = await measured(() => ways[which]?.());
      if (round >= 0) costs[which]?.push(cost);
    }
  return costs;
}

/** How much more one costs than another, round by round. */
export function ratiosOf(costs: Costs, one: number, other: number, what: keyof Cost): number[] {
  const others = costs[other] ?? [];
  return (costs[one] ?? []).map((cost, round) => cost[what] / (others[round]?.[what] ?? Number.NaN));
}

/** The median of what one way costs. */
export const medianOf = (costs: Costs, which: number, what: keyof Cost): number =>
  at(
    (costs[which] ?? []).map((cost) => cost[what]),
    0.5,
  );
