// Several processes on one port (node:cluster): the primary one starts them again when they crash, passes signals on, and ends with the worst status.
import cluster, { type Worker } from 'node:cluster';
import type { Clock } from '../../node/transport/lifetimes.ts';
import { type Backoff, waits } from './backoff.ts';

/** What happens to processes, for a log. They are numbered from 1. */
export type ProcessEvent =
  | { readonly event: 'started'; readonly process: number; readonly id: number | undefined }
  | { readonly event: 'ended'; readonly process: number; readonly reason: string }
  | { readonly event: 'restarting'; readonly process: number; readonly milliseconds: number };

export interface ProcessesOptions {
  /** How many; 1 is this one. */
  readonly processes: number;
  readonly onEvent?: ((event: ProcessEvent) => void) | undefined;
  readonly backoff?: Backoff | undefined;
  /** Milliseconds that processes have to end after a signal; then they are killed. Default 30,000. */
  readonly grace?: number | undefined;
  readonly random?: (() => number) | undefined;
}

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const numberVariable = 'PQUAKE_PROCESS';

/** The number of this process, from 1, as for the name of its record; `undefined` when it is the only one. */
export const processNumber = (environment: NodeJS.ProcessEnv = process.env): number | undefined =>
  cluster.isWorker ? Number(environment[numberVariable]) : undefined;

const after: Clock['after'] = (milliseconds, call) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};

interface Place {
  readonly number: number;
  worker: Worker | undefined;
  startedAt: number;
  readonly waits: ReturnType<typeof waits>;
  /** Takes back a restart that is planned. */
  takeBack: (() => void) | undefined;
  /** Whether it has listened once: from then on its end is a crash, and no fault of the configuration. */
  hasListened: boolean;
}

function primary(options: ProcessesOptions): Promise<number> {
  const { processes, onEvent = () => {}, backoff = {}, grace = 30_000, random = Math.random } = options;
  return new Promise((resolve) => {
    let [ending, worst] = [false, 0];
    let killLater = (): void => {};
    const places: Place[] = Array.from({ length: processes }, (_, at) => ({
      ...{ number: at + 1, worker: undefined, startedAt: 0, waits: waits(backoff, random) },
      ...{ takeBack: undefined, hasListened: false },
    }));

    function start(place: Place): void {
      place.takeBack = undefined;
      const worker = cluster.fork({ [numberVariable]: String(place.number) });
      place.worker = worker;
      place.startedAt = performance.now();
      onEvent({ event: 'started', process: place.number, id: worker.process.pid });
      worker.on('listening', () => {
        place.hasListened = true;
      });
      worker.on('error', () => {}); // of a channel that has closed: its exit tells
      worker.on('exit', (status, signal) => over(place, status, signal));
    }

    function over(place: Place, status: number | null, signal: string | null): void {
      place.worker = undefined;
      onEvent({ event: 'ended', process: place.number, reason: signal ?? `status ${status}` });
      const isCrash = !ending && place.hasListened && status !== 0;
      if (isCrash) {
        place.waits.lasted(performance.now() - place.startedAt);
        const milliseconds = place.waits.next();
        onEvent({ event: 'restarting', process: place.number, milliseconds });
        place.takeBack = after(milliseconds, () => start(place));
        return;
      }
      const isAsked = ending && passedOn.some((one) => one === signal); // it had not begun to listen for signals
      worst = Math.max(worst, status ?? (isAsked ? 0 : 1));
      if (!ending && status !== 0) end('SIGTERM'); // it could not begin, and the others will not do better
      finishIfOver();
    }

    function finishIfOver(): void {
      if (places.some(({ worker, takeBack }) => worker !== undefined || takeBack !== undefined)) return;
      killLater();
      for (const signal of passedOn) process.off(signal, onSignal);
      resolve(worst);
    }

    function end(signal: NodeJS.Signals): void {
      if (!ending) {
        ending = true;
        for (const place of places) {
          place.takeBack?.();
          place.takeBack = undefined;
        }
        killLater = after(grace, () => pass('SIGKILL'));
      }
      pass(signal);
      finishIfOver();
    }

    const pass = (signal: NodeJS.Signals): void => {
      for (const { worker } of places) worker?.process.kill(signal);
    };
    const onSignal = (signal: NodeJS.Signals): void => (signal === 'SIGHUP' ? pass(signal) : end(signal));

    // Only one of several could ask at a terminal.
    cluster.setupPrimary({ stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    for (const place of places) start(place);
    for (const signal of passedOn) process.on(signal, onSignal);
  });
}

/**
 * Runs a server in several processes, which share its port. `run` listens, and is fulfilled with its exit status when it has ended; it is
 * called in each of them, or in this one when there is only one. Processes have no standard input. Each has its own limits, rates and record (`processNumber`).
 * @returns the exit status: of the primary process the worst of all
 */
export async function runProcesses(options: ProcessesOptions, run: () => Promise<number>): Promise<number> {
  if (cluster.isWorker) {
    try {
      return await run();
    } finally {
      cluster.worker?.disconnect(); // the channel to the primary process would keep this one, also when it could not begin
    }
  }
  return options.processes <= 1 ? await run() : await primary(options);
}
