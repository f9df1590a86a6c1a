// A host's stream that outlives the connections to its server: newline-delimited JSON on both sides.
import { Duplex } from 'node:stream';
import type { Clock } from '../../node/transport/lifetimes.ts';
import { encode, errorToUnread } from '../gate/index.ts';
import type { FramingCode } from '../transport/framingError.ts';
import type { PeerIdentity } from '../transport/principal.ts';
import { longestMessage, type MessageSplitter, splitMessages } from '../transport/splitMessages.ts';
import type { EndCode } from './healing.ts';
import { type Effect, type ReconnectionOptions, reconnection } from './reconnection.ts';

/** A connection that was opened, or why there is none. */
export type Dialled =
  | { readonly ok: true; readonly stream: Duplex; readonly identity: PeerIdentity }
  | { readonly ok: false; readonly code: EndCode | string; readonly message: string };

/** What happens to the connection, for a log. */
export type ReconnectingEvent =
  | { readonly event: 'connected'; readonly identity: PeerIdentity }
  | { readonly event: 'waiting'; readonly milliseconds: number; readonly code: string; readonly message: string }
  /** No further attempt is made. */
  | { readonly event: 'given up'; readonly code: EndCode | string; readonly message: string }
  /** A line of the server is none, and is skipped. */
  | { readonly event: 'no message'; readonly code: FramingCode; readonly message: string };

export interface ReconnectingOptions
  extends Pick<ReconnectionOptions, 'expected' | 'backoff' | 'again' | 'whenOver' | 'answerAfter'> {
  /** Opens a connection. A rejection ends the client with its error. */
  readonly dial: () => Promise<Dialled>;
  /** A number from 0 up to 1, without 1. Default `Math.random`: nothing secret hangs on it. */
  readonly random?: (() => number) | undefined;
  /** Default the clock of the system. */
  readonly clock?: Pick<Clock, 'after'> & { readonly milliseconds: () => number };
  /** Octets of a message. Default 4 MiB. */
  readonly longest?: number | undefined;
  readonly onEvent?: ((event: ReconnectingEvent) => void) | undefined;
}

/** The client has ended: no attempt would succeed. */
export class ReconnectingError extends Error {
  override readonly name = 'ReconnectingError';
  /** Stable code: an `EndCode`, or one of a handshake (spec/README.md). */
  readonly code: EndCode | string;

