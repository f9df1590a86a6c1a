// The workers of a listener: who computes which handshake, in whose turn, and what becomes of it when a worker ends.
import type { Worker } from 'node:worker_threads';
import { ConfigurationError } from '../../../configuration.ts';
import { wipe } from '../../../crypto/secret.ts';
import type { Suite } from '../../../crypto/suite.ts';
import { limits } from '../../../limits.ts';
import { type FairQueue, fairQueue } from '../fairQueue.ts';
import type { Renewable } from '../tcpOptions.ts';
import type { FromWorker, ToWorker, WorkerSetting } from './messages.ts';
import { type Handler, type RemoteHandshake, remoteHandshake } from './remote.ts';
import { type Given, given } from './shared.ts';
import { startWorker } from './worker.ts';
import { WorkerError } from './workerError.ts';

/** Pieces of work that are with a worker at one time: one that it computes, and the next one. Others wait in fair turn. */
const window = 2;

/** Milliseconds until a worker that ended is replaced: at first, and at most, as it doubles until one has lived for the last. */
const restart = { first: 100, longest: 10_000, lived: 10_000 } as const;

/** Milliseconds until a worker that was told to end is ended. */
const endWait = 2_000;

export interface PoolOptions {
  readonly suite: Suite;
  /** How many workers. */
  readonly workers: number;
  /** Told of a worker that ended by itself; its handshakes are told apart. */
  readonly onError: (error: WorkerError) => void;
}

/** Workers that compute handshakes of responders. */
export interface Pool {
  /** Gives options to all workers. @throws ConfigurationError for a decapsulation key that cannot leave this thread */
  readonly configure: (value: Renewable) => void;
  /** Has the workers wipe options that no handshake uses any more. */
  readonly retire: (value: Renewable) => void;
  /** Fulfilled when all workers have taken the options. Rejects with a ConfigurationError when one cannot. */
  readonly ready: () => Promise<void>;
  /** A handshake with options that were given before. */
  readonly responder: (value: Renewable, time: Date) => RemoteHandshake;
  /** Wipes what the workers have, and ends them. */
  readonly close: () => Promise<void>;
}

interface Slot {
  worker: Worker | undefined;
  isUp: boolean;
  readonly queue: FairQueue;
  /** Pieces of work that are with the worker. */
  busy: number;
  readonly handlers: Map<number, Handler>;
  startedAt: number;
  wait: number;
  timer: NodeJS.Timeout | undefined;
}

/** @throws ConfigurationError */
export function checkWorkers(workers: number | undefined): void {
  if (workers === undefined || (Number.isInteger(workers) && workers >= 1 && workers <= limits.workers)) return;
  throw new ConfigurationError(`workers: a whole number from 1 to ${limits.workers}, not ${workers}`);
}

