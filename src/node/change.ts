// Files of one directory that change together: all of them or none, whenever the process or the machine stops.
//
// What changes is written to temporary files beside, and flushed. One file then takes its place by one step of the file
// system. Several would pass through a mixture; so a journal, DIR/.pquake.pending, is written and flushed in the same way,
// which lists the temporary files and the names they are for. When the journal has its name, the change holds: before, what
// is there is old, and whoever comes next removes the temporary files; after, what is there is new, for whoever comes next
// renames those that are left, and readers take the temporary file for the one it is to become (`readTogether`). Renaming
// again what was renamed does nothing, so that a recovery that stops is recovered too.
//
// One writer at a time: DIR/.pquake.lock is a symbolic link, which comes to be with its content in one step, to the process
// that holds it. The lock of a process that is no more is taken over. Programs that know nothing of the lock can be overwritten
// without being asked for only in the moment between the last look and the renaming of several files; one file is linked,
// which replaces nothing.
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf, onFile, reasonOf, refuseFile } from './fileErrors.ts';
import { acquire, type OnStep, pause, sleep, temporaryName, temporaryPattern } from './lock.ts';

export type { OnStep };

const journalName = '.pquake.pending';
const longestWait = 15_000;
const readings = 50;

/** A file to write: whole or not at all. */
export interface NewFile {
  readonly file: string;
  readonly content: string;
  /** Permissions, such as 0o600. */
  readonly mode: number;
  /** May replace a file that is there. */
  readonly replace?: boolean | undefined;
}

