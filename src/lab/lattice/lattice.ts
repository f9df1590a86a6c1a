// `pquake-lab lattice`: asks the prover cell by cell, so that few answers decide many; each is recorded at once.
import { mkdirSync } from 'node:fs';
import { removeDirectory, temporaryDirectory } from '../../node/temporary/temporary.ts';
import { note, print } from '../../node/terminal/output.ts';
import { loadManifest } from '../prove/manifest.ts';
import { ManifestError } from '../prove/model.ts';
import { type Found, findTool } from '../prove/tools.ts';
import { type Asking, ask } from './ask.ts';
import { cellText, kindsOfText } from './cellText.ts';
import { askControls } from './controls.ts';
import { type AllSettled, countsOf } from './deduce.ts';
import { allSets, asked, type Cell, cellName, cellNamed, type Lattice, type LeakSet, latticeName } from './elements.ts';
import { expectedSets, loadReasons, type Reason } from './reasons.ts';
import { appendRecord, problemOf, type Recorded, readRecord, recordFile, settledBy, writeRecord } from './record.ts';
import { nextSet } from './search.ts';
import { readSources, type Sources } from './texts.ts';

/** The options as the parser leaves them. */
export interface LatticeOptions {
  readonly models: string;
  /** The part of the lattices that is asked: the i-th of n. */
  readonly shard?: readonly [number, number];
  /** Lattices with one of these texts in their names. */
  readonly only?: readonly string[];
  /** The longest time for one text, in milliseconds. */
  readonly seconds: number;
  /** Milliseconds for the whole run. */
  readonly budget?: number;
  readonly jobs: number;
  /** Asks about cells too that are decided by monotony. */
  readonly confirm?: boolean;
  /** Asks again about cells that were left open. */
  readonly open?: boolean;
  readonly by?: string;
  readonly keep?: string;
  /** Asks about the controls: cells of mutants. */
  readonly controls?: boolean;
  /** The name of a cell: its texts are printed, and nothing is run. */
  readonly show?: string;
}

/** The version of ProVerif whose answers count. */
export const versionOf = (directory: string): string | undefined =>
  loadManifest(directory).find(({ tool }) => tool === 'proverif')?.prover?.version;

/** The entries of a record that are of the texts as they are now. */
function fresh(sources: Sources, record: ReadonlyMap<string, Recorded>, version: string, open: boolean): Recorded[] {
  return [...record.values()].filter((entry) => {
    const problem = problemOf(sources, entry, version);
    if (problem !== undefined) note(`asked again: ${problem}`);
    return problem === undefined && !(open && entry.outcome === 'open');
  });
}

const chosen = ({ shard: [part, of] = [1, 1], only }: LatticeOptions): Lattice[] =>
  asked.filter(
    (one, index) => index % of === part - 1 && (only?.some((text) => latticeName(one).includes(text)) ?? true),
  );

/** What is asked next, of what is settled or being asked. */
function nextCell(
  all: AllSettled,
  lattices: readonly Lattice[],
  { reasons, confirm }: { reasons: readonly Reason[]; confirm: boolean },
): Cell | undefined {
  for (const lattice of lattices) {
    const set = nextSet(all, lattice, expectedSets(reasons, lattice));
    if (set !== undefined) return { lattice, set };
  }
  const unasked = (set: LeakSet, lattice: Lattice): boolean => all.get(latticeName(lattice))?.has(set) !== true;
  const cells = confirm ? allSets.flatMap((set) => lattices.map((lattice) => ({ lattice, set }))) : [];
  return cells.find(({ lattice, set }) => unasked(set, lattice));
}

/** What is settled, with the cells that are being asked taken as open, so that nobody else asks them. */
function withAsking(entries: Iterable<Recorded>, asking: ReadonlySet<string>): AllSettled {
  const running = [...asking].map((cell): Recorded => ({ cell, outcome: 'open', texts: [], version: '', run }));
  return settledBy([...entries, ...running]);
}
const run = { by: '', at: '', on: '' };

