// A thread that computes digests of files. It is started from this file, as source and as it is built.
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import type { ProvenanceRefusal } from '../contract.ts';
import { type FileCode, RefusedFile } from './codes.ts';
import { chunkOctets, type HashedFile, hashFile } from './hashFile.ts';
import type { Place } from './openFile.ts';

/** What the threads of one model share, without messages. */
export interface SharedCounts {
  /** One number: 1 when all shall stop. */
  readonly stop: Int32Array;
  /** Octets and files that were hashed, of all threads. */
  readonly done: BigInt64Array;
}

/** What a thread is started with. */
export interface HashSetting {
  readonly kind: 'pquake digests';
  readonly place: Place;
  readonly counts: SharedCounts;
}

/** Files to be hashed, in this order. Answered once. */
export interface HashTask {
  readonly names: readonly string[];
}

/** The files up to the first one that is refused. */
export interface HashAnswer {
  readonly hashed: readonly HashedFile[];
  readonly refusal?: ProvenanceRefusal<FileCode>;
  /** Another error than a refusal, in words. */
  readonly threw?: string;
}

/** The memory that threads share. */
export const sharedCounts = (): SharedCounts => ({
  stop: new Int32Array(new SharedArrayBuffer(4)),
  done: new BigInt64Array(new SharedArrayBuffer(16)),
});

/** Ends a pass when all shall stop. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Hashes files one after the other, in the thread that calls it. `chunk` is overwritten. */
export function hashAll({ names }: HashTask, place: Place, { stop, done }: SharedCounts, chunk: Buffer): HashAnswer {
  const hashed: HashedFile[] = [];
  const count = (octets: number): void => {
    Atomics.add(done, 0, BigInt(octets));
    if (Atomics.load(stop, 0) !== 0) throw new Stopped();
  };
  try {
    for (const name of names) {
      hashed.push(hashFile(name, place, chunk, count));
      Atomics.add(done, 1, 1n);
    }
    return { hashed };
  } catch (error) {
    if (error instanceof RefusedFile) return { hashed, refusal: error.refusal };
    return { hashed, threw: error instanceof Error ? error.message : 'not an Error' };
  }
}

/** Starts a thread. */
export const startHashWorker = (setting: HashSetting): Worker =>
  // Options of Node that this process was started with, as for code on its command line, may not suit a file.
  new Worker(new URL(import.meta.url), { workerData: setting, name: setting.kind, execArgv: [] });

function serve(port: MessagePort, { place, counts }: HashSetting): void {
  const chunk = Buffer.allocUnsafeSlow(chunkOctets);
  port.on('message', (task: HashTask) => port.postMessage(hashAll(task, place, counts, chunk)));
}

const setting = workerData as HashSetting | null | undefined;
if (!isMainThread && parentPort !== null && setting?.kind === 'pquake digests') serve(parentPort, setting);
