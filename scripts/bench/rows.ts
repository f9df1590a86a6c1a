// What a part of the measurements returns: rows, each a ratio of two things that took turns in one run.
import { at } from './cost.ts';

export interface Row {
  readonly part: string;
  readonly name: string;
  /** The median of the ratios of all rounds. */
  readonly ratio: number;
  /** Between these lie half of the ratios. */
  readonly quartiles: readonly [number, number];
  /** What the ratio is over. */
  readonly of: string;
  /** What is compared: time, CPU time, memory, octets. */
  readonly unit: string;
  readonly note: string;
}

/** How long to measure. */
export interface Plan {
  readonly quick: boolean;
  /** Rounds of a measurement, by its number of rounds in a full run. */
  readonly rounds: (full: number) => number;
}

export type Part = (plan: Plan) => Promise<readonly Row[]>;

export const planOf = (quick: boolean): Plan => ({
  quick,
  rounds: (full) => (quick ? Math.min(full, Math.max(3, Math.round(full / 10))) : full),
});

/** A row of the ratios of all rounds. @throws Error where there are none, or one is not a number from 0 */
export function rowOf(told: Omit<Row, 'ratio' | 'quartiles'>, ratios: readonly number[]): Row {
  if (ratios.length === 0 || !ratios.every((ratio) => Number.isFinite(ratio) && ratio >= 0))
    throw new Error(`${told.part}, ${told.name}: these are no ratios: ${ratios.join(', ')}`);
  return { ...told, ratio: at(ratios, 0.5), quartiles: [at(ratios, 0.25), at(ratios, 0.75)] };
}
