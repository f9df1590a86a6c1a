// The protocol over a stream of octets, for either side: one message a line, in order, with back-pressure both ways.
import type { Duplex } from 'node:stream';
import type { AuthInfo, JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/server';
import { match } from 'ts-pattern';
import type { Message } from '../contract.ts';
import { FramingError } from './framingError.ts';
import { type Id, idOf, isAnswer, kindOf, type MessageKind } from './message.ts';
import { cancelledBy, type PlacesOptions, places } from './places.ts';
import { type Framed, type SplitOptions, splitMessages } from './splitMessages.ts';

export interface StreamTransportOptions extends SplitOptions, PlacesOptions {
  /** Who sent a message: asked at each, and given to handlers with it. */
  readonly authInfo?: (() => AuthInfo) | undefined;
  /** Milliseconds for which a closed connection waits for the peer to close too. Default 2,000. */
  readonly closeTimeout?: number | undefined;
}

/** The stream, or how to open it. */
export type StreamSource = Duplex | (() => Promise<Duplex>);

/** Code of the answer to a request that has no place and cannot wait: an implementation's own, by the specification. */
export const busyCode = -32_010;
/** JSON-RPC 2.0: invalid request. */
const invalidRequest = -32_600;
/** For how long a cancelled request holds its place when no answer comes. */
const cancelledHolds = 1_000;

/** Requests that are delivered in one turn of the event loop, or results. */
const mostTogether = 16;

const newline = 0x0a;

type Delivery = NonNullable<Transport['onmessage']>;

/** The octets of a message with its newline. Not joined as text, which would be copied once more. */
function lineOf(message: JSONRPCMessage): Buffer {
  const text = JSON.stringify(message);
  const octets = Buffer.allocUnsafe(Buffer.byteLength(text) + 1);
  octets[octets.write(text)] = newline;
  return octets;
}

/** An error whose words and code say what happened to the connection. */
const closedError = (): Error => Object.assign(new Error('the connection is closed'), { code: 'connection-closed' });

/**
 * Makes a transport of the SDK over a stream. A notification has a turn of the event loop of its own, so that a progress report is handled
 * before the answer behind it; requests that stand together share one, and so do results. `send` resolves when the stream has taken the
 * message. A stream that is not what it must be is destroyed with a `FramingError`, which `onerror` is told of. It has no session id: a client
 * would take the connection for an old one and not introduce itself.
 * @throws ConfigurationError for limits that cannot work
 */
export function streamTransport(source: StreamSource, options: StreamTransportOptions = {}): Transport {
  const splitter = splitMessages(options);
  const seats = places(options);
  const asked = new Set<Id>(); // our requests that wait for answers
  const cancelled = new Map<Id, NodeJS.Timeout>(); // requests under way that the peer cancelled
  let stream: Duplex | undefined;
  let state: 'new' | 'open' | 'closed' = 'new';
  let ended = false;
  let turn: { readonly kind: MessageKind; count: number } | undefined; // delivered in this turn of the event loop
  let held: Framed | undefined; // found no room, or has to wait for the next turn

  const stalled = (): boolean => stream?.writableNeedDrain === true;

  function ending(error?: Error): void {
    if (state === 'closed') return;
    state = 'closed';
    for (const timer of cancelled.values()) clearTimeout(timer);
    if (error !== undefined) transport.onerror?.(error);
    transport.onclose?.();
  }

  function fail(error: Error): void {
    stream?.destroy(error);
    ending(error);
  }

  /** The peer's direction has ended: what is under way is answered first, unless it waits for the peer. */
  function endWhenAnswered(): void {
    if (!ended || state !== 'open') return;
    if (asked.size === 0 && seats.underWay() + seats.waiting() > 0) return;
    void transport.close();
  }

  function refuse(id: Id, code: number, message: string): void {
    transport.send({ jsonrpc: '2.0', id, error: { code, message } }).catch(() => {});
  }

  function noMessage(error: FramingError): void {
    if (error.code !== 'message-unpaired-surrogate') {
      fail(error);
      return;
    }
    transport.onerror?.(error);
    if (error.id !== undefined) refuse(error.id, invalidRequest, error.message);
  }

  function deliver({ message, kind, id }: Framed): void {
    turn ??= { kind, count: 0 };
    turn.count += 1;
    if (isAnswer({ kind }) && id !== undefined) asked.delete(id);
    const ofCancelled = cancelledBy(message);
    if (ofCancelled !== undefined) releaseLater(ofCancelled);
    const { authInfo } = options;
    (transport.onmessage as Delivery | undefined)?.(
      message as unknown as JSONRPCMessage,
      authInfo && { authInfo: authInfo() },
    );
  }

  function release(id: Id): void {
    clearTimeout(cancelled.get(id));
    cancelled.delete(id);
    seats.release(id);
  }

  function releaseLater(id: Id): void {
    if (!seats.holds(id) || cancelled.has(id)) return;
    const late = (): void => {
      release(id);
      pump();
    };
    cancelled.set(id, setTimeout(late, cancelledHolds).unref());
  }

  /** Whether a message of this kind may be delivered in this turn, behind what was. */
  const mayFollow = (kind: MessageKind): boolean =>
    turn === undefined || (kind === turn.kind && kind !== 'notification' && turn.count < mostTogether);

  /** Handles what came. @returns whether there may be more in this turn */
  function handle(one: Framed): boolean {
    const offered = seats.offer(one, stalled());
    if (offered === 'deliver') {
      deliver(one);
      return true;
    }
    return match(offered)
      .with('waits', 'withdrawn', () => true)
      .with('repeated', () => {
        fail(new FramingError('message-not-json-rpc', 'the id of a request that is under way was used again'));
        return false;
      })
      .with('full', () => {
        // While handlers wait for answers of this peer, reading must go on.
        if (asked.size > 0 && one.id !== undefined) refuse(one.id, busyCode, 'Too many requests are under way');
        else held = one;
        return held === undefined;
      })
      .exhaustive();
  }

  /** Takes one thing. @returns whether there may be more in this turn */
  function step(): boolean {
    const waited = mayFollow('request') ? seats.next(stalled()) : undefined;
    if (waited !== undefined) {
      deliver(waited);
      return true;
    }
    const one = held ?? splitter.next();
    held = undefined;
    if (one === undefined) return false;
    if (!one.ok) {
      noMessage(one.error);
      return true;
    }
    if (mayFollow(one.kind)) return handle(one);
    held = one;
    return false;
  }

  function pump(): void {
    if (state !== 'open' || turn !== undefined) return;
    while (step()) if (state !== 'open') return;
    if (turn !== undefined)
      setImmediate(() => {
        turn = undefined;
        pump();
      });
    if (splitter.ready() || held !== undefined) stream?.pause();
    else if (stream?.isPaused() === true) stream.resume();
    if (turn === undefined && !splitter.ready()) endWhenAnswered();
  }

  function listenTo(opened: Duplex): void {
    opened.on('data', (chunk: Buffer) => {
      if (state !== 'open') return;
      splitter.push(chunk);
      pump();
    });
    opened.on('end', () => {
      const error = splitter.end();
      if (error !== undefined) fail(error);
      ended = true;
      pump();
    });
    opened.on('drain', pump);
    opened.on('error', (error) => ending(error));
    opened.on('close', () => ending());
  }

  const written = (opened: Duplex, octets: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      opened.write(octets, (error) => (error ? reject(error) : resolve()));
    });

  const transport: Transport = {
    start: async () => {
      if (state !== 'new' || stream !== undefined) throw new Error('this transport was started before');
      try {
        const opened = typeof source === 'function' ? await source() : source;
        stream = opened;
        if (state !== 'new' || opened.destroyed) throw opened.errored ?? closedError();
        state = 'open';
        listenTo(opened);
      } catch (error) {
        state = 'closed';
        stream?.on('error', () => {}).destroy();
        throw error;
      }
    },
    send: async (message: JSONRPCMessage, _options?: TransportSendOptions) => {
      if (stream === undefined || state !== 'open') throw closedError();
      const sent = message as unknown as Message;
      const [kind, id, withdrawn] = [kindOf(sent), idOf(sent), cancelledBy(sent)];
      if (kind === 'request' && id !== undefined) asked.add(id);
      if (withdrawn !== undefined) asked.delete(withdrawn);
      try {
        await written(stream, lineOf(message));
      } finally {
        if (isAnswer({ kind }) && id !== undefined) release(id);
        pump();
      }
    },
    close: async () => {
      const opened = stream;
      ending();
      if (opened === undefined || opened.destroyed) return;
      const { closeTimeout = 2_000 } = options;
      const late = setTimeout(() => opened.destroy(), closeTimeout);
      opened.once('close', () => clearTimeout(late)).resume();
      await new Promise<void>((resolve) => {
        opened.once('close', resolve);
        opened.end(resolve);
      });
    },
  };
  return transport;
}