/** Names in a directory outlive a failure of the machine once the directory is flushed. Windows has no such step. */
function flushDirectory(directory: string, onStep: OnStep): void {
  if (process.platform === 'win32') return;
  onStep('flush the directory');
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeFlushed(file: string, content: string, mode: number, onStep: OnStep): void {
  onStep('create a temporary file');
  const handle = openSync(file, 'wx', mode);
  try {
    onStep('write it');
    const octets = Buffer.from(content);
    for (let at = 0; at < octets.length; ) at += writeSync(handle, octets, at);
    octets.fill(0);
    onStep('flush it');
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What a journal lists, in the order of renaming. */
type Pending = readonly { readonly temporary: string; readonly name: string }[];

function parseJournal(file: string, text: string): Pending {
  const isEntry = (entry: unknown): boolean =>
    typeof entry === 'object' &&
    entry !== null &&
    'temporary' in entry &&
    'name' in entry &&
    typeof entry.temporary === 'string' &&
    typeof entry.name === 'string' &&
    temporaryPattern.test(entry.temporary) &&
    entry.name === basename(entry.name);
  try {
    const pending: unknown = JSON.parse(text);
    if (Array.isArray(pending) && pending.every(isEntry)) return pending;
  } catch {
    // said below
  }
  return refuseFile(file, 'not a journal of pquake');
}

function readJournal(directory: string): Pending {
  const file = join(directory, journalName);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    return refuseFile(file, reasonOf(error));
  }
  return parseJournal(file, text);
}

/** Renames what a journal lists, and removes it. */
function complete(directory: string, pending: Pending, onStep: OnStep): void {
  for (const { temporary, name } of pending) {
    const from = join(directory, temporary);
    if (!existsSync(from)) continue; // renamed already
    onStep(`rename ${name}`);
    renameSync(from, join(directory, name));
  }
  flushDirectory(directory, onStep);
  onStep('remove the journal');
  rmSync(join(directory, journalName));
  flushDirectory(directory, onStep);
}

/** Completes or drops what a process left that stopped. Under the lock. */
function recover(directory: string, onStep: OnStep): void {
  const pending = readJournal(directory);
  if (pending.length > 0) complete(directory, pending, onStep);
  for (const name of readdirSync(directory)) {
    if (!temporaryPattern.test(name)) continue;
    onStep('remove a temporary file');
    rmSync(join(directory, name), { force: true });
  }
}

/** Links or renames one file, the change itself. */
function writeOne(directory: string, { file, content, mode, replace }: NewFile, onStep: OnStep): void {
  const temporary = join(directory, temporaryName());
  try {
    writeFlushed(temporary, content, mode, onStep);
    onStep(`write ${basename(file)}`);
    if (replace) renameSync(temporary, file);
    else linkSync(temporary, file); // unlike rename, link never replaces a file that came to be meanwhile
    flushDirectory(directory, onStep);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  onStep('remove the temporary file');
  rmSync(temporary, { force: true });
}

function writeSeveral(directory: string, files: readonly NewFile[], onStep: OnStep): void {
  const pending: Pending = files.map(({ file }) => ({ temporary: temporaryName(), name: basename(file) }));
  const journal = join(directory, temporaryName());
  const temporaries = [...pending.map(({ temporary }) => join(directory, temporary)), journal];
  try {
    for (const [i, { content, mode }] of files.entries())
      writeFlushed(temporaries[i] ?? journal, content, mode, onStep);
    writeFlushed(journal, JSON.stringify(pending), 0o600, onStep);
    flushDirectory(directory, onStep); // the temporary files are there before the journal is
    onStep('write the journal');
    refuseExisting(files);
    renameSync(journal, join(directory, journalName));
  } catch (error) {
    for (const temporary of temporaries) rmSync(temporary, { force: true });
    throw error;
  }
  flushDirectory(directory, onStep);
  complete(directory, pending, onStep);
}

/** Refuses files that are there and may not be replaced. @throws ConfigurationError */
export function refuseExisting(files: readonly NewFile[]): void {
  for (const { file, replace } of files)
    if (!replace && existsSync(file)) refuseFile(file, 'exists already; --force overwrites it');
}

/** Writes files of the directory: all or none. @throws ConfigurationError when one is there that it may not replace */
export type Write = (files: readonly NewFile[]) => void;

/**
 * Works in a directory, alone: nobody else writes there with this function meanwhile, and what a process left that stopped
 * is completed or dropped before.
 * @throws ConfigurationError when the directory cannot be written, or another process does not finish within `patience`
 *   milliseconds
 */
export function inDirectory<T>(
  directory: string,
  work: (write: Write) => T,
  onStep: OnStep = () => {},
  patience = longestWait,
): T {
  const lock = acquire(directory, onStep, patience);
  try {
    onFile(directory, () => recover(directory, onStep));
    return work((files) => {
      for (const { file } of files)
        if (dirname(file) !== directory && dirname(file) !== dirname(join(directory, 'file')))
          throw new RangeError(`${file}: not in ${directory}`);
      refuseExisting(files);
      const [only, ...more] = files;
      if (only === undefined) return;
      onFile(only.file, () =>
        more.length > 0 ? writeSeveral(directory, files, onStep) : writeOne(directory, only, onStep),
      );
    });
  } finally {
    onStep('unlock the directory');
    rmSync(lock, { force: true });
  }
}

interface Read {
  readonly content: Buffer;
  /** The file that it was, whatever its name. */
  readonly inode: bigint;
}

function readOne(file: string): Read {
  const handle = openSync(file, 'r');
  try {
    return { content: readFileSync(handle), inode: fstatSync(handle, { bigint: true }).ino };
  } finally {
    closeSync(handle);
  }
}

/** The name under which the content of a file is that is pending. */
function pendingName(file: string): string | undefined {
  const directory = dirname(file);
  const entry = readJournal(directory).find(({ name }) => name === basename(file));
  return entry && join(directory, entry.temporary);
}

/** Whether a file is there, or is to be. */
export const isThere = (file: string): boolean => pendingName(file) !== undefined || existsSync(file);

/** Reads what the file is, or is to become. */
function readCurrent(file: string): Read {
  const temporary = pendingName(file);
  if (temporary !== undefined) {
    try {
      return readOne(temporary);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // else it was renamed meanwhile
    }
  }
  return readOne(file);
}

function inodeNow(file: string): bigint | undefined {
  const temporary = pendingName(file);
  const stated = temporary === undefined ? undefined : statSync(temporary, { bigint: true, throwIfNoEntry: false });
  return (stated ?? statSync(file, { bigint: true, throwIfNoEntry: false }))?.ino;
}

/**
 * The contents of files, all old or all new when a change of `inDirectory` is under way or was interrupted. Changes nothing.
 * @throws ConfigurationError for a file that cannot be read
 */
export function readTogether(files: readonly string[]): Buffer[] {
  for (let reading = 1; ; reading += 1) {
    const found = files.map((file) => onFile(file, () => readCurrent(file)));
    const unchanged = files.every((file, i) => inodeNow(file) === found[i]?.inode);
    if (unchanged || reading === readings) return found.map(({ content }) => content);
    sleep(pause);
  }
}
