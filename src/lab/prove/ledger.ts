// verdicts/<id>.json: the answers of a prover on an exact text, so that CI can check them without the prover.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, platform, userInfo } from 'node:os';
import { join } from 'node:path';
import { withBound } from './bounds.ts';
import { type Assembled, isAnswer, ManifestError, type Outcome, type Prover, type Told } from './model.ts';
import { everyone } from './runTool.ts';
import { check, type LedgerData } from './schema.ts';

export type LedgerEntry = LedgerData;

const folderOf = (directory: string): string => join(directory, 'verdicts');

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ManifestError(`${file}: expected JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Reads the verdicts recorded beside a manifest.
 * @returns the entries by the id that their file names
 * @throws ManifestError for a file of another form
 */
export function readLedger(directory: string): Map<string, LedgerEntry> {
  const folder = folderOf(directory);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[^.].*\.json$/.test(name)) : [];
  const entries = names.sort().map((name): [string, LedgerEntry] => {
    const file = join(folder, name);
    return [name.slice(0, -'.json'.length), check('ledger', readJson(file), file)];
  });
  return new Map(entries);
}

/** Who runs a prover, when, and with what. */
export type Run = LedgerEntry['run'];

/** The facts of a run that ends now. @param by - who runs it; the name of the user, unless given */
export const runNow = (by: string = userInfo().username): Run => ({
  by,
  at: new Date().toISOString().replace(/\.\d+/, ''),
  on: `${platform()} ${arch()}, ${availableParallelism()} cores`,
});

/** The entry of a complete run; undefined when a query timed out or failed. */
export function entryOf({ assembled, seconds, told }: Outcome, prover: Prover, run: Run): LedgerEntry | undefined {
  const queries = told.flatMap(({ id, verdict, bound }) =>
    isAnswer(verdict) ? [{ id, verdict, ...(bound === undefined ? {} : { bound }) }] : [],
  );
  if (queries.length < told.length) return undefined;
  const { model, digest } = assembled;
  const rounded = Math.round(seconds * 10) / 10;
  const { version, library } = prover;
  const ofLibrary = library === undefined ? {} : { library };
  return { model: model.id, tool: model.tool, version, ...ofLibrary, digest, run, seconds: rounded, queries };
}

/** Whether two entries differ in nothing but who ran the prover, when, and how long it took. */
const sameVerdicts = (one: LedgerEntry, other: LedgerEntry | undefined): boolean =>
  JSON.stringify({ ...one, run: '', seconds: 0 }) === JSON.stringify({ ...other, run: '', seconds: 0 });

/** Writes beside, then renames. A file with the same verdicts on the same text stays, so that a checkout stays clean. */
export function writeEntry(directory: string, entry: LedgerEntry, before?: LedgerEntry): void {
  const folder = folderOf(directory);
  if (sameVerdicts(entry, before)) return;
  mkdirSync(folder, { recursive: true });
  const beside = join(folder, `.${entry.model}.${process.pid}.new`);
  try {
    writeFileSync(beside, `${JSON.stringify(entry, null, 2)}\n`);
    renameSync(beside, join(folder, `${entry.model}.json`));
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Ledger files of models that the manifest does not have. */
export const strays = (ledger: ReadonlyMap<string, LedgerEntry>, ids: readonly string[]): string[] =>
  [...ledger.keys()].filter((id) => !ids.includes(id));

export function removeStray(directory: string, id: string): void {
  rmSync(join(folderOf(directory), `${id}.json`), { force: true });
}

const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);

/** Whether an entry is of exactly this text, and of this prover with this library. */
export const isOf = (entry: LedgerEntry | undefined, { digest }: Assembled, { version, library }: Prover): boolean =>
  entry?.digest === digest && entry.version === version && entry.library === library;

/** How the prover of an entry differs from the one whose verdicts count. */
function otherProver({ tool, version, library }: LedgerEntry, { prover }: Assembled['model']): string | undefined {
  if (prover === undefined) return undefined;
  if (version !== prover.version) return `proved by ${tool} ${version}; models.yaml names ${prover.version}`;
  if (library === prover.library) return undefined;
  const [found, expected] = [library, prover.library].map((one) => (one === undefined ? 'none' : short(one)));
  return `proved with another library of ${tool} (${found} is recorded, models.yaml names ${expected})`;
}

function recall({ model, digest, queries, unfit }: Assembled, entry: LedgerEntry | undefined): Told[] {
  const [problem] = unfit;
  if (problem !== undefined) return everyone(queries, 'error', `model changed since (${problem})`);
  if (entry === undefined) return everyone(queries, 'error', 'no verdict recorded');
  if (entry.digest !== digest) {
    const change = `${short(entry.digest)} is recorded, the text is ${short(digest)}`;
    return everyone(queries, 'error', `model changed since (${change})`);
  }
  const other = otherProver(entry, model);
  if (other !== undefined) return everyone(queries, 'error', other);
  return queries.map((query): Told => {
    const told = entry.queries.find(({ id }) => id === query.id);
    if (told === undefined) return { id: query.id, verdict: 'error', detail: 'no verdict recorded' };
    return model.tool === 'cryptoverif' ? withBound(query, told) : told;
  });
}

/** The recorded outcome of a model as it is today. */
export const recorded = (assembled: Assembled, entry: LedgerEntry | undefined): Outcome => ({
  assembled,
  source: 'recorded',
  seconds: entry?.seconds ?? 0,
  told: recall(assembled, entry),
});
