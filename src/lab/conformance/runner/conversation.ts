// One connection of the tester with a peer. This module holds timers and the stream; the tester decides what is sent.
import type { Duplex } from 'node:stream';
import { concat } from '../../../octets.ts';
import type { Case, Piece } from '../case.ts';
import type { Observation } from '../judge.ts';
import type { Tester } from '../tester.ts';
import { afterDeadline } from './deadline.ts';

/** Waiting times, in milliseconds. */
export interface Patience {
  /** Until a spawned peer accepts a connection, or connects. */
  readonly start: number;
  /** Until a peer answers, and until it closes after a fault. */
  readonly deadline: number;
  /** Until a peer gives up on a message that does not come, and until a peer that closed its connection ends. */
  readonly stall: number;
  /** How long a message is held back to see that the peer sends nothing. */
  readonly quiet: number;
}

/** Extra time, so that a peer that gives up exactly at the end of a stall is in time. */
const slack = 500;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The step of the time from the tester's last octet to the peer's end. */
export const step = 250;

/** Runs the tester on a connection until nothing more can be observed, then closes it. */
export async function converse(stream: Duplex, tester: Tester, test: Case, patience: Patience): Promise<Observation> {
  let closed: Observation['closed'];
  let turn = 0;
  let nudged = false;
  let stopped = false;
  let acting = false;
  let waited = 0;
  let steps = 0;
  let put: Uint8Array = new Uint8Array();
  let stopwatch: NodeJS.Timeout | undefined;
  let callOff: () => void = () => {};
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const { expected } = test;
  const lastTurn = expected.outcome === 'refuses' ? expected.at : 4;
  const most = expected.outcome === 'refuses' ? expected.sendsAtMost : 4;
  const over = (how: 'end' | 'reset') => (): void => {
    closed ??= how;
    finish();
  };

  /** Counts the time since the last octet of the tester. */
  function count(): void {
    stopwatch ??= setTimeout(() => {
      stopwatch = undefined;
      steps += 1;
      count();
    }, step);
  }

  /** Sets the deadline for the next act of the peer. */
  function wait(milliseconds: number, then: () => void): void {
    callOff();
    waited = milliseconds;
    callOff = afterDeadline(milliseconds, then);
  }

  function write(octets: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (closed !== undefined || !stream.writable) resolve();
      // A write may never complete when the peer does not read. The observation of the peer ends the case then.
      else stream.write(octets, () => setImmediate(resolve));
    });
  }

  const pauseOf = (piece: Piece): number => {
    if (typeof piece === 'string' || piece instanceof Uint8Array) return 0;
    return piece.pause === 'quiet' ? patience.quiet : piece.pause;
  };

  async function perform(piece: Piece): Promise<void> {
    if (piece === 'stop') stopped = true;
    else if (piece === 'end') {
      stopped = true;
      stream.end();
    } else if (piece instanceof Uint8Array) await Promise.race([write(piece), finished]);
    else await Promise.race([sleep(pauseOf(piece)), finished]);
  }

  /** Sends every message that is due. */
  async function act(): Promise<void> {
    if (acting) return;
    acting = true;
    for (let doing = tester.next(nudged); doing !== undefined && !stopped; doing = tester.next(nudged)) {
      callOff();
      turn = doing.turn;
      if (test.stall) wait(patience.stall + slack, finish); // a peer may give up on a message while octets of it still come
      put = new Uint8Array();
      for (const piece of doing.pieces) {
        if (closed !== undefined) break;
        if (piece instanceof Uint8Array) put = concat(put, piece);
        if (!test.stall) wait(2 * patience.deadline + pauseOf(piece), finish); // a peer that does not read stops the writes
        await perform(piece);
      }
    }
    acting = false;
    if (closed === undefined) expectMore();
  }

  function expectMore(): void {
    const { status } = tester.standing();
    const silent = stopped || turn >= lastTurn;
    if (silent) count();
    if (silent && test.stall) return;
    if (status === 'completed' && turn === 4 && expected.outcome !== 'refuses') finish();
    else if (!silent && tester.holding()) wait(Math.min(2_000, patience.deadline / 2), nudge);
    else if (status === 'failed' && !silent && test.unverifiable === undefined) finish();
    else wait(silent ? patience.deadline : 2 * patience.deadline, finish);
  }

  function nudge(): void {
    nudged = true;
    void act();
  }

  stream.on('data', (chunk: Uint8Array) => {
    if (closed !== undefined) return;
    tester.receive(chunk);
    const { stray, messages } = tester.framed();
    if (stray !== undefined || messages.length > most) finish();
    else void act();
  });
  stream.on('end', over('end')).on('close', over('end')).on('error', over('reset'));
  tester.start();
  void act();
  await finished;
  callOff();
  clearTimeout(stopwatch);
  await hangUp(stream, closed === undefined && expected.outcome !== 'refuses', patience.quiet);
  const framed = tester.framed();
  const { standing, failedAt, fits } = {
    standing: tester.standing(),
    failedAt: tester.failedAt(),
    fits: tester.fits(),
  };
  return { framed, standing, failedAt, turn, closed, waited, nudged, put, since: steps * step, fits };
}

/** Closes a connection. After a completed handshake, first gives the peer time to read what was sent. */
async function hangUp(stream: Duplex, gently: boolean, quiet: number): Promise<void> {
  if (gently && !stream.destroyed) {
    stream.end();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, quiet);
      stream
        .once('end', resolve)
        .once('close', resolve)
        .once('error', () => resolve());
      stream.once('close', () => clearTimeout(timer));
    });
  }
  stream.destroy();
}

/** The field of the peer's message that must differ between two handshakes of a case. */
export function freshField({ fresh }: Case, { framed }: Observation): Uint8Array | undefined {
  if (fresh === undefined) return undefined;
  return framed.messages[fresh.turn - 1]?.subarray(fresh.from, fresh.to);
}
