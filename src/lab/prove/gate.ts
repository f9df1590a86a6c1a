// What must hold of the models before a verdict on them counts: no assumption without a reason, no query gone, known provers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { note } from '../../node/terminal/output.ts';
import { latticeProblems } from '../lattice/check.ts';
import { assumptionsFile, assumptionsText, foundIn, gone, loadAssumptions, relisted, unlisted } from './assumptions.ts';
import { type Assembled, ManifestError } from './model.ts';
import { loadPins, lost, pinnedFile, pinsOf, pinsText, unpinned } from './pinned.ts';

const unknownProvers = (assembled: readonly Assembled[]): string[] =>
  [...new Set(assembled.filter(({ model }) => model.prover === undefined).map(({ model }) => model.tool))].map(
    (tool) => `models.yaml names no version of ${tool} under provers`,
  );

/** `[]` where a file is fit for use; else its problems, a line each. */
function problemsOf(find: () => string[]): string[] {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return error.message.split('\n');
  }
}

/**
 * The problems of models, a line each.
 * @param whole - whether these are all models of the directory, so that what is missing is missing everywhere
 */
export function gate(directory: string, assembled: readonly Assembled[], whole: boolean): string[] {
  const found = foundIn(assembled);
  const assumed = problemsOf(() => {
    const list = loadAssumptions(directory);
    if (list === undefined) return [`${assumptionsFile} is not there: expected what the models assume, with reasons`];
    return [...unlisted(found, list), ...(whole ? gone(found, list) : [])];
  });
  const pinned = problemsOf(() => {
    const [pins, now] = [loadPins(directory), pinsOf(assembled)];
    if (pins === undefined) return [`${pinnedFile} is not there: expected the models and queries that must be there`];
    const here = Object.fromEntries(Object.entries(pins).filter(([id]) => whole || id in now));
    return [...lost(here, now), ...unpinned(pins, now)];
  });
  const { prover } = assembled.find(({ model }) => model.tool === 'proverif')?.model ?? {};
  const lattice = whole ? latticeProblems(directory, prover?.version) : [];
  return [...unknownProvers(assembled), ...assumed, ...pinned, ...lattice];
}

/**
 * Writes what is new into pinned.yaml and assumptions.yaml.
 * @param drop - whether what is gone or another is taken off too; without it nothing is written where there is such a thing
 * @returns the exit status: 1 where nothing was written
 */
export function pin(directory: string, assembled: readonly Assembled[], drop: boolean): number {
  const now = pinsOf(assembled);
  const pins = loadPins(directory) ?? {};
  const missing = lost(pins, now);
  for (const line of missing) note(line);
  if (missing.length > 0 && !drop) {
    note(`nothing is written: the list only grows; --pin --drop changes what it has`);
    return 1;
  }
  const list = loadAssumptions(directory) ?? [];
  const next = relisted(foundIn(assembled), list);
  const fresh = unpinned(pins, now);
  writeFileSync(join(directory, pinnedFile), pinsText(now));
  writeFileSync(join(directory, assumptionsFile), assumptionsText(next));
  for (const line of fresh) note(line.replace(': not pinned yet', ': pinned'));
  const unexplained = next.filter(({ why }) => why === '').length;
  if (unexplained > 0) note(`${assumptionsFile}: ${unexplained} entries have no reason yet: write one into each why`);
  return 0;
}
