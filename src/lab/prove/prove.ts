// `pquake prove`: the models of the manifest, their verdicts from provers or from the ledger, and the expected ones.
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { removeDirectory, temporaryDirectory } from '../../node/temporary/temporary.ts';
import { note, print } from '../../node/terminal/output.ts';
import { assemble } from './assemble.ts';
import { attest, checkPlace } from './attest.ts';
import { compare } from './compare.ts';
import { gate, pin } from './gate.ts';
import {
  entryOf,
  isOf,
  type LedgerEntry,
  readLedger,
  recorded,
  removeStray,
  runNow,
  strays,
  writeEntry,
} from './ledger.ts';
import { loadManifest } from './manifest.ts';
import { type Assembled, ManifestError, type Model, type Outcome, type Tool } from './model.ts';
import { checkClaims, inSet, isNamed, isSelected, type ProveOptions, takesAll, toldOf } from './options.ts';
import { runAll, type Work } from './pool.ts';
import { progressOf } from './progress.ts';
import { countOf, describeAll, differs, drawSummary, drawTable } from './report.ts';
import { type Found, findTool, kinds } from './tools.ts';

type Ledger = ReadonlyMap<string, LedgerEntry>;

const unfitError = ({ model, unfit }: Assembled): ManifestError =>
  new ManifestError(unfit.map((line) => `model ${model.id}: ${line}`).join('\n'));

/**
 * Assembles the models selected, and tells every problem of every model at once. With `--only`, a model that cannot be
 * assembled is left out unless it is named itself.
 */
function select(models: readonly Model[], options: ProveOptions): Assembled[] {
  const problems = new Set<string>();
  const tryAssemble = (model: Model): Assembled[] => {
    try {
      const one = assemble(model);
      // The record of such a text is told as out of date, model by model; a prover has nothing to be run on.
      if (one.unfit.length > 0 && options.recorded !== true) throw unfitError(one);
      return [one];
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      if (isNamed([model.id], options)) problems.add(error.message);
      else note(`left out: ${error.message}`);
      return [];
    }
  };
  const assembled = models.filter((model) => inSet(model, options)).flatMap(tryAssemble);
  if (problems.size > 0) throw new ManifestError([...problems].join('\n'));
  checkClaims(assembled, options);
  const selected = assembled.filter((one) => isSelected(one, options));
  if (selected.length === 0) throw new ManifestError('no model is selected; --all takes the full set');
  return selected;
}

/** Says that verdicts of another prover than the one named in the manifest will not count. */
function warnOfOther(here: Found, assembled: readonly Assembled[]): void {
  const { prover } = assembled.find(({ model }) => model.tool === here.tool)?.model ?? {};
  if (prover === undefined) return;
  if (prover.version !== here.version)
    note(`${here.tool}: models.yaml names ${prover.version}: only its verdicts count`);
  else if (prover.library !== here.library) note(`${here.tool}: its library is not the one that models.yaml names`);
}

/** The tools of the models that are installed; a line says that the ledger stands in for the others. */
async function findTools(assembled: readonly Assembled[], signal: AbortSignal): Promise<Map<Tool, Found>> {
  const found = new Map<Tool, Found>();
  for (const tool of new Set(assembled.map(({ model }) => model.tool))) {
    const here = await findTool(tool, signal);
    const models = assembled.filter(({ model }) => model.tool === tool).length;
    if (here !== undefined) found.set(tool, here);
    if (here !== undefined) note(`${tool} ${here.version}`);
    if (here !== undefined) warnOfOther(here, assembled);
    else
      note(`${tool} is not here (PATH, ${kinds[tool].variable}): the verdicts recorded stand in for ${models} models`);
  }
  return found;
}

/** Longest first, where the time is known: so the last to start is not the last to end. */
const inOrder = (works: readonly Work[], ledger: Ledger): Work[] => {
  const seconds = ({ assembled }: Work): number => ledger.get(assembled.model.id)?.seconds ?? Number.MAX_VALUE;
  return [...works].sort((one, other) => seconds(other) - seconds(one));
};