  constructor(code: EndCode | string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The messages, and lines that are none, that are whole with a chunk. */
function* messagesIn(splitter: MessageSplitter, chunk: Buffer) {
  splitter.push(chunk);
  for (let one = splitter.next(); one !== undefined; one = splitter.next()) yield one;
}

const systemClock: NonNullable<ReconnectingOptions['clock']> = {
  milliseconds: () => performance.now(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Octets of the host's messages that wait for a connection. Beyond them nothing more is read of the host. */
export const mostWaiting = 262_144;

type Done = (error?: Error | null) => void;

/** The connection of the moment. */
interface Connection {
  readonly stream: Duplex;
  /** Forgets it: nothing of it is heard any more. */
  readonly drop: () => void;
}

/**
 * Makes the stream of a host: what it writes goes to the server, what it reads comes from there, over one connection after the other. It dials
 * at once. A request that was sent, and whose answer did not come before the connection was lost, is answered with an error
 * (-32011, `connection lost`): it may have taken effect, so it is not repeated. What was not sent yet waits for the next connection.
 * A session that began with `initialize` begins again there, with the same answer, or the stream is destroyed.
 * Destroyed with a `ReconnectingError` when no attempt would succeed, unless `whenOver` says otherwise, and for a message that is too long.
 */
export function reconnecting(options: ReconnectingOptions): Duplex {
  const { dial, random = Math.random, clock = systemClock, longest = longestMessage, onEvent = () => {} } = options;
  const { backoff, expected, again, whenOver, answerAfter } = options;
  const machine = reconnection({ random, backoff, expected, again, whenOver, answerAfter });
  const hostLines = splitMessages({ longest });
  let connection: Connection | undefined;
  let takeBack = (): void => {};
  let takeBackLate = (): void => {};
  let lateAt: number | undefined;
  let held: Done | undefined;
  let ending: ReconnectingError | undefined;

  function act(effects: readonly Effect[]): void {
    for (const effect of effects) perform(effect);
    watchLate();
    if (held === undefined || machine.waiting() > mostWaiting) return;
    const go = held;
    held = undefined;
    go();
  }

  /** Has requests answered that wait for too long. */
  function watchLate(): void {
    const at = machine.lateAt();
    if (at === lateAt) return;
    takeBackLate();
    lateAt = at;
    if (at === undefined) return;
    takeBackLate = clock.after(Math.max(0, at - clock.milliseconds()), () => {
      lateAt = undefined;
      act(machine.late(clock.milliseconds()));
    });
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case 'dial':
        dialNow();
        return;
      case 'wait': {
        const { milliseconds, code, message } = effect;
        onEvent({ event: 'waiting', milliseconds, code, message });
        takeBack = clock.after(milliseconds, () => act(machine.wake()));
        return;
      }
      case 'send':
        send(effect.line);
        return;
      case 'tell':
        if (!host.destroyed && !host.push(Buffer.concat([effect.line, Buffer.from('\n')]))) connection?.stream.pause();
        return;
      case 'finish':
        connection?.stream.end();
        return;
      case 'end':
        host.push(null);
        return;
      case 'give up':
        onEvent({ event: 'given up', code: effect.code, message: effect.message });
        if (whenOver === 'answer') connection?.drop();
        else stop(new ReconnectingError(effect.code, effect.message));
    }
  }

  /** Ends with an error, once what the host was told before is read. */
  function stop(error: ReconnectingError): void {
    ending = error;
    connection?.drop();
    if (host.readableLength === 0) host.destroy(error);
    else host.once('end', () => host.destroy(error)).push(null);
  }

  function send(line: Buffer): void {
    const mine = connection;
    mine?.stream.write(Buffer.concat([line, Buffer.from('\n')]), (error) => {
      if (connection === mine && !error) act(machine.sent());
    });
  }

  function dialNow(): void {
    dial().then(
      (dialled) => {
        if (host.destroyed) {
          if (dialled.ok) dialled.stream.on('error', () => {}).destroy();
          return;
        }
        if (!dialled.ok) return act(machine.dialled(dialled, clock.milliseconds()));
        connection = watched(dialled.stream);
        onEvent({ event: 'connected', identity: dialled.identity });
        act(machine.dialled(dialled, clock.milliseconds()));
      },
      (error: Error) => host.destroy(error),
    );
  }

  function watched(stream: Duplex): Connection {
    const lines = splitMessages({ longest });
    const gone = (reason: string): void => {
      if (connection !== mine) return;
      mine.drop();
      act(machine.lost(reason, clock.milliseconds()));
    };
    const onData = (chunk: Buffer): void => {
      for (const one of messagesIn(lines, chunk)) {
        if (connection !== mine) return;
        if (one.ok) act(machine.fromServer(one));
        else if (one.error.code === 'message-too-long') tooLong('the server');
        else onEvent({ event: 'no message', code: one.error.code, message: one.error.message });
      }
    };
    const onEnd = (): void => gone('the server ended the connection');
    const onError = (error: Error): void => gone(error.message);
    const onClose = (): void => gone('the connection closed');
    const mine: Connection = {
      stream,
      drop: () => {
        connection = undefined;
        stream.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
        stream.on('error', () => {}).destroy();
      },
    };
    stream.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    return mine;
  }

  const tooLong = (whose: string): void =>
    void host.destroy(
      new ReconnectingError('message-too-long', `a message of ${whose} has more than ${longest} octets`),
    );

  const host: Duplex = new Duplex({
    read: () => void connection?.stream.resume(),
    write: (chunk: Buffer, _encoding, done: Done) => {
      if (ending !== undefined) return done(ending);
      const effects: Effect[] = [];
      for (const one of messagesIn(hostLines, chunk)) {
        if (one.ok) effects.push(...machine.fromHost(one, clock.milliseconds()));
        else if (one.error.code === 'message-too-long') return tooLong('the host');
        else effects.push({ do: 'tell', line: encode(errorToUnread(one.error)) });
      }
      held = done;
      act(effects);
    },
    final: (done: Done) => {
      act(machine.hostEnded());
      done();
    },
    destroy: (error, done) => {
      takeBack();
      takeBackLate();
      connection?.drop();
      done(error);
    },
  });
  act(machine.start());
  return host;
}
