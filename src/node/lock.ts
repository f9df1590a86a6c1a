// The lock of a directory: a symbolic link, which comes to be with its content in one step, to the process that holds it.
import { randomBytes } from 'node:crypto';
import { readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf, reasonOf, refuseFile } from './fileErrors.ts';

const lockName = '.pquake.lock';

/** Milliseconds between two looks at what another process does. */
export const pause = 20;

/** Told before each step of the file system that changes something; what it throws ends the change as a crash would. */
export type OnStep = (step: string) => void;

/** Waits. */
export const sleep = (milliseconds: number): unknown =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
/** A name for a file that is removed when it is found later. */
export const temporaryName = (): string => `.pquake.${randomBytes(8).toString('hex')}.tmp`;

/** What `temporaryName` answers. */
export const temporaryPattern: RegExp = /^\.pquake\.[0-9a-f]{16}\.tmp$/;

function isAlive(holder: string): boolean {
  const [, pid, host] = /^(\d+)@(.*)$/.exec(holder) ?? [];
  if (pid === undefined || host !== hostname()) return true; // nothing can be said of it
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function holderOf(lock: string): string | undefined {
  try {
    return readlinkSync(lock);
  } catch {
    return undefined; // gone
  }
}

/** Two may find the same lock stale; who moved another one away, a fresh one, puts it back. */
function takeOver(directory: string, stale: string, onStep: OnStep): void {
  const [lock, aside] = [join(directory, lockName), join(directory, temporaryName())];
  onStep('take over a lock');
  try {
    renameSync(lock, aside);
    if (readlinkSync(aside) === stale) rmSync(aside);
    else renameSync(aside, lock);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * Takes the lock of a directory, waiting for it for some milliseconds. @returns the file to remove
 * @throws ConfigurationError
 */
export function acquire(directory: string, onStep: OnStep, patience: number): string {
  const lock = join(directory, lockName);
  for (const start = Date.now(); ; ) {
    onStep('lock the directory');
    try {
      symlinkSync(`${process.pid}@${hostname()}`, lock);
      return lock;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') return refuseFile(directory, reasonOf(error));
    }
    const holder = holderOf(lock);
    if (holder === undefined) continue;
    if (!isAlive(holder)) takeOver(directory, holder, onStep);
    else if (Date.now() - start < patience) sleep(pause);
    else refuseFile(lock, `held by ${holder}, which is at work in the directory; remove it if that is not so`);
  }
}
