// Hands pieces of work to threads, and gathers what they answer.
import type { Worker } from 'node:worker_threads';
import type { ProvenanceRefusal } from '../contract.ts';
import type { FileCode } from './codes.ts';
import type { HashedFile } from './hashFile.ts';
import { chunkOctets } from './hashFile.ts';
import { type HashAnswer, type HashSetting, type HashTask, hashAll, startHashWorker } from './hashWorker.ts';
import type { Portion } from './portions.ts';

export interface ThreadWork {
  readonly setting: HashSetting;
  readonly workers: number;
  readonly portions: readonly Portion[];
  /** Whether there is so little to do that no thread is worth its start. */
  readonly isLittle: boolean;
  readonly nameAt: (at: number) => string;
  readonly onHashed: (at: number, hashed: HashedFile) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The first refusal by the place of its file. */
interface FirstRefusal {
  readonly at: number;
  readonly refusal: ProvenanceRefusal<FileCode>;
}

/** Runs one thread until nothing is left for it. */
function runThread(worker: Worker, next: () => Portion | undefined, work: ThreadWork, told: Told): Promise<void> {
  return new Promise((resolve, reject) => {
    let given: Portion = [];
    // One piece at a time: a thread that took the next one too would keep a large file from a thread that is idle.
    const give = (): void => {
      const portion = next();
      if (portion === undefined) {
        resolve();
        return;
      }
      given = portion;
      worker.postMessage({ names: portion.map(work.nameAt) } satisfies HashTask);
    };
    worker.on('message', ({ hashed, refusal, threw }: HashAnswer) => {
      for (const [i, one] of hashed.entries()) work.onHashed(given[i] ?? 0, one);
      if (threw !== undefined) reject(failure(threw));
      if (refusal !== undefined) told({ at: given[hashed.length] ?? 0, refusal });
      give();
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread that computes digests ended with exit ${code}`)));
    give();
  });
}

type Told = (refusal: FirstRefusal) => void;

/** Rejects when a signal aborts. */
function aborted(signal: AbortSignal | undefined): { readonly promise: Promise<never>; readonly leave: () => void } {
  let leave = (): void => undefined;
  const promise = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    leave = () => signal?.removeEventListener('abort', onAbort);
  });
  return { promise, leave };
}

const failure = (threw: string): Error => new Error(`digests could not be computed: ${threw}`);

/** Hashes the files of one piece in this thread: a few files are hashed before a thread has started. */
function hashHere(
  { setting, nameAt, onHashed }: ThreadWork,
  portion: Portion,
): ProvenanceRefusal<FileCode> | undefined {
  const chunk = Buffer.allocUnsafeSlow(chunkOctets);
  const { hashed, refusal, threw } = hashAll({ names: portion.map(nameAt) }, setting.place, setting.counts, chunk);
  if (threw !== undefined) throw failure(threw);
  for (const [i, one] of hashed.entries()) onHashed(portion[i] ?? 0, one);
  return refusal;
}

/**
 * Hashes all files of all pieces, in this thread when they are one small piece. When a file is refused, those before it are hashed still, so that the same refusal is
 * told however the threads run. No thread runs any more when the promise is settled.
 * @returns the first refusal by the place of the file
 */
export async function hashInThreads(work: ThreadWork): Promise<ProvenanceRefusal<FileCode> | undefined> {
  const [only] = work.portions;
  if (work.isLittle && only !== undefined) return hashHere(work, only);
  let [taken, first]: [number, FirstRefusal | undefined] = [0, undefined];
  const next = (): Portion | undefined => {
    for (;;) {
      const portion = work.portions[taken];
      taken += 1;
      if (portion === undefined || first === undefined || (portion[0] ?? 0) < first.at) return portion;
    }
  };
  const told: Told = (refusal) => {
    if (first === undefined || refusal.at < first.at) first = refusal;
  };
  const threads = Array.from({ length: work.workers }, () => startHashWorker(work.setting));
  const abort = aborted(work.signal);
  try {
    work.signal?.throwIfAborted();
    await Promise.race([Promise.all(threads.map((one) => runThread(one, next, work, told))), abort.promise]);
    return (first as FirstRefusal | undefined)?.refusal;
  } finally {
    abort.leave();
    Atomics.store(work.setting.counts.stop, 0, 1);
    await Promise.all(threads.map((one) => one.terminate()));
  }
}
