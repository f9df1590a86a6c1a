// The digests of all files of a model, computed by threads.
import { availableParallelism } from 'node:os';
import { ConfigurationError } from '../../configuration.ts';
import { limits } from '../../limits.ts';
import type { FileDigest, Judged, ModelDigests } from '../contract.ts';
import type { DigestCache } from './cache.ts';
import { type FileCode, RefusedFile } from './codes.ts';
import { type EnumerateOptions, enumerationSteps, type ModelFiles } from './enumerate.ts';
import { hashInThreads } from './hashThreads.ts';
import { type SharedCounts, sharedCounts } from './hashWorker.ts';
import { isLittle, type Portion, portionsOf } from './portions.ts';

/** How far the hashing is. */
export interface HashProgress {
  readonly files: number;
  readonly octets: number;
  readonly allFiles: number;
  readonly allOctets: number;
}

export interface HashOptions extends EnumerateOptions {
  /** Threads: by default as many as there are cores. One file is hashed by one. Few small files are hashed by the thread that asks. */
  readonly workers?: number | undefined;
  /** Told several times in a second, and at the end. */
  readonly onProgress?: ((progress: HashProgress) => void) | undefined;
  /** Cancels; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Results of earlier passes: files that did not change since are not read again. */
  readonly cache?: DigestCache | undefined;
}

/** A model with its digests, and what was left out of it. */
export interface HashedModel extends ModelDigests {
  /** As in `ModelFiles`. */
  readonly ignored: readonly string[];
  /** Files whose digests came from the cache. */
  readonly cachedFiles: number;
}

/** Milliseconds between two reports of progress. */
const progressEvery = 100;

const breath = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Milliseconds of work after which others of this process get their turn. */
const longestTurn = 20;

async function enumerated(path: string, options: HashOptions): Promise<ModelFiles> {
  const steps = enumerationSteps(path, options, options.cache !== undefined);
  for (let since = performance.now(); ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since < longestTurn) continue;
    await breath();
    options.signal?.throwIfAborted();
    since = performance.now();
  }
}

/** @throws ConfigurationError */
function workersFor({ workers = availableParallelism() }: HashOptions, portions: readonly Portion[]): number {
  if (!Number.isInteger(workers) || workers < 1 || (workers > limits.workers && workers !== availableParallelism()))
    throw new ConfigurationError(`workers: a whole number from 1 to ${limits.workers}, not ${workers}`);
  return Math.min(workers, limits.workers, portions.length);
}

/** Reports progress while something runs. */
async function reporting<T>(options: HashOptions, known: HashProgress, counts: SharedCounts, run: () => Promise<T>) {
  const report = (): void => {
    const [octets, files] = [Number(Atomics.load(counts.done, 0)), Number(Atomics.load(counts.done, 1))];
    options.onProgress?.({ ...known, files: known.files + files, octets: known.octets + octets });
  };
  const timer = options.onProgress === undefined ? undefined : setInterval(report, progressEvery);
  try {
    return await run();
  } finally {
    clearInterval(timer);
    report();
  }
}

/** A file without a digest is the fault of this code, and must never look like one with a digest. */
function complete(found: ModelFiles, digests: readonly (string | undefined)[]): FileDigest[] {
  return found.files.map(({ name }, at) => {
    const digest = digests[at];
    if (digest === undefined) throw new Error(`${name}: no thread told its digest`);
    return { name, digest };
  });
}

async function hashed(path: string, options: HashOptions): Promise<Judged<HashedModel, FileCode>> {
  const began = Date.now();
  workersFor(options, []);
  options.signal?.throwIfAborted();
  const found = await enumerated(path, options);
  const { files, root } = found;
  const known = options.cache?.look(found);
  const digests: (string | undefined)[] = files.map(({ name }) => known?.get(name));
  const cachedFiles = digests.filter((one) => one !== undefined).length;
  const portions = portionsOf(files, (at) => digests[at] === undefined);
  const counts = sharedCounts();
  const facts = new Map<number, string>();
  let { octets } = found;
  const start: HashProgress = {
    ...{ files: cachedFiles, allFiles: files.length, allOctets: found.octets },
    octets: files.reduce((sum, one, at) => (digests[at] === undefined ? sum : sum + one.octets), 0),
  };
  const refusal = await reporting(options, start, counts, () =>
    hashInThreads({
      setting: { kind: 'pquake digests', place: { root, allowLinks: options.allowLinks ?? false }, counts },
      ...{ workers: workersFor(options, portions), portions, signal: options.signal },
      isLittle: isLittle(files, portions),
      nameAt: (at) => files[at]?.name ?? '',
      onHashed: (at, one) => {
        digests[at] = one.digest;
        octets += one.octets - (files[at]?.octets ?? 0); // it may have grown since it was found
        if (options.cache !== undefined) facts.set(at, one.facts);
      },
    }),
  );
  if (refusal !== undefined) return refusal;
  const all = complete(found, digests);
  if (facts.size > 0)
    options.cache?.keep(
      found,
      all.map((one, at) => ({ ...one, facts: facts.get(at) ?? files[at]?.facts ?? '' })),
      began,
    );
  return {
    ok: true,
    value: { name: found.name, files: all, octets, ignored: found.ignored, cachedFiles },
  };
}

/**
 * Computes SHA-256 of each file of a model. Each file is read once, by one thread; the memory does not grow with the size of
 * files. A file that changes meanwhile is refused. No thread runs any more when the promise is settled.
 * @throws the reason of the signal
 * @throws ConfigurationError for a number of workers that cannot be
 */
export async function hashModel(path: string, options: HashOptions = {}): Promise<Judged<HashedModel, FileCode>> {
  try {
    return await hashed(path, options);
  } catch (error) {
    if (error instanceof RefusedFile) return error.refusal;
    throw error;
  }
}
