// The chain of one record on its files: batches of lines, and the change from one file to the next.
import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { onFile, reasonOf, refuseFile } from '../../node/files/fileErrors.ts';
import { acquireFile, type Lock } from '../../node/files/lock.ts';
import { isOwnDirectory } from '../../node/files/trust.ts';
import {
  type Beginning,
  beginFile,
  findRecord,
  isInPlace,
  type OpenFile,
  type Place,
  system,
  writeWhole,
} from './disk.ts';
import { chained, type Members, type OwnEvent } from './entry.ts';
import { numberedFiles } from './names.ts';
import type { RecordOptions } from './options.ts';

/** Octets of one write, about. */
const mostBatch = 262_144;
/** Octets from which another file is begun, where nothing else is said. */
export const standardRotation = 67_108_864;
/** Milliseconds between two signs of life of an idle record. */
const lifeSign = 2_000;

/** Writes the chain of one record. One call at a time. */
export interface Writer {
  /** The entries of the record itself, then others, as many as one write takes. @returns how many of the others */
  readonly write: (own: readonly OwnEvent[], others: readonly Members[]) => Promise<number>;
  /** Until what was written survives a failure of the machine. */
  readonly flush: () => Promise<void>;
  readonly place: () => Place;
  readonly close: () => Promise<void>;
}

/** Lines that follow a place, and the place behind them. */
interface Batch {
  readonly octets: Buffer;
  readonly place: Place;
  /** How many of the others are in it. */
  readonly taken: number;
}

function batchOf(place: Place, own: readonly Members[], others: readonly Members[]): Batch {
  const lines: string[] = [];
  let [head, octets] = [place.head, 0];
  const add = (members: Members): void => {
    const next = chained(members, head);
    lines.push(next.line);
    octets += Buffer.byteLength(next.line);
    head = next.head;
  };
  for (const members of own) add(members);
  for (const members of others) {
    if (octets >= mostBatch) break;
    add(members);
  }
  const { record, file } = place;
  const after = { record, file, head, entries: place.entries + lines.length, size: place.size + octets };
  return { octets: Buffer.from(lines.join('')), place: after, taken: lines.length - own.length };
}

/**
 * Renews a lock when that is due: it is taken over only after several times as long without a sign of life, also while this
 * process is stopped.
 */
function renewerOf(lock: Lock): () => void {
  let last = performance.now();
  return () => {
    if (performance.now() - last < lifeSign / 2) return;
    lock.renew();
    last = performance.now();
  };
}

const randomName = (): string => randomBytes(16).toString('hex');

/** The folder, as nobody else can change the files in it. @throws FileError */
function requireOwnFolder(file: string): void {
  const folder = dirname(file);
  if (!onFile(folder, () => statSync(folder).isDirectory() && isOwnDirectory(folder)))
    refuseFile(
      folder,
      "not a folder that this user alone can write in; expected one of one's own, mode 0700, for a record",
    );
}

/** The last file of a record, ready to be written; another one where the last has come to its end. */
async function startAt(beginning: Beginning): Promise<{ place: Place; current: OpenFile }> {
  const found = await findRecord(beginning.file);
  if (found === undefined) return await beginFile(beginning, undefined, undefined, undefined);
  const { place, current, torn, isContinued } = found;
  if (current !== undefined && torn === undefined && !isContinued) return { place, current };
  try {
    return await beginFile(beginning, place, current, torn);
  } catch (error) {
    await current?.handle.close();
    throw error;
  }
}

async function writerUnder(lock: Lock, file: string, options: RecordOptions): Promise<Writer> {
  const { rotateAt = standardRotation, keep, flush = { every: 1_000 }, tell, onHead = () => {}, time } = options;
  const { writing = system, name = randomName } = options;
  const beginning = { file, writing, time, name };
  const started = await startAt(beginning);
  let place: Place = started.place;
  let current: OpenFile | undefined = started.current;
  let [isCut, isContinued] = [false, false]; // a write that was not taken back; a last entry that says that a file follows
  const renew = renewerOf(lock);
  let removing: { readonly event: 'removed'; readonly file: number; readonly name: string; readonly path: string }[] =
    [];
  if (place.entries === 1) onHead(place.head);

  const stamped = (event: OwnEvent): Members => ({ ...event, time: time().toISOString() }) as unknown as Members;

  /** Writes a batch at the end of the file, all or none: without room it takes back what it wrote. */
  async function put({ handle }: OpenFile, batch: Batch): Promise<void> {
    try {
      await writeWhole(writing, handle, batch.octets, () => {
        isCut = true;
      });
      if (flush === 'each') await writing.flush(handle);
      isCut = false;
    } catch (error) {
      if (isCut) await takeBack(handle).catch(() => {}); // the next write tries again
      throw error;
    }
    place = batch.place;
  }

  async function takeBack(handle: OpenFile['handle']): Promise<void> {
    await handle.truncate(place.size);
    isCut = false;
  }

  async function begin(): Promise<OpenFile> {
    const next = await beginFile(beginning, place, current, undefined);
    [place, current, isContinued, isCut] = [next.place, next.current, false, false];
    if (keep !== undefined) {
      const old = numberedFiles(file).slice(0, -Math.max(1, keep));
      removing = old.map(({ number, path }) => ({ event: 'removed', file: number, name: basename(path), path }));
    }
    onHead(place.head);
    return next.current;
  }

  /** The file to write to, which is still the one of that name. */
  async function ready(): Promise<OpenFile> {
    renew();
    if (current !== undefined && !isContinued && !isInPlace(file, current)) {
      tell(`${file}: somebody removed or replaced it; entries go on in another file, and say that this one is missing`);
      await current.handle.close();
      current = undefined;
    }
    if (current === undefined) return await begin();
    if (isCut) await takeBack(current.handle);
    if (place.size < rotateAt && !isContinued) return current;
    if (!isContinued) await put(current, batchOf(place, [stamped({ event: 'continued', file: place.file + 1 })], []));
    isContinued = true;
    return await begin();
  }

  function removeOld(): void {
    for (const { path } of removing.splice(0)) {
      try {
        rmSync(path);
      } catch (error) {
        tell(`${path}: an old file of the record cannot be removed: ${reasonOf(error)}`);
      }
    }
  }

  const alive = setInterval(() => {
    try {
      renew();
    } catch {
      // The next write says so.
    }
  }, lifeSign);
  alive.unref();

  return {
    write: async (own, others) => {
      const opened = await ready();
      const removed = removing.map(({ event, file: number, name: old }) => stamped({ event, file: number, name: old }));
      const batch = batchOf(place, [...removed, ...own.map(stamped)], others);
      await put(opened, batch);
      removeOld();
      return batch.taken;
    },
    flush: async () => {
      if (current !== undefined) await writing.flush(current.handle);
    },
    place: () => place,
    close: async () => {
      clearInterval(alive);
      await current?.handle.close();
      lock.release();
    },
  };
}

/**
 * Opens a record, or begins one, and keeps other processes from it until it is closed. After a crash it goes on behind the
 * last whole line, in another file when something stands behind that.
 * @throws FileError when the file or its folder cannot be used, or another process writes it
 */
export async function openWriter(options: RecordOptions): Promise<Writer> {
  const file = resolve(options.file);
  requireOwnFolder(file);
  const lock = acquireFile(file, options.patience ?? 12_000);
  try {
    return await writerUnder(lock, file, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}
