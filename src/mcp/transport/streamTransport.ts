// The protocol over a stream of octets, for either side: one message a line, in order, with back-pressure both ways.
import type { Duplex } from 'node:stream';
import type { AuthInfo, JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/server';
import { match } from 'ts-pattern';
import type { Message } from '../contract.ts';
import { FramingError } from './framingError.ts';
import { type Id, idOf, kindOf } from './message.ts';
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
 * Makes a transport of the SDK over a stream. It takes one message a turn of the event loop, so that a progress report is handled before the
 * answer behind it. `send` resolves when the stream has taken the message. A stream that is not what it must be is destroyed with a `FramingError`,
 * which `onerror` is told of. It has no session id: a client would take the connection for an old one and not introduce itself.
 * @throws ConfigurationError for limits that cannot work
 */
export function streamTransport(source: StreamSource, options: StreamTransportOptions = {}): Transport {
  const splitter = splitMessages(options);
  const seats = places(options);
  const asked = new Set<Id>(); // our requests that wait for answers
  const cancelled = new Map<Id, NodeJS.Timeout>(); // requests under way that the peer cancelled
  let stream: Duplex | undefined;
  let state: 'new' | 'open' | 'closed' = 'new';
  let [turnTaken, ended] = [false, false];
  let stuck: Framed | undefined; // found no room

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
    if ((kind === 'result' || kind === 'error') && id !== undefined) asked.delete(id);
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

  /** Handles what came. @returns whether a turn is used up */
  function handle(one: Framed): boolean {
    const offered = seats.offer(one, stalled());
    if (offered === 'deliver') {
      deliver(one);
      return true;
    }
    return match(offered)
      .with('waits', 'withdrawn', () => false)
      .with('repeated', () => {
        fail(new FramingError('message-not-json-rpc', 'the id of a request that is under way was used again'));
        return true;
      })
      .with('full', () => {
        // While handlers wait for answers of this peer, reading must go on.
        if (asked.size > 0 && one.id !== undefined) refuse(one.id, busyCode, 'Too many requests are under way');
        else stuck = one;
        return false;
      })
      .exhaustive();
  }

  /** Takes one thing. @returns whether there may be more in this turn */
  function step(): boolean {
    const waited = seats.next(stalled());
    if (waited !== undefined) {
      deliver(waited);
      turnTaken = true;
      return false;
    }
    if (stuck !== undefined) {
      const again = stuck;
      stuck = undefined;
      turnTaken = handle(again);
      return !turnTaken && stuck === undefined;
    }
    const one = splitter.next();
    if (one === undefined) return false;
    if (one.ok) turnTaken = handle(one);
    else noMessage(one.error);
    return !turnTaken && stuck === undefined;
  }

  function pump(): void {
    if (state !== 'open' || turnTaken) return;
    while (step()) if (state !== 'open') return;
    if (turnTaken)
      setImmediate(() => {
        turnTaken = false;
        pump();
      });
    if (splitter.ready() || stuck !== undefined) stream?.pause();
    else if (stream?.isPaused() === true) stream.resume();
    if (!turnTaken && !splitter.ready()) endWhenAnswered();
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
        if ((kind === 'result' || kind === 'error') && id !== undefined) release(id);
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
