// Makes a file: writes it under a temporary name, flushes it, and puts it in its place by one step.
import {
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { codeOf, refuseFile } from './fileErrors.ts';
import { type OnStep, temporaryName } from './lock.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;

/** A file to write, completely or not at all. */
export interface NewFile {
  readonly file: string;
  readonly content: string;
  /** Permissions, such as 0o600. */
  readonly mode: number;
  /** Whether a file that exists may be replaced. */
  readonly replace?: boolean | undefined;
}

/** Flushes a directory. Only then do its names survive a failure of the machine. Windows has no such step. */
export function flushDirectory(directory: string, onStep: OnStep): void {
  if (process.platform === 'win32') return;
  onStep('flush the directory');
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes a file that does not exist. @returns its state in the file system */
export function writeFlushed(file: string, content: string, mode: number, onStep: OnStep): BigIntStats {
  onStep('create a temporary file');
  const handle = openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  let written: BigIntStats;
  try {
    onStep('write it');
    const octets = Buffer.from(content);
    for (let at = 0; at < octets.length; ) at += writeSync(handle, octets, at);
    octets.fill(0);
    onStep('flush it');
    fsyncSync(handle);
    written = fstatSync(handle, { bigint: true });
  } finally {
    closeSync(handle);
  }
  const found = lstatSync(file, { bigint: true });
  return isSame(found, written) ? found : refuseFile(file, 'replaced by somebody while it was written');
}

const isSame = (one: BigIntStats, other: BigIntStats): boolean =>
  one.ino === other.ino && one.dev === other.dev && one.uid === other.uid;

/** Removes a file, unless another one has taken its place. */
function removeSame(file: string, written: BigIntStats): void {
  const found = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  if (found !== undefined && isSame(found, written)) rmSync(file, { force: true });
}

/** Refuses files that exist and may not be replaced. @throws ConfigurationError */
export function refuseExisting(files: readonly NewFile[]): void {
  for (const { file, replace } of files)
    if (!replace && existsSync(file)) refuseFile(file, 'exists already; --force overwrites it');
}

const noHardLinks = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

/** Gives a temporary file its final name, which must be free. */
function nameOnce(temporary: string, newFile: NewFile): void {
  try {
    linkSync(temporary, newFile.file); // unlike rename, link never replaces a file that exists
  } catch (error) {
    if (!noHardLinks.some((code) => code === codeOf(error))) throw error;
    refuseExisting([newFile]);
    renameSync(temporary, newFile.file);
  }
}

/** Refuses a temporary file that somebody replaced after it was written. The inode alone could be reused. */
function requireUnchanged(temporary: string, written: BigIntStats): void {
  const found = lstatSync(temporary, { bigint: true });
  if (!isSame(found, written) || found.ctimeNs !== written.ctimeNs)
    refuseFile(temporary, 'replaced by somebody before it had its name');
}

/** Links or renames one file, which is the change itself. @returns its state in the file system */
export function writeOne(directory: string, newFile: NewFile, onStep: OnStep, isShared = false): BigIntStats {
  const { file, content, mode, replace } = newFile;
  const temporary = join(directory, temporaryName());
  let written: BigIntStats | undefined;
  try {
    written = writeFlushed(temporary, content, mode, onStep);
    onStep(`write ${basename(file)}`);
    if (isShared) requireUnchanged(temporary, written);
    if (replace) renameSync(temporary, file);
    else nameOnce(temporary, newFile);
    flushDirectory(directory, onStep);
  } catch (error) {
    if (written === undefined) rmSync(temporary, { force: true });
    else removeSame(temporary, written);
    throw error;
  }
  onStep('remove the temporary file');
  removeSame(temporary, written);
  return written;
}

/** Writes one file after the other, where others write too. If one cannot be written, the new files are removed. */
export function writeEach(directory: string, files: readonly NewFile[], onStep: OnStep): void {
  const made: (readonly [string, BigIntStats])[] = [];
  try {
    for (const one of files) {
      const written = writeOne(directory, one, onStep, true);
      if (!one.replace) made.push([one.file, written]);
    }
  } catch (error) {
    for (const [file, written] of made) removeSame(file, written);
    throw error;
  }
}
