// The readings that are tried on a recording, the default first.
import { defaultChoice, type ReadingChoice, readingAxes } from '../generated/keySchedule.ts';

type Axis = keyof ReadingChoice;

/** The result for one axis: `verified` when a tag, a confirmation or a logged value shows it. */
export interface Found {
  readonly axis: Axis;
  readonly alternative: string;
  readonly verified: boolean;
}

const all: { readonly [A in Axis]: readonly ReadingChoice[A][] } = {
  transcript: readingAxes.transcript.alternatives,
  hidingKey: readingAxes.hidingKey.alternatives,
  associatedData: readingAxes.associatedData.alternatives,
  keyMaterial: readingAxes.keyMaterial.alternatives,
  confirmationInput: readingAxes.confirmationInput.alternatives,
};

/** The alternatives of an axis that are tried: the one asked for, or all. */
export const alternativesOf = <A extends Axis>(axis: A, asked: Partial<ReadingChoice>): readonly ReadingChoice[A][] => {
  const one = asked[axis];
  return one === undefined ? all[axis] : [one];
};

/** The reading asked for; an axis that is not named has its default. */
export const completed = (asked: Partial<ReadingChoice>): ReadingChoice => ({ ...defaultChoice, ...asked });

/** The first of those with the highest score: so the default wins where nothing tells them apart. */
export function best<T>(candidates: readonly T[], score: (one: T) => number): T | undefined {
  let [found, highest]: [T | undefined, number] = [undefined, Number.NEGATIVE_INFINITY];
  for (const one of candidates) {
    const value = score(one);
    if (value > highest) [found, highest] = [one, value];
  }
  return found;
}
