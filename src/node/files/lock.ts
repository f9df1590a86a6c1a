// The lock of a directory in which nobody else writes (trust.ts). It is a symbolic link to its holder (holder.ts), so
// one step makes it together with its content. Where there are no symbolic links, it is a file.
//
// Only one process removes the lock of a dead process: the holder of a second lock, which is named after the content
// and inode of the first. It looks at the first lock again under the second, so that only the stale one is removed.
// When that process dies too, the second lock is taken over in the same way. Leftover second locks are removed with
// temporary files.
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../limits.ts';
import { readUpTo } from './boundedRead.ts';
import { codeOf, reasonOf, refuseFile } from './fileErrors.ts';
import { tellOnce } from './fileWarnings.ts';
import { holderText, isAlive } from './holder.ts';
import { pause, sleep } from './sleep.ts';
import { isOwn } from './trust.ts';

const lockName = '.pquake.lock';
/** Milliseconds in which a process must write its name into a lock file that it made. */
const writing = 5_000;

/**
 * Called before each step of the file system that changes something. An error that it throws ends the change as a crash
 * would.
 */
export type OnStep = (step: string) => void;

const nameOf = (hexadecimal: string): string => `.pquake.${hexadecimal.slice(0, 16)}.tmp`;

/** Returns a name for a file that may be removed when it is found later. */
export const temporaryName = (): string => nameOf(randomBytes(8).toString('hex'));

/** Matches the result of `temporaryName`. */
export const temporaryPattern: RegExp = /^\.pquake\.[0-9a-f]{16}\.tmp$/;

/** A lock that exists. */
interface Held {
  readonly text: string;
  /** Identifies this lock. */
  readonly token: string;
  readonly stale: boolean;
}

function textOf(lock: string, isLink: boolean): string {
  if (isLink) return readlinkSync(lock);
  return readUpTo(lock, limits.lock, { plain: true }).octets.toString('latin1');
}

function look(lock: string): Held | undefined {
  const status = lstatSync(lock, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return undefined;
  const isLink = status.isSymbolicLink();
  if (!isLink && !status.isFile()) return refuseFile(lock, 'not a lock: neither a symbolic link nor a regular file');
  let text: string;
  try {
    text = textOf(lock, isLink);
  } catch (error) {
    if (['ENOENT', 'EINVAL', 'ELOOP'].some((code) => code === codeOf(error))) return undefined; // replaced by another lock
    throw error;
  }
  const since = Number(status.mtimeMs);
  const stale = !isOwn(status) || (text === '' ? Date.now() - since > writing : !isAlive(text, since));
  if (!isOwn(status)) tellOnce(lock, `owned by user ${status.uid}: not believed`);
  return { text, token: `${status.ino} ${text}`, stale };
}

/** The errors of systems without symbolic links. */
const unsupported = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'UNKNOWN'];

/** Makes the lock. @returns false when there is already one */
function make(lock: string, text: string): boolean {
  try {
    try {
      symlinkSync(text, lock);
    } catch (error) {
      if (!unsupported.some((code) => code === codeOf(error))) throw error;
      writeFileSync(lock, text, { flag: 'wx', mode: 0o600 });
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

interface Waiting {
  readonly directory: string;
  readonly onStep: OnStep;
  /** In milliseconds since the epoch. */
  readonly until: number;
}

function removeStale(lock: string, { token }: Held, waiting: Waiting): void {
  const second = join(waiting.directory, nameOf(createHash('sha256').update(token).digest('hex')));
  waiting.onStep('take over a lock');
  const release = hold(second, waiting);
  try {
    waiting.onStep('remove a lock');
    if (look(lock)?.token === token) rmSync(lock, { force: true });
  } finally {
    release();
  }
}

/** Takes a lock. @returns a function that releases it */
function hold(lock: string, waiting: Waiting): () => void {
  const mine = holderText();
  for (;;) {
    waiting.onStep('lock the directory');
    if (make(lock, mine)) {
      return () => {
        if (look(lock)?.text === mine) rmSync(lock, { force: true });
      };
    }
    const held = look(lock);
    const late = Date.now() >= waiting.until;
    if (held?.stale) removeStale(lock, held, waiting);
    else if (!late) sleep(pause);
    else if (held === undefined) refuseFile(lock, 'others take it all the time');
    else refuseFile(lock, `held by ${held.text || 'nobody'}, at work in the directory; remove it if that is not so`);
  }
}

/**
 * Takes the lock of a directory; waits for it at most `patience` milliseconds. @returns a function that releases it
 * @throws ConfigurationError
 */
export function acquire(directory: string, onStep: OnStep, patience: number): () => void {
  try {
    return hold(join(directory, lockName), { directory, onStep, until: Date.now() + patience });
  } catch (error) {
    if (typeof codeOf(error) !== 'string') throw error;
    return refuseFile(directory, reasonOf(error));
  }
}
