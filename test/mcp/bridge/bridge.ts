// Bridges as processes: servers behind PQuAKE, and hosts that start `connect` from a configuration as they start any server.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Message } from '../../../src/mcp/contract.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { eventually } from '../../waiting.ts';

export const suite = chooseSuite();
export const program = resolve('src/mcp/main.ts');
export const testServer = resolve('test/mcp/bridge/server.mjs');

export interface Place {
  readonly directory: string;
  /** The options of a peer. */
  readonly who: (name: string, expected: string) => readonly string[];
  readonly remove: () => void;
}

/** An authority, and the peers of tests. */
export function placeFor(...names: readonly string[]): Place {
  const directory = mkdtempSync(join(tmpdir(), 'pquake-mcp-'));
  createAuthority({ suite, directory });
  for (const name of names) issueCredentials({ suite, directory, name });
  const file = (name: string): string => join(directory, name);
  const who: Place['who'] = (name, expected) => [
    ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem'), '--expect', expected],
  ];
  return { directory, who, remove: () => rmSync(directory, { recursive: true }) };
}

const running: ChildProcess[] = [];

/** Ends, after each test, what has begun since the last time, but what was kept. */
export const endAll = (): Promise<void> => ending(running.splice(0));

/** Keeps what runs now for other tests. @returns what ends it */
export function keepAll(): () => Promise<void> {
  const kept = running.splice(0);
  return () => ending(kept);
}

async function ending(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await once(child, 'exit');
    clearTimeout(timer);
  }
}

export interface Process {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** Until a line that matches stands on standard error. */
  readonly told: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<number | null>;
}

function started(child: ChildProcess): Process {
  running.push(child);
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin?.on('error', () => {});
  const told = (pattern: RegExp): Promise<RegExpExecArray> =>
    eventually(() => {
      const found = pattern.exec(stderr);
      if (found === null) throw new Error(`not told: ${pattern}: ${stderr}`);
      return found;
    });
  const ended = new Promise<number | null>((resolve_) => child.once('close', resolve_));
  return { child, stderr: () => stderr, told, ended };
}

/** `serve` that listens. */
export interface Serving extends Process {
  readonly address: string;
}

/** `serve` with a server behind it. */
export async function serving(
  options: readonly string[],
  server: readonly string[] = [process.execPath, testServer],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Serving> {
  const words = [program, 'serve', '--listen', '127.0.0.1:0', ...options, '--', ...server];
  const one = started(
    spawn(process.execPath, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    }),
  );
  const [, address = ''] = await one.told(/^listening on (\S+)$/m);
  return { ...one, address };
}

/** What a host has in its configuration. */
export interface HostEntry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Host extends Process {
  /** Sends a message, or text as it is. */
  readonly send: (message: Message | string) => void;
  /** Lines of standard output so far. */
  readonly lines: () => readonly string[];
  /** The answer to a request. */
  readonly ask: (id: number, method: string, params?: Message) => Promise<Message>;
  readonly close: () => void;
}

/** The entry of a configuration in the form of hosts. */
export const entryFor = (address: string, options: readonly string[]): HostEntry => ({
  command: process.execPath,
  args: [program, 'connect', address, ...options],
});

/** Starts a server as a host does from its configuration. */
export function host({ command, args, env }: HostEntry): Host {
  const child = spawn(command, [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const one = started(child);
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const send = (message: Message | string): void => {
    child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  };
  const ask = (id: number, method: string, params: Message = {}): Promise<Message> => {
    send({ jsonrpc: '2.0', id, method, params });
    return eventually(() => {
      const found = lines.map((line): Message => JSON.parse(line)).find((message) => message['id'] === id);
      if (found === undefined) throw new Error(`no answer to ${id}: ${one.stderr()}`);
      return found;
    });
  };
  return { ...one, send, lines: () => lines, ask, close: () => child.stdin.end() };
}

/** What a tool of the test server returned. */
export function returned({ result }: Message): unknown {
  const { content } = result as { readonly content: readonly { readonly text: string }[] };
  return JSON.parse(content[0]?.text ?? 'null');
}

export const toolCall = (name: string, given: Message = {}): Message => ({ name, arguments: given });

/** Until a process is gone. */
export const gone = (process_: number): Promise<void> =>
  eventually(() => {
    try {
      process.kill(process_, 0);
    } catch {
      return;
    }
    throw new Error(`process ${process_} is there`);
  });
