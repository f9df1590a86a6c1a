// The files of one record, one after the other: each step leaves what the next start can go on from.
//
// The file that is written has the name that the user gave. When another one follows, it gets its number by a renaming, and
// the next file appears under the name with its first entry in it. So there is at most one file without an end, and a
// process that dies between the two steps leaves none: the next start takes the one with the highest number.
import { constants, lstatSync, renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { onFile, refuseFile } from '../../node/files/fileErrors.ts';
import { flushDirectory } from '../../node/files/newFile.ts';
import { isOwn } from '../../node/files/trust.ts';
import type { Json } from '../contract.ts';
import { chained, type Head, type Members, nothingBefore, type Opening, type Torn } from './entry.ts';
import { numberedFiles, numberedName } from './names.ts';
import { readTail } from './tail.ts';

const { O_RDWR, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants;

/** What is asked of the file system for each batch of lines. A test gives one that fails. */
export interface Writing {
  /** Writes some of the octets at the end. @returns how many */
  readonly write: (handle: FileHandle, octets: Uint8Array) => Promise<number>;
  /** Until what was written survives a failure of the machine. */
  readonly flush: (handle: FileHandle) => Promise<void>;
}

/** The file system itself. */
export const system: Writing = {
  write: async (handle, octets) => (await handle.write(octets)).bytesWritten,
  flush: (handle) => handle.datasync(),
};

/** Writes all octets. @throws the error of the file system; `written` counts what it took */
export async function writeWhole(
  { write }: Writing,
  handle: FileHandle,
  octets: Uint8Array,
  written: (octets: number) => void = () => {},
): Promise<void> {
  for (let at = 0; at < octets.length; ) {
    const taken = await write(handle, octets.subarray(at));
    at += taken;
    written(taken);
  }
}

/** A file that is written. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: bigint;
}

/** Where a record stands: what the next file states of the one before it. */
export interface Place {
  /** Names the record. */
  readonly record: string;
  /** The number of the file. */
  readonly file: number;
  /** Entries in it. */
  readonly entries: number;
  /** Octets of its whole lines. */
  readonly size: number;
  readonly head: Head;
}

/** The name under which a file is written: whether it is the one that was opened. */
export function isInPlace(file: string, { inode }: OpenFile): boolean {
  return lstatSync(file, { bigint: true, throwIfNoEntry: false })?.ino === inode;
}

/** Opens a file that exists. @throws FileError for what is not a regular file of one's own under one name */
async function openExisting(file: string): Promise<OpenFile> {
  const handle = await open(file, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  try {
    const status = await handle.stat({ bigint: true });
    if (!status.isFile()) refuseFile(file, 'not a regular file; expected the file of a record');
    if (!isOwn(status)) refuseFile(file, `owned by user ${status.uid}; expected a record of one's own`);
    if (status.nlink !== 1n) refuseFile(file, `${status.nlink} names lead to it; expected one for a record`);
    if (process.platform !== 'win32') await handle.chmod(0o600);
    return { handle, inode: status.ino };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A record that exists: how its last file ends. The file is open when it has no number yet. */
interface Found {
  readonly place: Place;
  readonly torn: Torn | undefined;
  /** Whether its last entry says that another file follows. */
  readonly isContinued: boolean;
  readonly current: OpenFile | undefined;
}

async function examine(path: string, isCurrent: boolean): Promise<Found> {
  const opened = await openExisting(path);
  try {
    const { opening, entries, head, size, torn, last } = await readTail(opened.handle, path);
    const { record, file } = opening;
    const place = { record, file, entries, size, head };
    if (!isCurrent) await opened.handle.close();
    const isContinued = last.value.event === 'continued';
    return { place, torn, isContinued, current: isCurrent ? opened : undefined };
  } catch (error) {
    await opened.handle.close();
    throw error;
  }
}

/** The last file of a record; `undefined` when there is none. @throws FileError */
export async function findRecord(file: string): Promise<Found | undefined> {
  const isThere = onFile(file, () => lstatSync(file, { throwIfNoEntry: false }) !== undefined);
  if (isThere) return await examine(file, true);
  const last = onFile(file, () => numberedFiles(file)).at(-1);
  return last && (await examine(last.path, false));
}

/** Gives the file that was written its number. It has that already when a step after this one failed before. */
function giveNumber(file: string, { file: number }: Place, current: OpenFile | undefined): void {
  const status = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return;
  if (current === undefined || status.ino !== current.inode)
    refuseFile(file, 'another file stands where the record is written; move it away');
  const numbered = numberedName(file, number);
  if (lstatSync(numbered, { throwIfNoEntry: false }) !== undefined)
    refuseFile(numbered, 'it is there already; expected this name to be free for the record');
  renameSync(file, numbered);
}

/** What every beginning of a file needs. */
export interface Beginning {
  readonly file: string;
  readonly writing: Writing;
  readonly time: () => Date;
  /** Names a new record: 32 hexadecimal digits. */
  readonly name: () => string;
}

/** Makes a file with its first entry, all at once. */
async function create({ file, writing }: Beginning, line: string): Promise<OpenFile> {
  const directory = dirname(file);
  const temporary = join(directory, `.pquake.${basename(file)}.next`);
  rmSync(temporary, { force: true }); // of a process that died here: the lock keeps living ones out
  const handle = await open(temporary, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await writeWhole(writing, handle, Buffer.from(line));
    await handle.sync();
    if (lstatSync(file, { throwIfNoEntry: false }) !== undefined)
      refuseFile(file, 'another file stands where the record is written; move it away');
    renameSync(temporary, file);
    flushDirectory(directory, () => {});
    return { handle, inode: (await handle.stat({ bigint: true })).ino };
  } catch (error) {
    await handle.close();
    rmSync(temporary, { force: true });
    throw error;
  }
}

function beforeOf(file: string, { file: number, entries }: Place, torn: Torn | undefined): Json {
  const before = { name: basename(numberedName(file, number)), entries };
  return torn === undefined ? before : { ...before, torn: { octets: torn.octets, digest: torn.digest } };
}

/** Begins the first file of a record, or the one after `last`. @throws the error of the file system, or FileError */
export async function beginFile(
  beginning: Beginning,
  last: Place | undefined,
  current: OpenFile | undefined,
  torn: Torn | undefined,
): Promise<{ readonly place: Place; readonly current: OpenFile }> {
  const { file } = beginning;
  if (last !== undefined) giveNumber(file, last, current);
  const [record, number] = [last?.record ?? beginning.name(), (last?.file ?? 0) + 1];
  const opening: Opening = { event: 'opened', format: 1, record, file: number };
  const members: Members = {
    ...opening,
    before: last && beforeOf(file, last, torn),
    time: beginning.time().toISOString(),
  };
  const { line, head } = chained(members, last?.head ?? { sequence: 0, digest: nothingBefore });
  const made = await create(beginning, line);
  await current?.handle.close();
  return { place: { record, file: number, entries: 1, size: Buffer.byteLength(line), head }, current: made };
}