const drawEntry = ({ cell, outcome, texts }: Recorded): string =>
  `${cell}: ${outcome}, ${texts.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)} s`;

async function askAll(options: LatticeOptions, asking: Asking, entries: Map<string, Recorded>): Promise<void> {
  const [lattices, confirm] = [chosen(options), options.confirm === true];
  const reasons = loadReasons(options.models);
  const running = new Set<string>();
  const until = performance.now() + (options.budget ?? Number.POSITIVE_INFINITY);
  const worker = async (): Promise<void> => {
    while (!asking.signal.aborted && performance.now() < until) {
      const cell = nextCell(withAsking(entries.values(), running), lattices, { reasons, confirm });
      if (cell === undefined) return;
      const name = cellName(cell);
      running.add(name);
      const entry = await ask(asking, cell);
      running.delete(name);
      if (entry === undefined) return;
      entries.set(name, entry);
      appendRecord(recordFile(options.models), entry);
      note(drawEntry(entry));
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
}

/** Sorts the record, and takes off what is of other texts. What others appended meanwhile stays. */
function tidy(file: string, sources: Sources, version: string): void {
  const entries = [...readRecord(file).values()];
  writeRecord(
    file,
    entries.filter((entry) => problemOf(sources, entry, version) === undefined),
  );
}

function show(sources: Sources, name: string): number {
  const cell = cellNamed(name);
  if (cell === undefined) {
    const names = asked.map(latticeName).join(', ');
    throw new ManifestError(
      `${name}: expected LATTICE:SET, such as ${cellName({ lattice: asked[0] as Lattice, set: 17 })}; lattices: ${names}`,
    );
  }
  const hiding = cell.lattice.property.startsWith('hiding');
  const kinds = kindsOfText.filter((kind) => (kind === 'traces') !== hiding);
  for (const line of kinds.flatMap((kind) => cellText(sources, cell, kind).text.split('\n'))) print(line);
  return 0;
}

async function proverif(version: string | undefined, signal: AbortSignal): Promise<Found> {
  const found = await findTool('proverif', signal);
  if (found === undefined) throw new ManifestError('proverif is not here (PATH, PROVERIF)');
  if (found.version !== version)
    throw new ManifestError(`proverif ${found.version} is here; models.yaml names ${version}`);
  return found;
}

async function runLattices(options: LatticeOptions, signal: AbortSignal): Promise<number> {
  const { models, seconds, by, keep } = options;
  const sources = readSources(models);
  if (options.show !== undefined) return show(sources, options.show);
  const found = await proverif(versionOf(models), signal);
  const file = recordFile(models);
  const known = fresh(sources, readRecord(file), found.version, options.open === true);
  const entries = new Map(known.map((entry) => [entry.cell, entry]));
  if (keep !== undefined) mkdirSync(keep, { recursive: true });
  const place = keep ?? temporaryDirectory('lattice');
  try {
    const asking = { sources, found, place, seconds: seconds / 1000, by, signal };
    if (options.controls === true) {
      for (const entry of await askControls(models, asking)) note(`${entry.protocol}: ${drawEntry(entry)}`);
    } else await askAll(options, asking, entries);
  } finally {
    if (keep === undefined) removeDirectory(place);
  }
  if (options.shard === undefined) tidy(file, sources, found.version);
  const { prover, monotony, definition, open } = countsOf(settledBy(readRecord(file).values()));
  print(
    `${prover} cells decided by the prover, ${monotony} by monotony, ${definition} by definition; ${open} are open`,
  );
  return signal.aborted ? 130 : 0;
}

/** `pquake-lab lattice`. @returns the exit status: 0, 2 where nothing could be run, 130 interrupted */
export async function runLattice(options: LatticeOptions): Promise<number> {
  const control = new AbortController();
  const abort = (): void => control.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, abort);
  try {
    return await runLattices(options, control.signal);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    for (const line of error.message.split('\n')) note(`pquake: ${line}`);
    return 2;
  } finally {
    control.abort();
    for (const name of signals) process.off(name, abort);
  }
}
