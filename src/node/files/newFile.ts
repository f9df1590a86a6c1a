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
import { firstMode, isSecret, type Predecessor, predecessorOf, takeOver } from './predecessor.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;

/** A file to write, completely or not at all. */
export interface NewFile {
  readonly file: string;
  readonly content: string | Uint8Array;
  /** Permissions, such as 0o600. */
  readonly mode: number;
  /** Whether a file that exists may be replaced. */
  readonly replace?: boolean | undefined;
}

/** The errors of file systems that cannot flush a directory. */
const unflushed = ['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR'];

/** Flushes a directory. Only then do its names survive a failure of the machine. Windows has no such step. */
export function flushDirectory(directory: string, onStep: OnStep): void {
  if (process.platform === 'win32') return;
  onStep('flush the directory');
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } catch (error) {
    if (!unflushed.some((code) => code === codeOf(error))) throw error;
  } finally {
    closeSync(handle);
  }
}

/**
 * Makes a file that does not exist. It gets the owner, the group and the rights of its predecessor, and never had more
 * rights before. @returns its state in the file system
 */
export function writeFlushed(
  file: string,
  { content, mode }: Pick<NewFile, 'content' | 'mode'>,
  onStep: OnStep,
  predecessor?: Predecessor,
): BigIntStats {
  onStep('create a temporary file');
  const handle = openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, firstMode(mode, predecessor));
  let written: BigIntStats;
  try {
    onStep('write it');
    const octets = Buffer.from(content);
    for (let at = 0; at < octets.length; ) at += writeSync(handle, octets, at);
    octets.fill(0);
    if (predecessor !== undefined) takeOver(handle, mode, predecessor);
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
  for (const { file, mode, replace } of files) {
    if (!replace && existsSync(file))
      refuseFile(file, 'exists already', isSecret(mode) ? 'replace-secret' : 'replace-file');
  }
}

/**
 * Gives a temporary file its final name, which must be free. File systems and users without hard links have as many
 * errors as there are systems, so whatever the error, the file is renamed.
 */
function nameOnce(temporary: string, newFile: NewFile): void {
  try {
    linkSync(temporary, newFile.file); // unlike rename, link never replaces a file that exists
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
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

/** A file that is written under its temporary name. */
export interface Prepared {
  /** Links or renames it, which is the change itself. @returns its state in the file system */
  readonly commit: () => BigIntStats;
  readonly drop: () => void;
}

/** Writes a file under a temporary name beside it. */
export function prepareOne(directory: string, newFile: NewFile, onStep: OnStep, isShared: boolean): Prepared {
  const { file, replace } = newFile;
  const temporary = join(directory, temporaryName());
  let written: BigIntStats | undefined;
  const drop = (): void => {
    if (written === undefined) rmSync(temporary, { force: true });
    else removeSame(temporary, written);
  };
  try {
    written = writeFlushed(temporary, newFile, onStep, predecessorOf(newFile));
  } catch (error) {
    drop();
    throw error;
  }
  const made = written;
  const commit = (): BigIntStats => {
    try {
      onStep(`write ${basename(file)}`);
      if (isShared) requireUnchanged(temporary, made);
      if (replace) renameSync(temporary, file);
      else nameOnce(temporary, newFile);
      flushDirectory(directory, onStep);
    } catch (error) {
      drop();
      throw error;
    }
    onStep('remove the temporary file');
    drop();
    return made;
  };
  return { commit, drop };
}

/** Writes one file, by one step. @returns its state in the file system */
export const writeOne = (directory: string, newFile: NewFile, onStep: OnStep, isShared = false): BigIntStats =>
  prepareOne(directory, newFile, onStep, isShared).commit();

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
