// The readings of the vectors, and their names in ids.
import { defaultChoice, type ReadingChoice, readingAxes } from '../../generated/keySchedule.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { stated } from './requirements.ts';

type Axis = keyof ReadingChoice;
const axes = Object.keys(readingAxes) as Axis[];

/** Every combination of alternatives. */
export const everyReading: readonly ReadingChoice[] = axes.reduce<ReadingChoice[]>(
  (choices, axis) =>
    choices.flatMap((choice) =>
      readingAxes[axis].alternatives.map((alternative) => ({ ...choice, [axis]: alternative }) as ReadingChoice),
    ),
  [defaultChoice],
);

const othersOf = (choice: ReadingChoice): Axis[] => axes.filter((axis) => choice[axis] !== defaultChoice[axis]);

/** The default reading, and each that differs from it in one alternative. */
export const simpleReadings = everyReading.filter((choice) => othersOf(choice).length <= 1);

/** Readings that together have every alternative of every axis. */
export const farReadings = everyReading.filter(
  (choice) =>
    othersOf(choice).length === axes.length && (choice.transcript === 'fields') === (choice.hidingKey === 'label-info'),
);

/** The alternatives that are not the default ones. */
export const nameOf = (choice: ReadingChoice): string =>
  othersOf(choice)
    .map((axis) => choice[axis])
    .join('+') || 'default';

/** The requirements that a run of this reading shows, beside those that every run shows. */
export function requirementsOf(choice: ReadingChoice, preShared: boolean): readonly RequirementId[] {
  const { transcript, hidingKey, associatedData, keyMaterial, confirmationInput } = choice;
  return [
    preShared ? 'PQ-3.2-03' : 'PQ-3.2.2-01',
    ...stated(preShared, 'PQ-3.2.1-01'),
    ...stated(transcript === 'messages', 'PQ-P-30', 'PQ-P-31'),
    ...stated(transcript !== 'fields', 'PQ-3-16'),
    ...stated(hidingKey === 'salted', preShared ? 'PQ-P-24' : 'PQ-P-25'),
    ...stated(hidingKey === 'bound', 'PQ-3-18'),
    ...stated(associatedData === 'empty', 'PQ-P-52'),
    ...stated(keyMaterial === 'secrets-and-hashes', 'PQ-P-32', 'PQ-3.1-14'),
    ...stated(keyMaterial === 'hiding-key', 'PQ-3-21'),
    ...(confirmationInput === 'figure'
      ? (['PQ-3.1-16'] as const)
      : (['PQ-P-36', 'PQ-3.5.1-01', 'PQ-3.5.2-01'] as const)),
  ];
}