/** Starts workers. They take options before they are ready. */
export function workerPool({ suite, workers, onError }: PoolOptions): Pool {
  const setting: WorkerSetting = { kind: 'pquake handshakes', backEnd: suite.name, suite: suite.algorithms.name };
  const configurations = new Map<Renewable, { readonly id: number; readonly given: Given }>();
  const slots: Slot[] = Array.from({ length: workers }, () => ({
    ...{ worker: undefined, isUp: false, queue: fairQueue(), busy: 0, handlers: new Map<number, Handler>() },
    ...{ startedAt: 0, wait: 0, timer: undefined },
  }));
  const waiting: { readonly taken: () => void; readonly refused: (error: Error) => void }[] = [];
  let [configured, begun, closing] = [0, 0, false];

  function post({ worker }: Slot, message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    worker?.postMessage(message, [...transfer]);
  }

  function giveTo(slot: Slot, id: number, one: Given): void {
    const { options, transfer } = one.share();
    post(slot, { kind: 'configure', configuration: id, options }, transfer);
  }

  /** Gives a worker what is next, as far as it can take it. */
  function pump(slot: Slot): void {
    while (slot.isUp && slot.busy < window) {
      const next = slot.queue.next();
      if (next === undefined) return;
      next();
    }
  }

  function takeProgress(slot: Slot, id: number, handle: (handler: Handler) => void): boolean {
    slot.busy -= 1;
    const handler = slot.handlers.get(id);
    if (handler !== undefined) handle(handler);
    pump(slot);
    return handler !== undefined;
  }

  function onMessage(slot: Slot, message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        return;
      case 'configured':
        slot.isUp = true;
        if (message.refused === undefined) for (const { taken } of waiting) taken();
        else for (const { refused } of waiting) refused(new ConfigurationError(`workers: ${message.refused}`));
        pump(slot);
        return;
      case 'progress': {
        const { handshake, progress } = message;
        const isKnown = takeProgress(slot, handshake, (handler) => handler.progress(progress));
        if (!isKnown && progress.outcome.status === 'completed') wipe(progress.outcome.sessionKey);
        return;
      }
      case 'threw': {
        const { handshake, reason } = message;
        takeProgress(slot, handshake, (handler) => handler.lost(new WorkerError('worker-threw', reason)));
      }
    }
  }

  function onExit(slot: Slot, why: unknown): void {
    const wasStarting = !slot.isUp;
    Object.assign(slot, { worker: undefined, isUp: false, busy: 0 });
    if (closing) return;
    const reason = why instanceof Error ? why.message : `exit ${String(why)}`;
    const error = new WorkerError('worker-ended', `a worker that computes handshakes ended: ${reason}`, why);
    const lived = performance.now() - slot.startedAt;
    slot.wait = lived >= restart.lived || slot.wait === 0 ? restart.first : Math.min(2 * slot.wait, restart.longest);
    slot.timer = setTimeout(() => begin(slot), slot.wait).unref();
    for (const handler of slot.handlers.values()) handler.lost(error);
    slot.handlers.clear();
    if (wasStarting) for (const { refused } of waiting) refused(error);
    onError(error);
  }

  function begin(slot: Slot): void {
    const worker = startWorker(setting);
    let failed: unknown;
    slot.worker = worker;
    slot.startedAt = performance.now();
    worker.on('message', (message: FromWorker) => onMessage(slot, message));
    worker.once('error', (error) => {
      failed = error;
    });
    worker.once('exit', (code) => onExit(slot, failed ?? code));
    for (const { id, given: one } of configurations.values()) giveTo(slot, id, one);
  }

  /** The worker with the fewest handshakes, of those that run. */
  const leastLoaded = (): Slot =>
    slots.reduce((best, slot) => {
      if (slot.isUp !== best.isUp) return slot.isUp ? slot : best;
      return slot.handlers.size < best.handlers.size ? slot : best;
    });

  function responder(value: Renewable, time: Date): RemoteHandshake {
    const found = configurations.get(value);
    if (found === undefined) throw new TypeError('these options were not given to the workers');
    return remoteHandshake(suite, found.given, (handler) => {
      const slot = leastLoaded();
      begun += 1;
      const id = begun;
      let isBegun = false;
      slot.handlers.set(id, handler);
      const receive = (octets: Uint8Array): void => {
        if (slot.handlers.get(id) !== handler) return;
        const copy = Uint8Array.from(octets); // the stream's own array may be larger, and is its own
        const begin = isBegun ? {} : { begin: { configuration: found.id, time } };
        isBegun = true;
        slot.busy += 1;
        post(slot, { kind: 'receive', handshake: id, octets: copy, ...begin }, [copy.buffer]);
      };
      return {
        post: (key, further, octets) => {
          slot.queue.add(key, () => receive(octets), further);
          pump(slot);
        },
        leave: () => {
          if (slot.handlers.delete(id) && isBegun) post(slot, { kind: 'forget', handshake: id });
        },
      };
    });
  }

  function end(slot: Slot): Promise<void> {
    clearTimeout(slot.timer);
    const { worker } = slot;
    if (worker === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => void worker.terminate(), endWait);
      worker.ref();
      worker.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      post(slot, { kind: 'close' });
    });
  }

  for (const slot of slots) begin(slot);
  return {
    configure: (value) => {
      const one = given(suite, value);
      configured += 1;
      configurations.set(value, { id: configured, given: one });
      for (const slot of slots) if (slot.worker !== undefined) giveTo(slot, configured, one);
    },
    retire: (value) => {
      const found = configurations.get(value);
      configurations.delete(value);
      if (found !== undefined) for (const slot of slots) post(slot, { kind: 'retire', configuration: found.id });
    },
    ready: () =>
      new Promise<void>((resolve, reject) => {
        const taken = (): void => {
          if (slots.every(({ isUp }) => isUp)) resolve();
        };
        waiting.push({ taken, refused: reject });
        taken();
      }).then(() => void waiting.splice(0)),
    responder,
    close: async () => {
      closing = true;
      await Promise.all(slots.map(end));
    },
  };
}
