// Processes that end with this one, and with them everything in their process group.
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { endGroup, forgetGroup, keepGroup, signalGroup } from './temporary.ts';

export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Whether it can be written to: `stdin` is a stream then. */
  readonly input?: boolean;
}

/** A process whose output is read, and which has no input unless it was asked for. */
export type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The file of a command: its path, or the first of its name on PATH; undefined when there is none that can be run. */
export function locate(command: string, env: NodeJS.ProcessEnv, cwd = process.cwd()): string | undefined {
  const directories = command.includes('/') ? ['.'] : (env['PATH'] ?? '').split(delimiter).filter((one) => one !== '');
  return directories.map((directory) => resolve(cwd, directory, command)).find(executable);
}

/** Not there on Windows, and in images that hold little more than Node. */
const shell = '/bin/sh';

/** Variables that a shell adds to its environment. */
const ofShells = ['PWD', 'OLDPWD', 'SHLVL', '_'] as const;

/** Waits for a line on descriptor 3, then becomes the command. At the end of the pipe it ends. */
const waiting = (env: NodeJS.ProcessEnv): string =>
  [
    'read -r pquake_begin <&3 || exit 1',
    ...ofShells.filter((name) => env[name] === undefined).map((name) => `unset ${name}`),
  ]
    .concat('exec "$@" 3<&-')
    .join('; ');

/**
 * Starts a command as the leader of a process group. It begins when those who end the group know of it, so that there is no
 * moment at which it could be left behind. A command that is not there gives the event `error`, as of `spawn`.
 */
export function startChild(command: string, words: readonly string[], options: ChildOptions = {}): Child {
  const { env = process.env, cwd, input = false } = options;
  const waits = executable(shell) && locate(command, env, cwd) !== undefined;
  const line = waits ? [shell, '-c', waiting(env), 'sh', command, ...words] : [command, ...words];
  const child = spawn(line[0] ?? '', line.slice(1), {
    ...{ env, cwd },
    detached: true,
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(waits ? (['pipe'] as const) : [])],
    windowsHide: true,
  }) as Child;
  const { pid } = child;
  if (pid === undefined) return child;
  keepGroup(pid);
  const gate = child.stdio[3];
  gate?.on('error', () => {}); // ended before it began
  if (gate !== null && gate !== undefined && 'end' in gate) gate.end('\n');
  child.once('exit', () => {
    if (!signalGroup(pid, 0)) forgetGroup(pid);
  });
  return child;
}

/** Ends a process and everything that it started. */
export function endChild({ pid }: ChildProcess): void {
  if (pid !== undefined) endGroup(pid);
}
