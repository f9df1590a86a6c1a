// models/lattice/reasons.yaml: why a minimal set breaks what it breaks, in words, written by hand.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, type ReasonsData } from '../prove/schema.ts';
import { parseYaml } from '../yaml.ts';
import { type AllSettled, minimalBroken, statuses } from './deduce.ts';
import { asked, type Lattice, type LeakSet, nameOf, type Property, setNamed } from './elements.ts';

export type Reason = ReasonsData['reasons'][number];

export const reasonsFile = (directory: string): string => join(directory, 'lattice/reasons.yaml');

/** @throws ManifestError for a file of another form */
export function loadReasons(directory: string): readonly Reason[] {
  const file = reasonsFile(directory);
  return existsSync(file) ? check('reasons', parseYaml(readFileSync(file, 'utf8')), file).reasons : [];
}

/** The sets that are expected to be minimal for a lattice: those with a reason. */
export const expectedSets = (reasons: readonly Reason[], { property, timing }: Lattice): LeakSet[] =>
  reasons
    .filter(({ breaks, when }) => breaks.includes(property) && (when ?? timing) === timing)
    .flatMap(({ set }) => setNamed(set) ?? []);

/** A set that breaks a lattice, of which no part is known to. */
export interface Minimal {
  readonly lattice: Lattice;
  readonly set: LeakSet;
}

export const minimalSets = (all: AllSettled): Minimal[] =>
  asked.flatMap((lattice) => minimalBroken(statuses(all, lattice)).map((set) => ({ lattice, set })));

export const reasonFor = (reasons: readonly Reason[], property: Property, set: LeakSet): Reason | undefined =>
  reasons.find((one) => setNamed(one.set) === set && one.breaks.includes(property));

/** Whether a set may still turn out to be minimal for a lattice, or is. */
function mayBeMinimal(all: AllSettled, lattice: Lattice, name: string): boolean {
  const found = statuses(all, lattice);
  const set = setNamed(name);
  return set !== undefined && (found.get(set)?.is === 'open' || minimalBroken(found).includes(set));
}

/** Minimal sets without a reason, and reasons of sets that are not minimal; a line each. */
export function reasonProblems(all: AllSettled, reasons: readonly Reason[]): string[] {
  const unexplained = minimalSets(all)
    .filter(({ lattice, set }) => reasonFor(reasons, lattice.property, set) === undefined)
    .map(({ lattice, set }) => `${nameOf(set)} breaks ${lattice.property}, and has no reason`);
  const idle = reasons.flatMap(({ set, breaks, when }) =>
    breaks
      .filter((property) => {
        const of = asked.filter((one) => one.property === property && (when ?? one.timing) === one.timing);
        return !of.some((lattice) => mayBeMinimal(all, lattice, set));
      })
      .map((property) => `the reason of ${set} is of no minimal set that breaks ${property}`),
  );
  return [...new Set([...unexplained, ...idle])];
}
