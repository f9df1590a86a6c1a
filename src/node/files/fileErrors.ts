// Errors of the file system in plain words: the file and the reason, never its content.
import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ConfigurationError, type Remedy } from '../../configuration.ts';

/** A file cannot be used. The message begins with its name. */
export class FileError extends ConfigurationError {
  readonly file: string;
  readonly reason: string;

  constructor(file: string, reason: string, remedy?: Remedy) {
    super(`${file}: ${reason}`, remedy);
    this.file = file;
    this.reason = reason;
  }
}

/** @throws FileError with the file and the reason */
export function refuseFile(file: string, reason: string, remedy?: Remedy): never {
  throw new FileError(file, reason, remedy);
}

/** The code of an error of the system, such as ENOENT. */
export const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** An error of the file system: the call that failed, and the name that it was given. */
interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

/** Whether a call of the file system failed. */
export const isSystemError = (error: unknown): error is SystemError =>
  typeof codeOf(error) === 'string' && error instanceof Error && 'syscall' in error;

const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};

/** The reason for a name that is not there: the file alone is missing, or the folder that should hold it. */
function missing({ syscall, path }: SystemError): string {
  if (path !== undefined && !isFolder(dirname(path))) return `there is no folder ${dirname(path)}`;
  return syscall === 'open' ? 'there is no such file' : 'there is no such file or folder';
}

/** Whether a name is that of a lock, a journal or a temporary file, which no user names. */
const isOurs = (path: string): boolean => basename(path).startsWith('.pquake.');

function forbidden({ syscall, path }: SystemError): string {
  if (path !== undefined && isOurs(path))
    return `this user may not ${syscall === 'open' ? 'open files' : 'write'} in the folder ${dirname(path)}`;
  return syscall === 'open' || syscall === 'read' ? 'this user may not open it' : `this user may not (${syscall})`;
}

/** The words for the errors that people meet, by the code of the system; other errors keep the words of the system. */
const words: Readonly<Record<string, (error: SystemError) => string>> = {
  ENOENT: missing,
  ENOTDIR: ({ path }) => `${path === undefined ? 'part of the name' : dirname(path)} is a file; expected a folder`,
  EISDIR: () => 'a folder; expected a file',
  EEXIST: () => 'it is there already',
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: () => 'the file system is read-only',
  ENOSPC: () => 'there is no space left to write it',
  EDQUOT: () => 'there is no space left to write it',
  EMFILE: () => 'too many files are open',
  ENFILE: () => 'too many files are open',
  ELOOP: () => 'a symbolic link that is not followed; expected a file',
  ENAMETOOLONG: () => 'its name is too long',
};

/** The reason of an error, in words; the code of the system stands behind them, to be looked up. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (!isSystemError(error)) return error.message;
  const inWords = words[error.code]?.(error);
  if (inWords !== undefined) return `${inWords} (${error.code})`;
  const call = error.message.indexOf(`, ${error.syscall}`);
  return call < 0 ? error.message : error.message.slice(0, call);
}

/** Runs a function. Turns an error of the file system into one that names the file. @throws FileError */
export function onFile<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ConfigurationError || typeof codeOf(error) !== 'string') throw error;
    return refuseFile(file, reasonOf(error));
  }
}
