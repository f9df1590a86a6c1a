// Runs a tool on a file, with a time limit. The tool has a process group of its own, which can be ended as a whole.
import { endChild, startChild } from '../../node/temporary/child.ts';
import type { Query, Told, Verdict } from './model.ts';

/** How a run ended. */
export interface Ended {
  /** Exit status; null when a signal ended it, or it could not start. */
  readonly status: number | null;
  readonly stdout: string;
  /** Standard output, then standard error. */
  readonly output: string;
  /** Wall-clock time. */
  readonly seconds: number;
  /** The reason why it was stopped before its end; undefined when it was not. */
  readonly stopped?: string;
}

export interface Limits {
  readonly seconds: number;
  /** The words for a run whose time was over. */
  readonly because: string;
  /** Ends the run when it is aborted. */
  readonly signal: AbortSignal;
}

/** Runs `command words` in a directory. Never rejects: a tool that cannot start counts as one that ended with the reason. */
export function runTool(command: string, words: readonly string[], directory: string, limits: Limits): Promise<Ended> {
  const started = performance.now();
  const child = startChild(command, words, { cwd: directory });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  let stopped: string | undefined;
  const stop = (reason: string): void => {
    stopped ??= reason;
    endChild(child);
  };
  const interrupted = (): void => stop('interrupted');
  const timer = setTimeout(() => stop(limits.because), limits.seconds * 1000);
  limits.signal.addEventListener('abort', interrupted);
  if (limits.signal.aborted) interrupted();
  return new Promise((resolve) => {
    const end = (status: number | null, trouble = ''): void => {
      clearTimeout(timer);
      endChild(child);
      limits.signal.removeEventListener('abort', interrupted);
      const text = Buffer.concat(stdout).toString();
      const output = text + Buffer.concat(stderr).toString() + trouble;
      const seconds = (performance.now() - started) / 1000;
      resolve({ status, stdout: text, output, seconds, ...(stopped === undefined ? {} : { stopped }) });
    };
    child.once('error', (error) => end(null, error.message));
    child.once('close', (status) => end(status));
  });
}

/** One outcome for every query. */
export const everyone = (queries: readonly Query[], verdict: Verdict, detail: string): Told[] =>
  queries.map(({ id }) => ({ id, verdict, detail }));

/** The tool's own message: its last error with the place, else the end of its output. */
export function messageOf({ status, output }: Ended): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const at = lines.findLastIndex((line) => /\berror\b/i.test(line));
  const told = at < 0 ? lines.slice(-3) : lines.slice(/^File /.test(lines[at - 1] ?? '') ? at - 1 : at, at + 3);
  return `exit status ${status}: ${told.join(' ').slice(0, 500)}`;
}
