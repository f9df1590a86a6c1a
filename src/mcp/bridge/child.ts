// A server as a process: a fixed command, no shell, in a process group that ends with it and with us.
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { endGroup, forgetGroup, keepGroup, signalGroup } from '../../node/temporary/temporary.ts';

/** The command of the configuration. Nothing of it comes from a peer. */
export interface ServerCommand {
  readonly command: string;
  readonly words: readonly string[];
}

export interface ServerOptions extends ServerCommand {
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds to end by itself when its input has ended; then so many again after SIGTERM, before SIGKILL. */
  readonly grace: number;
}

/** How a process ended. */
export interface Exit {
  readonly status?: number;
  readonly signal?: string;
}

/** A server at work. */
export interface ServerProcess {
  readonly process: number;
  readonly input: Writable;
  readonly output: Readable;
  readonly errors: Readable;
  /** Ends its input, then itself and all that it started. */
  readonly stop: () => void;
  readonly exited: Promise<Exit>;
}

/** Why a server could not be started. */
export class SpawnError extends Error {
  override readonly name = 'SpawnError';
  readonly code = 'server-not-started';
}

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such command';
  if (code === 'EACCES') return 'it may not be executed';
  return error instanceof Error ? error.message : 'unknown';
};

/** Starts a server. @throws SpawnError (as a rejection) when it cannot be started */
export async function startServer({ command, words, env, grace }: ServerOptions): Promise<ServerProcess> {
  const failed = (error: unknown): SpawnError => new SpawnError(`${command}: ${reasonOf(error)}`);
  let child: ReturnType<typeof spawnPiped>;
  try {
    child = spawnPiped(command, words, env);
  } catch (error) {
    throw failed(error);
  }
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined) throw failed(await new Promise((resolve) => child.once('error', resolve)));
  child.on('error', () => {}); // of a signal that could not be sent
  keepGroup(pid);
  stdin.on('error', () => {}); // it may end before it has read all
  const timers: NodeJS.Timeout[] = [];
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (status, signal) => {
      for (const timer of timers) clearTimeout(timer);
      if (signalGroup(pid, 0)) endGroup(pid);
      else forgetGroup(pid);
      // Whoever left the group may hold them open.
      for (const stream of [stdout, stderr]) setTimeout(() => stream.destroy(), 1_000).unref();
      resolve({ ...(status !== null && { status }), ...(signal !== null && { signal }) });
    });
  });
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    stdin.end();
    stdout.resume(); // what nobody reads any more must not keep it
    if (child.exitCode !== null || child.signalCode !== null) return;
    timers.push(setTimeout(() => void signalGroup(pid, 'SIGTERM'), grace));
    timers.push(setTimeout(() => endGroup(pid), 2 * grace));
  };
  return { process: pid, input: stdin, output: stdout, errors: stderr, stop, exited };
}

const spawnPiped = (command: string, words: readonly string[], env: NodeJS.ProcessEnv) =>
  spawn(command, [...words], { env, shell: false, detached: true, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
