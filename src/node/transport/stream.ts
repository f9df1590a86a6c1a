// Carries one handshake over a byte stream. This module holds timers and the stream; the handshake has neither.

import type { Duplex } from 'node:stream';
import { ConfigurationError } from '../../configuration.ts';
import { type Failure, type FailureCode, failure } from '../../failure.ts';
import type { MessageName } from '../../generated/messages.ts';
import type { Handshake, PresentedCertificate, Progress } from '../../handshake/handshake.ts';
import type { Session } from '../../handshake/session.ts';
import { networkReason } from './networkErrors.ts';

/** Timeouts in milliseconds (PQ-3.6-05, PQ-P-40, PQ-P-41). */
export interface Timeouts {
  /** For each message, from the start of the wait until it is complete. Default 10,000. */
  readonly messageTimeout?: number | undefined;
  /** For the whole handshake. Default 30,000. */
  readonly handshakeTimeout?: number | undefined;
  /** For the first octet of the peer. Default `messageTimeout`, and 5,000 in `listen`. */
  readonly firstOctetTimeout?: number | undefined;
}

/** The longest time that a timer of Node keeps, in milliseconds. */
export const longestTimeout = 2 ** 31 - 1;

/** Refuses a timeout that a timer cannot keep. @throws ConfigurationError */
export function checkTimeouts({ messageTimeout, handshakeTimeout, firstOctetTimeout }: Timeouts): void {
  for (const [name, milliseconds] of Object.entries({ messageTimeout, handshakeTimeout, firstOctetTimeout })) {
    if (milliseconds === undefined || (milliseconds >= 1 && milliseconds <= longestTimeout)) continue;
    throw new ConfigurationError(`${name}: a timeout is 1 to ${longestTimeout} ms, not ${milliseconds}`);
  }
}

/** A message that crossed the wire. */
export interface Observation {
  readonly direction: 'sent' | 'received';
  readonly message: MessageName;
  /** Header and data. */
  readonly octets: number;
}

export interface StreamOptions extends Timeouts {
  /** Called for every message when it is sent or was received; for logs and ladders. */
  readonly onMessage?: ((observation: Observation) => void) | undefined;
  /** Runs the work that octets cause, once, in its turn; nothing is read meanwhile. Default at once. */
  readonly turn?: ((work: () => void, octets: Uint8Array) => void) | undefined;
  /** Is given what ends the handshake with an error that neither the peer nor the protocol caused. */
  readonly lost?: ((fail: (error: unknown) => void) => void) | undefined;
}

/** Stands outside of the handshake, as it stays on the stream: it would hold what it closes over. */
const ignore = (): void => {};

/** Octets on the wire, in both directions, and how long it took. */
interface Traffic {
  readonly sent: number;
  readonly received: number;
  /** Milliseconds of the handshake; of the attempt, when there was no connection. */
  readonly milliseconds: number;
}

/** How a handshake over a stream ended. */
export type HandshakeResult<S> =
  | ({ readonly ok: true; readonly session: Session; readonly stream: S } & Traffic)
  | ({
      readonly ok: false;
      readonly failure: Failure;
      /** What the peer's certificate states, if it came and could be read. For the local log: nobody may vouch for it. */
      readonly presented?: PresentedCertificate;
    } & Traffic);

/**
 * Runs a handshake over a stream. After success the stream is paused and belongs to the application; octets after the
 * last message are put back on it. After a failure nothing more is sent and the stream is closed (PQ-P-02). The peer
 * cannot make the promise reject. When `onMessage` or the handshake itself throws, the handshake is aborted and its
 * secrets are wiped, nothing more is sent, the stream is destroyed, all timers are cleared, and the promise rejects
 * with that error. The same happens when the predicate `expectedPeer` throws, but the peer still receives the same as
 * when it is not the expected one. When `onMessage` calls `fail` of the handshake, nothing more is sent either, and the
 * promise fulfils with that failure; a session that was already released is wiped.
 *
 * With `afterwards: 'refuse'`, octets that came together with the last message are refused. The session is released at
 * that moment and cannot be taken back, so octets that come later change nothing. Whoever closes the stream discards
 * them unread.
 * @throws ConfigurationError for a timeout that a timer cannot keep
 */
