// Runs the command line: in this process where only what it says counts, in one of its own where that is the point.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { run } from '../../src/cli/program.ts';
import { onFileWarning } from '../../src/node/files/fileWarnings.ts';
import { startChild } from '../../src/node/temporary/child.ts';
import { note } from '../../src/node/terminal/output.ts';
import { eventually } from '../waiting.ts';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Where it listens. */
  readonly address: Promise<string>;
  /** Until so many lines are on its standard output: what a peer sees of a handshake comes before what is told of it. */
  readonly lines: (count: number) => Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Starts a process, as a person would. It does not outlive the tests. */
export function start(words: readonly string[]): Running {
  const child = startChild(process.execPath, ['src/cli/main.ts', ...words]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
  const address = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      stderr += `${line}\n`;
      if (line.startsWith('listening on ')) resolve(line.slice('listening on '.length));
    });
    ended.then(() => reject(new Error(`ended before it listened: ${stderr}`)));
  });
  address.catch(() => {});
  const lines = (count: number): Promise<void> =>
    eventually(() => {
      if (stdout.split('\n').length <= count) throw new Error(`not ${count} lines: ${stdout}`);
    });
  return { child, address, lines, ended };
}

/** Collects what is written to a stream of this process, instead of writing it. */
function collect(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const { write } = stream;
  let text = '';
  stream.write = (chunk: string | Uint8Array): boolean => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  };
  return {
    text: () => text,
    restore: () => {
      stream.write = write;
    },
  };
}

async function runHere(words: readonly string[]): Promise<Ended> {
  const [stdout, stderr] = [collect(process.stdout), collect(process.stderr)];
  try {
    const status = await run(words);
    return { status, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.restore();
    stderr.restore();
  }
}

onFileWarning((message) => note(`pquake: warning: ${message}`)); // as the process does

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a command to its end in this process, as `src/cli/main.ts` does; one after the other, since they share standard output
 * and standard error. A command that waits for another one has to be started as a process.
 */
export function pquake(...words: readonly string[]): Promise<Ended> {
  const ended = last.then(() => runHere(words));
  last = ended.catch(() => {});
  return ended;
}

/** A responder for one handshake, and an initiator that connects to it: two processes. */
export async function handshake(
  serve: readonly string[],
  connect: readonly string[],
): Promise<{ responder: Ended; initiator: Ended }> {
  const responder = start(['serve', '--listen', '127.0.0.1:0', '--once', '--json', ...serve]);
  const initiator = await pquake('connect', await responder.address, '--json', ...connect);
  return { initiator, responder: await responder.ended };
}

/** The only line of standard output, as JSON. */
export function resultOf({ stdout }: Ended): Record<string, unknown> {
  const lines = stdout.split('\n');
  if (lines.length !== 2 || lines[1] !== '') throw new Error(`not one line: ${JSON.stringify(stdout)}`);
  return JSON.parse(lines[0] ?? '');
}
