// The lock of a directory in which nobody else writes (trust.ts). It is a symbolic link to its holder (holder.ts), so
// one step makes it together with its content. Where there are no symbolic links, it is a file. Its time is the last
// sign of life: the holder renews it before each step of the file system, and stops when the lock is not its own any
// more. So the lock of a holder of which nothing is known is taken over after a while without a sign.
//
// Only one process removes the lock of a dead process: the holder of a second lock, which is named after the content
// and inode of the first. It looks at the first lock again under the second, so that only the stale one is removed.
// When that process dies too, the second lock is taken over in the same way. Leftover second locks are removed with
// temporary files.
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, lutimesSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { limits } from '../../limits.ts';
import { readUpTo } from './boundedRead.ts';
import { codeOf, onFile, refuseFile } from './fileErrors.ts';
import { tellOnce } from './fileWarnings.ts';
import { holderText, type Life, lifeOf } from './holder.ts';
import { pause, sleep } from './sleep.ts';
import { isOwn } from './trust.ts';

const lockName = '.pquake.lock';
/** Milliseconds in which a process must write its name into a lock file that it made. */
const writing = 5_000;
/** Milliseconds without a sign of life after which the lock of a holder of which nothing is known is taken over. */
const silence = 10_000;
/** Milliseconds after which a wait is told. */
const patient = 1_000;

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
  /** Its last sign of life, in milliseconds since the epoch. */
  readonly since: number;
  readonly life: Life;
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
  const token = `${status.ino} ${text}`;
  const gone: Life = { is: 'gone', isHere: true };
  if (!isOwn(status)) {
    tellOnce(lock, `owned by user ${status.uid}: not believed`);
    return { text, token, since, life: gone };
  }
  const nameless = (): Life => (Date.now() - since > writing ? gone : { is: 'alive', isHere: true });
  return { text, token, since, life: text === '' ? nameless() : lifeOf(text, since) };
}

/**
 * Makes the lock. File systems and users without symbolic links have as many errors as there are systems, so whatever
 * the error, a file is tried. @returns false when there is already one
 */
function make(lock: string, text: string): boolean {
  try {
    try {
      symlinkSync(text, lock);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
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

function removeStale(lock: string, { token, since }: Held, waiting: Waiting): void {
  const second = join(waiting.directory, nameOf(createHash('sha256').update(token).digest('hex')));
  waiting.onStep('take over a lock');
  const { release } = hold(second, waiting);
  try {
    waiting.onStep('remove a lock');
    const now = look(lock);
    if (now?.token === token && now.since === since) rmSync(lock, { force: true });
  } finally {
    release();
  }
}

/** A lock of this process. */
export interface Lock {
  /** Gives a sign of life. @throws ConfigurationError when another process has taken the lock over */
  readonly renew: () => void;
  readonly release: () => void;
}

const lockOf = (lock: string, mine: string): Lock => ({
  renew: () => {
    const held = look(lock);
    if (held?.text !== mine) {
      const who = held?.text || 'somebody';
      refuseFile(lock, `taken over by ${who}, as this process gave no sign of life for ${silence / 1000} seconds`);
    }
    try {
      lutimesSync(lock, new Date(), new Date());
    } catch (error) {
      if (typeof codeOf(error) !== 'string') throw error; // a file system without times
    }
  },
  release: () => {
    if (look(lock)?.text === mine) rmSync(lock, { force: true });
  },
});

/** Tells locks that one process of which nothing is known has given up. */
function silenceSeen(): (held: Held | undefined) => boolean {
  let [last, first] = ['', 0];
  return (held) => {
    const sign = `${held?.token} ${held?.since}`;
    if (sign !== last) [last, first] = [sign, performance.now()];
    if (held === undefined || held.life.is !== 'unknown') return false;
    const age = held.life.isHere ? Date.now() - held.since : 0; // clocks of other machines may differ
    return Math.max(age, performance.now() - first) >= silence;
  };
}

function tellWait(lock: string, { text, life }: Held, most: number): void {
  const unknown = `; whether it is alive cannot be seen: taken over after ${silence / 1000} seconds without a sign of it`;
  tellOnce(
    lock,
    `held by ${text || 'nobody'}: waits for ${Math.round(most / 1000)} seconds at most${life.is === 'unknown' ? unknown : ''}`,
  );
}

/** Takes a lock. */
function hold(lock: string, waiting: Waiting): Lock {
  const mine = holderText();
  const begun = performance.now();
  const most = waiting.until - Date.now();
  const isSilent = silenceSeen();
  for (;;) {
    waiting.onStep('lock the directory');
    if (make(lock, mine)) return lockOf(lock, mine);
    const held = look(lock);
    const late = Date.now() >= waiting.until;
    if (held !== undefined && (isSilent(held) || held.life.is === 'gone')) removeStale(lock, held, waiting);
    else if (!late) {
      if (held !== undefined && performance.now() - begun > patient) tellWait(lock, held, most);
      sleep(pause);
    } else if (held === undefined) refuseFile(lock, 'others take it all the time');
    else refuseFile(lock, `held by ${held.text || 'nobody'}, at work in the directory; remove it if that is not so`);
  }
}

/** Takes the lock of a directory; waits for it at most `patience` milliseconds. @throws ConfigurationError */
export function acquire(directory: string, onStep: OnStep, patience: number): Lock {
  const until = Date.now() + patience;
  return onFile(directory, () => hold(join(directory, lockName), { directory, onStep, until }));
}

/**
 * Takes the lock of one file that a process goes on to write, in a directory in which nobody else writes; waits for it at
 * most `patience` milliseconds. Whoever holds it gives a sign of life at least every few seconds. @throws ConfigurationError
 */
export function acquireFile(file: string, patience: number): Lock {
  const directory = dirname(file);
  const waiting = { directory, onStep: () => {}, until: Date.now() + patience };
  return onFile(file, () => hold(join(directory, `.pquake.${basename(file)}.lock`), waiting));
}