export function handshakeOver<S extends Duplex>(
  stream: S,
  handshake: Handshake,
  options: StreamOptions = {},
): Promise<HandshakeResult<S>> {
  checkTimeouts(options);
  const { messageTimeout = 10_000, handshakeTimeout = 30_000, firstOctetTimeout, onMessage, turn, lost } = options;
  const traffic = { sent: 0, received: 0 };
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    let messageTimer: NodeJS.Timeout | undefined;
    let ended = false;
    const abortWith = (code: FailureCode, detail?: string) => (): void => step(() => handshake.fail(code, detail));
    const handshakeTimer = setTimeout(abortWith('handshake-timeout', `${handshakeTimeout} ms`), handshakeTimeout);
    const firstOctetTimer = firstOctetTimeout === undefined ? undefined : setTimeout(onSilence, firstOctetTimeout);

    const onData = (chunk: Uint8Array): void => {
      clearTimeout(firstOctetTimer);
      traffic.received += chunk.length;
      if (turn === undefined) step(() => handshake.receive(chunk));
      else waitForTurn(turn, chunk);
    };
    const onEnd = (): void => end(abortWith('connection-closed', 'the peer ended it'), true);
    const onClose = (): void => end(abortWith('connection-closed'), ending !== undefined);
    const onError = (error: NodeJS.ErrnoException): void =>
      end(() => step(() => handshake.fail('connection-closed', networkReason(error))), error.code !== undefined);
    let waiting = false;
    let ending: (() => void) | undefined;

    /**
     * Ends the run. Octets may still wait for their turn: then an event that the peer caused takes effect after them.
     */
    function end(act: () => void, byPeer: boolean): void {
      if (waiting && byPeer) ending ??= act;
      else act();
    }

    /** Reads once more before the peer is judged: a busy process may have left octets in the socket. */
    function onSilence(): void {
      setImmediate(() => {
        if (traffic.received > 0 || ended) return;
        step(() => handshake.fail('message-timeout', `no octet in ${firstOctetTimeout} ms`));
      });
    }

    function waitForTurn(take: NonNullable<typeof turn>, chunk: Uint8Array): void {
      stream.pause();
      waiting = true;
      take(() => {
        waiting = false;
        if (ended) return;
        step(() => handshake.receive(chunk));
        if (ended) return;
        if (ending === undefined) stream.resume();
        else ending();
      }, chunk);
    }

    /** Runs a step that calls code of the application. An error of it ends this handshake and nothing else. */
    function step(advance: () => Progress): void {
      if (ended) return;
      let progress: Progress | undefined;
      try {
        progress = advance();
        act(progress);
      } catch (error) {
        finish();
        forget(handshake, progress);
        stream.destroy();
        reject(error);
      }
    }

    function restartMessageTimer(awaited: MessageName): void {
      clearTimeout(messageTimer);
      messageTimer = setTimeout(abortWith('message-timeout', `${awaited}, ${messageTimeout} ms`), messageTimeout);
    }

    /** Writes a flight at once, as messages that are sent together should travel together. */
    function write(send: Progress['send']): void {
      const flight = Buffer.concat(send.map((one) => one.octets));
      traffic.sent += flight.length;
      if (flight.length > 0) stream.write(flight);
      for (const { message, octets } of send) onMessage?.({ direction: 'sent', message, octets: octets.length });
    }

    function act({ received, send, outcome: reached }: Progress): void {
      for (const { message, octets } of received) onMessage?.({ direction: 'received', message, octets });
      // A callback may have failed the handshake before or after its flight is sent. A flight may also come with a
      // failure of the handshake itself.
      if (reached.status === 'failed' || handshake.standing().status !== 'failed') write(send);
      const outcome = handshake.standing();
      if (outcome.status === 'awaiting') {
        if (received.length > 0 || messageTimer === undefined) restartMessageTimer(outcome.message);
        return;
      }
      finish();
      if (outcome.status === 'failed') {
        if (reached.status === 'completed') reached.session.wipe();
        close(stream);
        if ('cause' in outcome) {
          reject(outcome.cause);
          return;
        }
        const { failure: why, presented } = outcome;
        resolve({ ok: false, failure: why, ...(presented && { presented }), ...traffic, milliseconds: since(begun) });
        return;
      }
      stream.pause();
      if (outcome.rest.length > 0) stream.unshift(outcome.rest);
      resolve({ ok: true, session: outcome.session, stream, ...traffic, milliseconds: since(begun) });
    }

    function finish(): void {
      ended = true;
      clearTimeout(firstOctetTimer);
      clearTimeout(messageTimer);
      clearTimeout(handshakeTimer);
      stream.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError);
      // After the end, errors of the transport no longer concern the handshake. Without a listener they would end the
      // process.
      stream.on('error', ignore);
    }

    stream.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError);
    lost?.((error) =>
      step(() => {
        throw error;
      }),
    );
    step(handshake.start);
    if (stream.destroyed) onClose(); // its close event may be over already
  });
}

/** Wipes the secrets of a handshake that cannot go on. */
function forget(handshake: Handshake, progress: Progress | undefined): void {
  if (progress?.outcome.status === 'completed') progress.outcome.session.wipe();
  try {
    handshake.fail('connection-closed'); // this wipes the state that it leaves
  } catch {
    // The handshake was not started, or throws again. The first error is the one reported.
  }
}

/** Closes a stream when everything is written. A peer that neither reads nor closes cannot keep it open. */
export function close(stream: Duplex): void {
  if (stream.writableLength === 0) {
    stream.destroy();
    return;
  }
  setTimeout(() => stream.destroy(), 1_000).unref();
  stream.resume();
  stream.end(() => stream.destroy());
}

/** The failure of a connection that never came about. */
export const neverConnected = (detail: string, begun: number): HandshakeResult<never> => ({
  ok: false,
  failure: failure('connection-closed', 1, detail),
  sent: 0,
  received: 0,
  milliseconds: since(begun),
});

/** Whole milliseconds since a time of the monotonic clock. */
const since = (begun: number): number => Math.round(performance.now() - begun);
