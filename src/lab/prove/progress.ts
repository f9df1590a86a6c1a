// The progress of the runs, on standard error: live on a terminal, plain lines elsewhere.
import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { note } from '../../node/terminal/output.ts';
import type { Outcome, Tool } from './model.ts';
import type { Work } from './pool.ts';
import { countOf, drawOutcome } from './report.ts';

export interface Progress {
  readonly start: (work: Work) => void;
  readonly end: (work: Work, outcome: Outcome) => void;
  /** Resolves when nothing more is drawn. Called after every model has ended. */
  readonly close: () => Promise<void>;
}

interface Counts {
  readonly found: Work['found'];
  readonly models: number;
  readonly running: Set<string>;
  ended: number;
  differing: number;
}

const plain: Progress = {
  start: () => {},
  end: (_, outcome) => {
    if (outcome.seconds > 0) note(drawOutcome(outcome));
  },
  close: async () => {},
};

const titleOf = ({ found, models, ended, differing }: Counts): string =>
  `${found.tool} ${found.version}: ${ended} of ${models} models${differing === 0 ? '' : `, ${differing} not as expected`}`;

function countsOf(works: readonly Work[]): Map<Tool, Counts> {
  const counts = new Map<Tool, Counts>();
  for (const { found } of works) {
    const models = works.filter((work) => work.found.tool === found.tool).length;
    counts.set(found.tool, { found, models, running: new Set(), ended: 0, differing: 0 });
  }
  return counts;
}

/** The view of a tool: the task of listr2, and how it ends. */
interface Drawn {
  readonly task: { title: string; output: string };
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

/** Draws the counts. The task ends with the last model, as a failure when a verdict was not expected. */
function draw(count: Counts, { task, finish, fail }: Drawn): void {
  task.title = titleOf(count);
  task.output = [...count.running].join(', ');
  if (count.ended < count.models) return;
  if (count.differing > 0) fail(new Error(titleOf(count)));
  else finish();
}

/** One line for each tool, and the models that run below it. */
function live(works: readonly Work[]): Progress {
  const counts = countsOf(works);
  const drawings = new Map<Tool, Drawn>();
  const tasks = [...counts].map(([tool, count]) => ({
    title: titleOf(count),
    task: (_: unknown, task: Drawn['task']): Promise<void> =>
      new Promise((finish, fail) => {
        drawings.set(tool, { task, finish, fail });
        draw(count, { task, finish, fail });
      }),
  }));
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const options = { concurrent: true, exitOnError: false, registerSignalListeners: false } as const;
  const ended = new Listr(tasks, { ...options, rendererOptions: { logger } }).run();
  const change = ({ found }: Work, alter: (count: Counts) => void): void => {
    const count = counts.get(found.tool);
    const drawn = drawings.get(found.tool);
    if (count !== undefined) alter(count);
    if (count !== undefined && drawn !== undefined) draw(count, drawn);
  };
  return {
    start: (work) => change(work, ({ running }) => running.add(work.assembled.model.id)),
    end: (work, outcome) =>
      change(work, (count) => {
        const { queries, expected } = countOf([outcome]);
        count.running.delete(work.assembled.model.id);
        count.ended += 1;
        if (expected < queries) count.differing += 1;
      }),
    close: async () => {
      await ended;
    },
  };
}

/** Live when standard error is a terminal of a person, wide enough. */
export function progressOf(works: readonly Work[]): Progress {
  const { isTTY, columns } = process.stderr;
  return isTTY && columns >= 40 && process.env['CI'] === undefined && works.length > 0 ? live(works) : plain;
}
