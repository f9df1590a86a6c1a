// models/lattice/record.jsonl: a line for each cell of which a prover was asked, appended as soon as it has answered.
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ManifestError } from '../prove/model.ts';
import { check, type LatticeData } from '../prove/schema.ts';
import { cellText, digestOf } from './cellText.ts';
import type { AllSettled, Outcome } from './deduce.ts';
import { type Cell, cellNamed, type LeakSet, latticeName } from './elements.ts';
import { checkTraces, outcomeOf } from './judge.ts';
import type { Sources } from './texts.ts';

export type Recorded = LatticeData;

export const recordFile = (directory: string): string => join(directory, 'lattice/record.jsonl');

function parsed(line: string, place: string): Recorded {
  try {
    return check('lattice', JSON.parse(line), place);
  } catch (error) {
    if (error instanceof ManifestError) throw error;
    throw new ManifestError(`${place}: expected JSON`);
  }
}

/**
 * Reads a record. A cell may have been asked again: its last line counts.
 * @throws ManifestError for a line of another form
 */
export function readRecord(file: string): Map<string, Recorded> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  const entries = lines.flatMap((line, index) => (line === '' ? [] : [parsed(line, `${file}:${index + 1}`)]));
  return new Map(entries.map((one) => [`${one.protocol ?? ''}${one.cell}`, one]));
}

/** Appends one line in one write, so that shards can share a file. */
export function appendRecord(file: string, entry: Recorded): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

/** Writes the record anew: sorted, each cell once. */
export function writeRecord(file: string, entries: Iterable<Recorded>): void {
  const sorted = [...entries].sort((one, other) => (one.cell < other.cell ? -1 : 1));
  const beside = `${file}.${process.pid}.new`;
  writeFileSync(beside, sorted.map((one) => `${JSON.stringify(one)}\n`).join(''));
  renameSync(beside, file);
}

/** Why an entry does not count; undefined when it does. */
export function problemOf(sources: Sources, entry: Recorded, version: string | undefined): string | undefined {
  const cell = cellNamed(entry.cell);
  if (cell === undefined) return `${entry.cell}: there is no such cell`;
  if (entry.version !== version) return `${entry.cell}: proved by ${entry.version}; models.yaml names ${version}`;
  const changed = entry.texts.find(({ kind, digest }) => digestOf(cellText(sources, cell, kind).text) !== digest);
  if (changed !== undefined) return `${entry.cell}: the text (${changed.kind}) changed since`;
  return faultOf(cell, entry);
}

/** What is wrong with the answers of an entry, whatever its texts are. */
function faultOf(cell: Cell, entry: Recorded): string | undefined {
  const outcome = outcomeOf(cell.lattice, entry.texts);
  if (outcome !== entry.outcome) return `${entry.cell}: ${entry.outcome} is recorded, its answers say ${outcome}`;
  try {
    for (const text of entry.texts) checkTraces(entry.cell, text);
    return undefined;
  } catch (error) {
    if (error instanceof ManifestError) return error.message;
    throw error;
  }
}

/** What the entries say, by lattice and set. Those of unknown cells are left out. */
export function settledBy(entries: Iterable<Recorded>): AllSettled {
  const all = new Map<string, Map<LeakSet, Outcome>>();
  for (const { cell: name, outcome } of entries) {
    const cell = cellNamed(name);
    if (cell === undefined) continue;
    const lattice = latticeName(cell.lattice);
    const settled = all.get(lattice) ?? new Map<LeakSet, Outcome>();
    all.set(lattice, settled.set(cell.set, outcome));
  }
  return all;
}
