// Runs assembled models, several at a time, within a total time.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileName } from './assemble.ts';
import type { Assembled, Outcome } from './model.ts';
import { everyone, runTool } from './runTool.ts';
import { type Found, kinds } from './tools.ts';

/** A model and the tool that is to run on it. */
export interface Work {
  readonly assembled: Assembled;
  readonly found: Found;
}

export interface PoolOptions {
  /** Where the assembled models are written. */
  readonly directory: string;
  /** Whether the output of the provers is written there too. */
  readonly keep: boolean;
  readonly jobs: number;
  /** Milliseconds for all runs together. */
  readonly budget?: number | undefined;
  readonly signal: AbortSignal;
  readonly onStart: (work: Work) => void;
  readonly onEnd: (work: Work, outcome: Outcome) => void;
}

async function runOne({ assembled, found }: Work, options: PoolOptions, left: number): Promise<Outcome> {
  const { model, text, queries } = assembled;
  const name = fileName(model);
  const kind = kinds[model.tool];
  writeFileSync(join(options.directory, name), text);
  const ofBudget = left < model.seconds;
  const limits = {
    seconds: Math.min(left, model.seconds),
    because: ofBudget ? 'stopped: budget over' : `stopped after ${model.seconds} s`,
    signal: options.signal,
  };
  const ended = await runTool(found.command, kind.words(name, found.libraryFile), options.directory, limits);
  if (options.keep) writeFileSync(join(options.directory, `${name}.out`), ended.output);
  return { assembled, source: 'run', seconds: ended.seconds, told: kind.read(queries, ended, text) };
}

const notStarted = (assembled: Assembled, why: string): Outcome => ({
  assembled,
  source: 'run',
  seconds: 0,
  told: everyone(assembled.queries, 'timeout', `not started: ${why}`),
});

/** Runs all, in this order; resolves when every run has ended. Each outcome is told once, as soon as it is known. */
export async function runAll(works: readonly Work[], options: PoolOptions): Promise<void> {
  const { budget = Number.POSITIVE_INFINITY, jobs, signal } = options;
  const started = performance.now();
  const queue = works.values();
  const worker = async (): Promise<void> => {
    for (const work of queue) {
      const left = (budget - (performance.now() - started)) / 1000;
      const late = signal.aborted ? 'interrupted' : left <= 0 ? 'budget over' : undefined;
      if (late === undefined) options.onStart(work);
      const outcome = late === undefined ? await runOne(work, options, left) : notStarted(work.assembled, late);
      options.onEnd(work, outcome);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}
