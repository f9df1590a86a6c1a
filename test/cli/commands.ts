// Runs the command line as a person would: one process for each command.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Where it listens. */
  readonly address: Promise<string>;
  readonly ended: Promise<Ended>;
}

export function start(words: readonly string[]): Running {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
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
  return { child, address, ended };
}

export const pquake = (...words: readonly string[]): Promise<Ended> => start(words).ended;

/** A responder for one handshake, and an initiator that connects to it. */
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
