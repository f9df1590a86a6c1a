// Changes files of one directory together: all of them or none, whenever the process or the machine stops.
//
// New contents are written to temporary files in the same directory, and flushed. One step of the file system then puts
// a single file in its place. Several files need several steps, so a journal, DIR/.pquake.pending, is written and
// flushed first. It lists the temporary files and their final names. The change holds from the moment when the journal
// has its name. Before that the old contents count, and the next process removes the temporary files. After that the
// new contents count: the next process renames the remaining files, and readers take a temporary file for its final one
// (`readTogether`). To rename again does nothing, so an interrupted recovery can be recovered too.
//
// Lock and journal decide on the acts of processes and the meaning of files. They are written, and believed, only in a
// directory of this user in which nobody else can write (trust.ts). Elsewhere, as in /tmp, files are written one after
// the other, each by one step, and locks and journals are ignored.
//
// There is one writer at a time (lock.ts). A program that ignores the lock can lose a file only when several files
// change: in the moment between the last check and the renaming. A single file is linked, which replaces nothing.

import { type BigIntStats, existsSync, lstatSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { wipe } from '../../crypto/secret.ts';
import { limits } from '../../limits.ts';
import { type Content, readUpTo } from './boundedRead.ts';
import { codeOf, onFile, refuseFile } from './fileErrors.ts';
import { tellOnce } from './fileWarnings.ts';
import { identityOf, journalName, journalText, type Pending, readJournal } from './journal.ts';
import { acquire, type OnStep, temporaryName, temporaryPattern } from './lock.ts';
import {
  flushDirectory,
  type NewFile,
  type Prepared,
  prepareOne,
  refuseExisting,
  writeEach,
  writeFlushed,
  writeOne,
} from './newFile.ts';
import { predecessorOf } from './predecessor.ts';
import { pause, sleep } from './sleep.ts';
import { throughLinks } from './throughLinks.ts';
import { checkSecret, isOwn, isOwnDirectory, ownerOf } from './trust.ts';

export { type NewFile, type OnStep, refuseExisting };

const longestWait = 15_000;
const readings = 50;

/** Renames the files that a journal lists, then removes the journal. */
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

/** Whether a temporary file is a leftover. One of root may be in use, as root takes no lock of another user. */
const isRemovable = (status: BigIntStats): boolean =>
  (isOwn(status) || status.uid !== 0n) && (status.isFile() || status.isSymbolicLink());

/** Completes or drops the change of a process that stopped. Needs the lock, and a directory of this user alone. */
function recover(directory: string, onStep: OnStep): void {
  const { pending, against } = readJournal(directory, ownerOf(directory) ?? -1n);
  if (pending === undefined) {
    const what = 'of the files beside it nothing is changed. Remove it if no change was interrupted here';
    refuseFile(join(directory, journalName), `${against}; not obeyed, and ${what}`);
  }
  if (existsSync(join(directory, journalName))) complete(directory, pending, onStep);
  for (const name of readdirSync(directory)) {
    if (!temporaryPattern.test(name)) continue;
    const status = lstatSync(join(directory, name), { bigint: true, throwIfNoEntry: false });
    if (status === undefined || !isRemovable(status)) continue;
    onStep('remove a temporary file');
    rmSync(join(directory, name), { force: true });
  }
}

/** Refuses to replace anything but a regular file: the next process would not believe such a journal. */
function refuseOtherThanFiles(files: readonly NewFile[]): void {
  for (const { file } of files) {
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false)
      refuseFile(file, 'not a regular file; of several files that change together, each is one');
  }
}

function writeSeveral(directory: string, files: readonly NewFile[], onStep: OnStep): void {
  const temporaries = files.map(() => temporaryName());
  const journal = join(directory, temporaryName());
  let pending: Pending;
  try {
    refuseOtherThanFiles(files);
    pending = files.map((one, i) => {
      const temporary = temporaries[i] ?? '';
      const written = writeFlushed(join(directory, temporary), one, onStep, predecessorOf(one));
      return { temporary, name: basename(one.file), is: identityOf(written) };
    });
    writeFlushed(journal, { content: journalText(pending), mode: 0o600 }, onStep);
    flushDirectory(directory, onStep); // the temporary files exist before the journal does
    onStep('write the journal');
    refuseExisting(files);
    renameSync(journal, join(directory, journalName));
  } catch (error) {
    for (const one of [...temporaries.map((name) => join(directory, name)), journal]) rmSync(one, { force: true });
    throw error;
  }
  flushDirectory(directory, onStep);
  complete(directory, pending, onStep);
}

/** Writes files of the directory: all or none. @throws ConfigurationError when a file exists and may not be replaced */
export type Write = (files: readonly NewFile[]) => void;

type WriteAll = (directory: string, files: readonly NewFile[], onStep: OnStep) => void;

function writeOwn(directory: string, files: readonly NewFile[], onStep: OnStep): void {
  const [only, ...more] = files;
  if (only !== undefined && more.length === 0) writeOne(directory, only, onStep);
  else writeSeveral(directory, files, onStep);
}

/** Works in several directories, as `inDirectory` does in one. */
function inEach(directories: readonly string[], work: () => void, onStep: OnStep, patience: number): void {
  const [first, ...others] = directories;
  if (first === undefined) work();
  else inDirectory(first, () => inEach(others, work, onStep, patience), onStep, patience);
}

