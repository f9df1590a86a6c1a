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

/** Minimal sets without a reason, and reasons of sets that are not minimal; a line each. */
export function reasonProblems(all: AllSettled, reasons: readonly Reason[]): string[] {
  const minimal = minimalSets(all);
  const unexplained = minimal
    .filter(({ lattice, set }) => reasonFor(reasons, lattice.property, set) === undefined)
    .map(({ lattice, set }) => `${nameOf(set)} breaks ${lattice.property}, and has no reason`);
  const idle = reasons.flatMap(({ set, breaks }) =>
    breaks
      .filter((property) => !minimal.some((one) => nameOf(one.set) === set && one.lattice.property === property))
      .map((property) => `the reason of ${set} is of no minimal set that breaks ${property}`),
  );
  return [...new Set([...unexplained, ...idle])];
}
