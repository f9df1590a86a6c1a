// How two records of verdicts differ: the record beside the models, or what somebody attests of a run of their own.
import { readFileSync, statSync } from 'node:fs';
import { UsageError } from '../../node/terminal/command.ts';
import { note, print } from '../../node/terminal/output.ts';
import { type LedgerEntry, readLedger } from './ledger.ts';
import { ManifestError, tools } from './model.ts';
import { isNamed, type ProveOptions } from './options.ts';
import { check } from './schema.ts';

interface Side {
  readonly name: string;
  readonly entries: ReadonlyMap<string, LedgerEntry>;
  /** The digest of the program that ran, by tool; of the record beside models nothing is known. */
  readonly executables: Readonly<Record<string, string>>;
}

/** A difference. Those of texts and verdicts count; those of provers are told. */
export interface Difference {
  readonly model: string;
  readonly query?: string;
  readonly kind: 'missing' | 'text' | 'verdict' | 'version' | 'library' | 'executable';
  /** What each record has; null where it has nothing. */
  readonly values: readonly [string | null, string | null];
}

const counts = ({ kind }: Difference): boolean => kind === 'missing' || kind === 'text' || kind === 'verdict';

function readRecord(name: string, options: ProveOptions): Side {
  const wanted = (entry: LedgerEntry): boolean =>
    (options.tool === undefined || entry.tool === options.tool) &&
    isNamed([entry.model, ...entry.queries.map(({ id }) => id)], options);
  const chosen = (entries: Iterable<LedgerEntry>) =>
    new Map([...entries].filter(wanted).map((entry): [string, LedgerEntry] => [entry.model, entry]));
  const state = statSync(name, { throwIfNoEntry: false });
  if (state === undefined) throw new ManifestError(`${name} is not there: expected a file of --attest, or a folder`);
  if (state.isDirectory()) return { name, entries: chosen(readLedger(name).values()), executables: {} };
  const { models, executables } = check('attestation', parseJson(name), name);
  return { name, entries: chosen(models), executables };
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ManifestError(`${file}: expected JSON: ${error instanceof Error ? error.message : error}`);
  }
}

type Kind = Difference['kind'];

function differ(
  model: string,
  kind: Kind,
  one: string | undefined,
  other: string | undefined,
  query?: string,
): Difference[] {
  if (one === other) return [];
  return [{ model, ...(query === undefined ? {} : { query }), kind, values: [one ?? null, other ?? null] }];
}

/** Of one model. Verdicts on different texts are not compared: they answer different questions. */
function ofModel(model: string, one: LedgerEntry | undefined, other: LedgerEntry | undefined): Difference[] {
  const presence = (entry: LedgerEntry | undefined) => entry && `${entry.queries.length} queries`;
  if (one === undefined || other === undefined) return differ(model, 'missing', presence(one), presence(other));
  const provers = [
    ...differ(model, 'version', `${one.tool} ${one.version}`, `${other.tool} ${other.version}`),
    ...differ(model, 'library', one.library, other.library),
  ];
  const texts = differ(model, 'text', one.digest, other.digest);
  if (texts.length > 0) return [...provers, ...texts];
  const verdict = (entry: LedgerEntry, id: string) => entry.queries.find((query) => query.id === id)?.verdict;
  const ids = new Set([...one.queries, ...other.queries].map(({ id }) => id));
  const verdicts = [...ids].flatMap((id) => {
    const [first, second] = [verdict(one, id), verdict(other, id)];
    return differ(model, first === undefined || second === undefined ? 'missing' : 'verdict', first, second, id);
  });
  return [...provers, ...verdicts];
}

/** Every difference, model by model. */
function differencesOf(one: Side, other: Side): Difference[] {
  const ids = [...new Set([...one.entries.keys(), ...other.entries.keys()])].sort();
  const models = ids.flatMap((id) => ofModel(id, one.entries.get(id), other.entries.get(id)));
  const programs = tools.flatMap((tool) => {
    const [first, second] = [one.executables[tool], other.executables[tool]];
    return first === undefined || second === undefined ? [] : differ(tool, 'executable', first, second);
  });
  return [...programs, ...models];
}

const words: Readonly<Record<Kind, string>> = {
  missing: 'is in one record only',
  text: 'verdicts on different texts',
  verdict: 'verdicts differ',
  version: 'different versions',
  library: 'different libraries of the prover',
  executable: 'different programs, if of the same version',
};

const lineOf = ({ model, query, kind, values }: Difference, names: readonly string[]): string => {
  const told = values.map((value, index) => `${names[index]}: ${value ?? 'nothing'}`);
  return `${model}${query === undefined ? '' : `: ${query}`}: ${words[kind]} (${told.join('; ')})`;
};

/**
 * Tells how two records differ.
 * @returns the exit status: 0 when both have the same verdicts of the same queries on the same texts, else 1
 */
export function compare(names: readonly string[], options: ProveOptions): number {
  const [first, second] = names;
  if (first === undefined || second === undefined || names.length > 2)
    throw new UsageError(`--compare takes two records; ${names.length} given`);
  const [one, other] = [readRecord(first, options), readRecord(second, options)];
  const differences = differencesOf(one, other);
  const different = differences.filter(counts);
  const verdicts = [...one.entries.values()].flatMap(({ model, queries, digest }) => {
    const opposite = other.entries.get(model);
    const same = queries.filter(({ id, verdict }) =>
      opposite?.queries.some((query) => query.id === id && query.verdict === verdict),
    );
    return opposite?.digest === digest ? same : [];
  });
  if (options.json) for (const line of JSON.stringify(differences, null, 2).split('\n')) print(line);
  else for (const difference of differences) print(lineOf(difference, names));
  const summary = `${verdicts.length} verdicts are the same in both; ${different.length} differences of verdicts, texts or queries`;
  (options.json ? note : print)(summary);
  return different.length === 0 && verdicts.length > 0 ? 0 : 1;
}