/** Writes files of the directory, then those elsewhere, which links lead to, one by one. */
function writeAll(inside: () => void, elsewhere: readonly NewFile[], onStep: OnStep): void {
  const prepared: Prepared[] = [];
  try {
    for (const one of elsewhere) {
      const directory = dirname(one.file);
      prepared.push(prepareOne(directory, one, onStep, !isOwnDirectory(directory)));
    }
    inside();
    for (const { commit } of prepared) commit();
  } finally {
    for (const { drop } of prepared) drop();
  }
}

const writerOf =
  (directory: string, onStep: OnStep, write: WriteAll, patience: number): Write =>
  (given) => {
    for (const { file } of given)
      if (dirname(file) !== directory && dirname(file) !== dirname(join(directory, 'file')))
        throw new RangeError(`${file}: not in ${directory}`);
    const files = throughLinks(given);
    refuseExisting(files);
    const isInside = ({ file }: NewFile): boolean => given.some((one) => dirname(one.file) === dirname(file));
    const [inside, elsewhere] = [files.filter(isInside), files.filter((one) => !isInside(one))];
    const [first] = files;
    if (first === undefined) return;
    const writeInside = (): void => {
      if (inside.length > 0) write(directory, inside, onStep);
    };
    const work = (): void => writeAll(writeInside, elsewhere, onStep);
    const directories = [...new Set(elsewhere.map(({ file }) => dirname(file)))];
    onFile(first.file, () => inEach(directories, work, onStep, patience));
  };

/**
 * Works in a directory while nobody else writes there with this function. First completes or drops the change of a
 * process that stopped. In a directory of another user, or in which others can write, there is no lock and no recovery,
 * and files are written one after the other.
 * @throws ConfigurationError when the directory cannot be written, another process does not finish within `patience`
 *   milliseconds, or a journal is not believed
 */
export function inDirectory<T>(
  directory: string,
  work: (write: Write) => T,
  onStep: OnStep = () => {},
  patience = longestWait,
): T {
  const isMine = onFile(directory, () => statSync(directory).isDirectory() && isOwnDirectory(directory));
  if (!isMine) return work(writerOf(directory, onStep, writeEach, patience));
  const lock = acquire(directory, onStep, patience);
  const step: OnStep = (name) => {
    lock.renew();
    onStep(name);
  };
  try {
    onFile(directory, () => recover(directory, step));
    return work(writerOf(directory, step, writeOwn, patience));
  } finally {
    onStep('unlock the directory');
    lock.release();
  }
}

/** A file to read. */
export interface Source {
  readonly file: string;
  /** In octets. */
  readonly most: number;
  /** Whether it is a secret, which others may not read. */
  readonly secret?: boolean | undefined;
}

const keyLabel = 'PRIVATE KEY-----';

/** Reads a file. A PEM file that holds a key is judged as a secret in every case. */
function readOne({ file, most, secret = false }: Source, name = file): Content {
  const check = (status: BigIntStats): void => checkSecret(name, status);
  const content = readUpTo(file, most, secret ? { check } : {});
  if (secret || !content.octets.includes(keyLabel)) return content;
  const { octets, status } = content;
  try {
    check(status);
    if (octets.length > limits.keyFile)
      refuseFile(name, `${octets.length} octets with a private key; at most ${limits.keyFile} are read`);
  } catch (error) {
    wipe(octets);
    throw error;
  }
  return content;
}

/** The name of the file with the pending content; `undefined` without one. */
function pendingName(file: string): string | undefined {
  const directory = dirname(file);
  const owner = ownerOf(directory);
  if (owner === undefined) return undefined;
  const { pending = [], against } = readJournal(directory, owner);
  if (against !== undefined) tellOnce(join(directory, journalName), `${against}; not believed`);
  const entry = pending.find(({ name }) => name === basename(file));
  return entry && join(directory, entry.temporary);
}

/** Whether a file exists, or is pending. */
export const isThere = (file: string): boolean => pendingName(file) !== undefined || existsSync(file);

/** Reads the pending content of a file, or else its content. */
function readCurrent(source: Source): Content {
  const temporary = pendingName(source.file);
  if (temporary !== undefined) {
    try {
      return readOne({ ...source, file: temporary }, source.file);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error; // otherwise it was renamed since
    }
  }
  return readOne(source);
}

function inodeNow(file: string): bigint | undefined {
  const temporary = pendingName(file);
  const stated = temporary === undefined ? undefined : statSync(temporary, { bigint: true, throwIfNoEntry: false });
  return (stated ?? statSync(file, { bigint: true, throwIfNoEntry: false }))?.ino;
}

/** Reads all files. When one cannot be read, wipes the contents that were read before it. */
function readEach(sources: readonly Source[]): Content[] {
  const found: Content[] = [];
  try {
    for (const source of sources) found.push(onFile(source.file, () => readCurrent(source)));
    return found;
  } catch (error) {
    wipe(...found.map(({ octets }) => octets));
    throw error;
  }
}

/**
 * Reads the contents of files: all old or all new, even when a change of `inDirectory` is under way or was interrupted.
 * Changes nothing. A bare name is a file of certificates.
 * @throws ConfigurationError for a file that cannot be read, is too long, or holds a key that others can change
 */
export function readTogether(files: readonly (string | Source)[]): Buffer[] {
  const sources = files.map((one) => (typeof one === 'string' ? { file: one, most: limits.certificateFile } : one));
  for (let reading = 1; ; reading += 1) {
    const found = readEach(sources);
    const unchanged = found.every(
      ({ status }, i) => !status.isFile() || inodeNow(sources[i]?.file ?? '') === status.ino,
    );
    if (unchanged || reading === readings) return found.map(({ octets }) => octets);
    wipe(...found.map(({ octets }) => octets));
    sleep(pause);
  }
}
