// Commands whose standard input and output carry data: processes of their own, with octets instead of text.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { eventually } from '../waiting.ts';

export interface Piped {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly stdin: Writable;
  /** What came so far. */
  readonly stdout: () => Buffer;
  readonly stderr: () => string;
  /** Where it listens. */
  readonly address: () => Promise<string>;
  /** Fulfilled with its exit status, when its output has ended. */
  readonly ended: Promise<number | null>;
}

const running: Piped[] = [];

export function startPiped(...words: readonly string[]): Piped {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  let stderr = '';
  child.stdin.on('error', () => {}); // it may end before it has read all
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const address = (): Promise<string> =>
    eventually(() => {
      const [, at] = /^listening on (\S+)$/m.exec(stderr) ?? [];
      if (at === undefined) throw new Error(`does not listen: ${stderr}`);
      return at;
    });
  const one = { child, stdin: child.stdin, stdout: () => Buffer.concat(chunks), stderr: () => stderr, address, ended };
  running.push(one);
  return one;
}

/** After each test. */
export async function endPiped(): Promise<void> {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
}