/** Runs the models whose tool is installed, records the complete runs, and takes the others from the ledger. */
async function runModels(assembled: readonly Assembled[], ledger: Ledger, options: ProveOptions, signal: AbortSignal) {
  const { models: directory, jobs = availableParallelism(), budget, keep } = options;
  const found = await findTools(assembled, signal);
  const outcomes = new Map(
    assembled.map((one): [string, Outcome] => [one.model.id, recorded(one, ledger.get(one.model.id))]),
  );
  const works = assembled.flatMap((one): Work[] => {
    const tool = found.get(one.model.tool);
    const known = options.stale === true && tool !== undefined && isOf(ledger.get(one.model.id), one, tool);
    return tool === undefined || known ? [] : [{ assembled: one, found: tool }];
  });
  if (keep !== undefined) mkdirSync(keep, { recursive: true });
  const place = keep ?? temporaryDirectory('prove');
  const progress = progressOf(works);
  const entries: LedgerEntry[] = [];
  const onEnd = (work: Work, outcome: Outcome): void => {
    const { id } = work.assembled.model;
    outcomes.set(id, outcome);
    const entry = entryOf(outcome, work.found, runNow(options.by));
    if (entry !== undefined) entries.push(entry);
    if (entry !== undefined && options.attest === undefined) writeEntry(directory, entry, ledger.get(id));
    progress.end(work, outcome);
  };
  try {
    const pool = { directory: place, keep: keep !== undefined, jobs, budget, signal, onStart: progress.start, onEnd };
    await runAll(inOrder(works, ledger), pool);
    await progress.close();
  } finally {
    if (keep === undefined) removeDirectory(place);
  }
  if (options.attest !== undefined) attest(options.attest, entries, found, options.by);
  return [...outcomes.values()];
}

/** Calls with a signal that Ctrl-C, or a request to end, aborts. */
async function interruptible<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T | 'interrupted'> {
  const control = new AbortController();
  const abort = (): void => control.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, abort);
  try {
    const result = await action(control.signal);
    return control.signal.aborted ? 'interrupted' : result;
  } finally {
    control.abort(); // Nothing is left running, even when an error was thrown.
    for (const name of signals) process.off(name, abort);
  }
}

function tell(outcomes: readonly Outcome[], { json, quiet }: ProveOptions): void {
  const shown = quiet === true ? outcomes.filter(differs) : outcomes;
  if (json) for (const line of JSON.stringify(describeAll(outcomes), null, 2).split('\n')) print(line);
  else for (const line of [...(shown.length === 0 ? [] : drawTable(shown)), drawSummary(outcomes)]) print(line);
}

/** Ledger files without a model. They are a difference for a run on the record only; a run of everything removes them. */
function clearStrays(ids: readonly string[], ledger: Ledger, options: ProveOptions): boolean {
  const found = takesAll(options) && options.attest === undefined ? strays(ledger, ids) : [];
  for (const id of found) {
    if (options.recorded) note(`stray: verdicts/${id}.json is of no model of the manifest`);
    else removeStray(options.models, id);
    if (!options.recorded) note(`removed verdicts/${id}.json: it is of no model of the manifest`);
  }
  return options.recorded === true && found.length > 0;
}

/** What must hold of the models themselves. It makes a run on the record fail; a run of provers only tells of it. */
function isRefused(assembled: readonly Assembled[], options: ProveOptions): boolean {
  const refused = gate(options.models, assembled, takesAll(options));
  for (const line of refused) note(`refused: ${line}`);
  return options.recorded === true && refused.length > 0;
}

async function prove(options: ProveOptions): Promise<number> {
  if (options.compare !== undefined) return compare(options.compare, options);
  checkPlace(options.attest);
  const models = loadManifest(options.models);
  const assembled = select(models, options);
  if (options.pin) return pin(options.models, assembled, options.drop === true);
  const ledger = readLedger(options.models);
  const found = options.recorded
    ? assembled.map((one) => recorded(one, ledger.get(one.model.id)))
    : await interruptible((signal) => runModels(assembled, ledger, options, signal));
  if (found === 'interrupted') {
    note('interrupted: the provers are ended');
    return 130;
  }
  const outcomes = found.map((outcome) => toldOf(outcome, options));
  const ids = models.map(({ id }) => id);
  const refused = isRefused(assembled, options);
  const astray = clearStrays(ids, ledger, options);
  tell(outcomes, options);
  const { queries, expected } = countOf(outcomes);
  return queries === expected && !refused && !astray ? 0 : 1;
}

/** `pquake prove`. @returns the exit status: 0 as expected, 1 for a difference, 2 for a wrong manifest, 130 interrupted */
export async function runProve(options: ProveOptions): Promise<number> {
  try {
    return await prove(options);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    for (const line of error.message.split('\n')) note(`pquake: ${line}`);
    return 2;
  }
}
