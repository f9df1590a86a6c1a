// Whether the record of the lattice is of the texts as they are now, and everything else follows from it. No prover is run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellsText, differences } from './cells.ts';
import { controlProblems } from './controls.ts';
import type { AllSettled } from './deduce.ts';
import { loadReasons, reasonProblems } from './reasons.ts';
import { problemOf, type Recorded, readRecord, recordFile, settledBy } from './record.ts';
import { readSources } from './texts.ts';

export const cellsFile = (directory: string): string => join(directory, 'lattice/cells.json');

function followed(directory: string, all: AllSettled): string[] {
  const file = cellsFile(directory);
  if (!existsSync(file)) return ['lattice/cells.json is not there: `npm run generate` writes it'];
  const text = readFileSync(file, 'utf8');
  const found = differences(all, text);
  const other = found.length === 0 && text !== cellsText(all) ? ['it is not as it is generated'] : [];
  return [...found, ...other].map((line) => `lattice/cells.json: ${line}`);
}

function others(directory: string, record: ReadonlyMap<string, Recorded>, version: string | undefined): string[] {
  const all = settledBy(record.values());
  const reasons = reasonProblems(all, loadReasons(directory));
  return [...followed(directory, all), ...reasons, ...controlProblems(directory, all, version)];
}

/**
 * What is wrong with the record of the lattice, a line each: entries of other texts or of another prover, outcomes that their own
 * answers do not say, answers that contradict each other, cells that do not follow, minimal sets without a reason,
 * controls that are not broken.
 * @param version - the version of ProVerif whose answers count
 */
export function latticeProblems(directory: string, version: string | undefined): string[] {
  if (!existsSync(recordFile(directory))) return [];
  try {
    const [sources, record] = [readSources(directory), readRecord(recordFile(directory))];
    const stale = [...record.values()].flatMap((entry) => problemOf(sources, entry, version) ?? []);
    // Where an entry does not count, what follows from it is not told.
    return (stale.length > 0 ? stale : others(directory, record, version)).map((line) => `lattice: ${line}`);
  } catch (error) {
    if (error instanceof Error) return error.message.split('\n').map((line) => `lattice: ${line}`);
    throw error;
  }
}
