// Directories with secrets, and processes, that do not outlive this process. They go when it ends: by itself, by an error,
// by a signal, when nobody reads its output. Where it cannot see to that itself (kill -9) its reaper does.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../../configuration.ts';
import { environmentFor } from '../files/environment.ts';
import type { Told } from './reaper.ts';

const program = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './reaper.ts' : './reaper.js', import.meta.url),
);
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const directories = new Set<string>();
const groups = new Set<number>();
let reaper: ChildProcess | undefined;

/** Starts the reaper in a session of its own, which no signal of a terminal or to a process group reaches. */
function startReaper(): ChildProcess {
  const child = spawn(process.execPath, [program], {
    cwd: tmpdir(),
    detached: true,
    env: environmentFor(),
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  });
  child.on('error', () => {}); // then it has no pid
  child.stdin.on('error', () => {}); // somebody ended it: this process still removes what is its own
  if (child.pid === undefined) throw new ConfigurationError('cannot start the process that removes temporary secrets');
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  process.once('exit', removeAll);
  for (const signal of endingSignals) process.on(signal, endBy);
  return child;
}

/** Tells the reaper. The line is in the pipe when this returns. */
function tell(told: Told): void {
  reaper ??= startReaper();
  reaper.stdin?.write(`${JSON.stringify(told)}\n`);
}

/** Ends this process as the signal would, once all is removed. A command that has a listener of its own ends by itself. */
function endBy(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  process.off(signal, endBy);
  process.kill(process.pid, signal);
}

function removeAll(): void {
  for (const group of groups) endGroup(group);
  for (const directory of directories) {
    try {
      removeDirectory(directory);
    } catch {
      // The reaper tries again.
    }
  }
}

/**
 * Makes a new directory for secrets, mode 0700, in the place of the system for temporary files.
 * @throws ConfigurationError when there can be nobody to remove it
 */
export function temporaryDirectory(purpose: string): string {
  const directory = join(tmpdir(), `pquake-${purpose}-${randomBytes(16).toString('hex')}`);
  tell({ directory }); // before there is anything to remove
  mkdirSync(directory, { mode: 0o700 });
  directories.add(directory);
  return directory;
}

/** Removes a temporary directory and all that is in it. */
export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  directories.delete(directory);
  tell({ directory, gone: true });
}

/** Registers a process group, by its leader. */
export function keepGroup(group: number): void {
  groups.add(group);
  tell({ group });
}

/** Forgets a process group that has no process any more. */
export function forgetGroup(group: number): void {
  if (groups.delete(group)) tell({ group, gone: true });
}

/** Ends every process of a group that was registered. */
export function endGroup(group: number): void {
  if (!groups.has(group)) return;
  signalGroup(group, 'SIGKILL');
  forgetGroup(group);
}

/** @returns whether there was a process to signal */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(process.platform === 'win32' ? group : -group, signal);
  } catch {
    return false;
  }
}
