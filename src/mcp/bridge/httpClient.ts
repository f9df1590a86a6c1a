// Speaks Streamable HTTP with a server in the place of one client, whose messages come from elsewhere. Both eras.
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, Principal } from '../contract.ts';
import { encode, errorCodes, errorTo, type Id } from '../gate/index.ts';
import { memberOf } from '../gate/json.ts';
import { isEndless, versionIn } from '../gate/methods.ts';
import { type EventBlock, eventsOf } from '../transport/events.ts';
import { bodyOf, mediaTypeOf } from '../transport/httpBody.ts';
import { isAnswer } from '../transport/message.ts';
import { type Framed, readMessage } from '../transport/splitMessages.ts';
import { forwardedHeaders, type HeaderOptions } from '../transport/upstreamHeaders.ts';
import { ask } from '../transport/upstreamServer.ts';
import { sessionHeader } from '../transport/upstreamSessions.ts';
import { standardHeaders, toolHeaders } from './httpWords.ts';
import { wordsOf } from './words.ts';

export interface HttpClientParts extends HeaderOptions {
  readonly upstream: URL;
  readonly principal: () => Principal;
  /** Octets of a message. */
  readonly longest: number;
  /** Milliseconds until an answer begins. */
  readonly answerTimeout: number;
  readonly onError: (error: unknown) => void;
  /** Takes a message of the server. */
  readonly give: (octets: Buffer) => Promise<void>;
  /** The server knows the session no more. */
  readonly lost: () => void;
}

export interface HttpClient {
  /** Fulfilled when the next message may be sent. */
  readonly send: (framed: Framed) => Promise<void>;
  /** Requests without an answer, but for subscriptions: they have none. */
  readonly waiting: () => number;
  /** Ends what is under way, and the session. */
  readonly end: () => void;
}

/** Milliseconds before missed events are asked for, where the server does not say how long. */
const usualRetry = 1_000;
/** How often in a row that may bring nothing. */
const mostRetries = 5;

const acceptBoth = 'application/json, text/event-stream';

interface Streamed {
  last: string | undefined;
  retry: number;
}

/** Speaks with the server as one client. */
export function httpClient(parts: HttpClientParts): HttpClient {
  const { give, lost } = parts;
  const { upstream, principal, longest, answerTimeout, onError } = parts;
  const over = new AbortController();
  const underWay = new Map<Id, AbortController>();
  const methods = new Map<Id, string>();
  const tools = toolHeaders();
  let [session, version] = [undefined as string | undefined, undefined as string | undefined];
  let [listens, isOver] = [false, false];
  let isStateless = false; // each request says its version, and no session is begun

  const tell = (message: Message): Promise<void> => give(encode(message));

  function headersFor(message?: Message): Readonly<Record<string, string>> {
    const own = message && versionIn(message['params']);
    const said = own ?? version;
    return {
      ...(session !== undefined && { [sessionHeader]: session }),
      ...(said !== undefined && { 'mcp-protocol-version': said }),
      ...(message && said !== undefined && isStateless && standardHeaders(message, said)),
      ...(own !== undefined && message?.['method'] === 'tools/call' && tools.of(message['params'])),
    };
  }

  const asking = (
    method: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer | undefined,
    gone: AbortSignal,
  ): Promise<IncomingMessage> =>
    ask({
      ...{ upstream, method, body, answerTimeout, gone },
      headers: forwardedHeaders(headers, principal(), parts),
    });

  /** Passes a message of the server on. */
  async function pass(read: Framed): Promise<void> {
    const { id, message, octets } = read;
    if (id !== undefined && isAnswer(read)) {
      const method = methods.get(id);
      const { result } = message;
      if (method === 'initialize') {
        const chosen = memberOf(result, 'protocolVersion');
        if (typeof chosen === 'string') version = chosen;
      }
      if (method === 'tools/list') tools.learn(result);
      methods.delete(id);
    }
    await give(octets);
  }

  async function passEvent({ data, id, retry }: EventBlock, stream: Streamed): Promise<void> {
    stream.last = id ?? stream.last;
    stream.retry = retry ?? stream.retry;
    if (data === undefined) return;
    const read = readMessage(Buffer.from(data));
    if (read.ok) await pass(read);
    else onError(read.error);
  }

  /** Passes what an answer holds; what is missing then is asked for. */
  async function passStream(
    answer: IncomingMessage,
    stream: Streamed,
    gone: AbortSignal,
    isDone: () => boolean,
  ): Promise<void> {
    for (let current = answer, tries = 0; ; ) {
      try {
        for await (const block of eventsOf(current, longest + 65_536)) {
          tries = 0;
          await passEvent(block, stream);
        }
      } catch (error) {
        if (gone.aborted) return;
        onError(error);
      }
      do {
        if (isDone() || stream.last === undefined || tries >= mostRetries) return;
        tries += 1;
        await sleep(stream.retry, undefined, { signal: gone, ref: false });
        const headers = { ...headersFor(), accept: 'text/event-stream', 'last-event-id': stream.last };
        current = await asking('GET', headers, undefined, gone);
        if (current.statusCode !== 200) current.resume();
      } while (current.statusCode !== 200);
    }
  }

  async function passAnswer(answer: IncomingMessage, request: Framed, gone: AbortSignal): Promise<void> {
    const { id } = request;
    const { statusCode: status = 0, headers } = answer;
    const isWaiting = (): boolean => id !== undefined && methods.has(id);
    const type = mediaTypeOf(headers['content-type']);
    let why = `HTTP status ${status}`;
    let code: number = errorCodes.unreachable;
    if (type === 'text/event-stream')
      await passStream(answer, { last: undefined, retry: usualRetry }, gone, () => !isWaiting());
    else {
      const octets = (await bodyOf(answer, longest)) ?? Buffer.alloc(0);
      const read = octets.length === 0 ? undefined : readMessage(octets);
      const error =
        read?.ok === true && read.kind === 'error' && read.id === undefined ? read.message['error'] : undefined;
      const [given, words] = [memberOf(error, 'code'), memberOf(error, 'message')];
      if (typeof given === 'number' && typeof words === 'string') [code, why] = [given, words];
      else if (read?.ok === true) await pass(read);
    }
    if (id !== undefined && isWaiting()) {
      methods.delete(id);
      await tell(errorTo(id, code, `the server gave no answer: ${why}`));
    }
    if (status === 404 && session !== undefined) {
      session = undefined;
      lost();
    }
  }

  /** What a server of 2025-11-25 says by itself. */
  async function listen(): Promise<void> {
    listens = true;
    const headers = { ...headersFor(), accept: 'text/event-stream' };
    const stream = { last: undefined, retry: usualRetry };
    const answer = await asking('GET', headers, undefined, over.signal);
    if (answer.statusCode === 200 && mediaTypeOf(answer.headers['content-type']) === 'text/event-stream')
      await passStream(answer, stream, over.signal, () => isOver);
    else answer.resume();
  }

  /** Sends a message. Fulfilled when its answer has begun. */
  async function post(framed: Framed): Promise<() => Promise<void>> {
    const { message, octets, id, kind } = framed;
    const gone = new AbortController();
    const signal = AbortSignal.any([gone.signal, over.signal]);
    if (kind === 'request' && id !== undefined) {
      underWay.set(id, gone);
      methods.set(id, String(message['method']));
      isStateless = versionIn(message['params']) !== undefined;
      if (isStateless) version = versionIn(message['params']);
    }
    const headers = { ...headersFor(message), accept: acceptBoth, 'content-type': 'application/json' };
    const answer = await asking('POST', headers, octets, signal);
    const begun = answer.headers[sessionHeader];
    if (message['method'] === 'initialize' && typeof begun === 'string') session = begun;
    if (message['method'] === 'notifications/initialized' && !listens) listen().catch(() => {});
    return () => passAnswer(answer, framed, signal);
  }

  function failed(error: unknown, { id, kind }: Framed): Promise<void> {
    const isCancelled = id !== undefined && underWay.get(id)?.signal.aborted === true;
    if (over.signal.aborted || isCancelled) return Promise.resolve();
    onError(error);
    if (kind !== 'request' || id === undefined || !methods.delete(id)) return Promise.resolve();
    return tell(errorTo(id, errorCodes.unreachable, `the server cannot be reached: ${wordsOf(error)}`));
  }

  /** A cancellation of 2026-07-28 is the end of the request; undefined: it is one of a version before. */
  function cancelled({ message }: Framed): boolean {
    if (message['method'] !== 'notifications/cancelled' || !isStateless) return false;
    const id = memberOf(message['params'], 'requestId');
    if (typeof id !== 'string' && typeof id !== 'number') return true;
    underWay.get(id)?.abort();
    methods.delete(id);
    return true;
  }

  return {
    send: async (framed: Framed): Promise<void> => {
      if (cancelled(framed)) return;
      const { id, kind, message } = framed;
      const done = post(framed)
        .then(async (rest) => {
          // What begins a session is known to the end before another message is sent.
          if (message['method'] === 'initialize') await rest();
          return rest;
        })
        .then((rest) => (message['method'] === 'initialize' ? undefined : rest()))
        .catch((error: unknown) => failed(error, framed))
        .finally(() => {
          if (id !== undefined && kind === 'request') underWay.delete(id);
        });
      const isFollowed = kind === 'notification' || message['method'] === 'initialize';
      if (isFollowed) await done;
    },
    waiting: () => [...underWay.keys()].filter((id) => !isEndless(methods.get(id) ?? '')).length,
    end: (): void => {
      if (isOver) return;
      isOver = true;
      over.abort();
      if (session === undefined) return;
      asking('DELETE', headersFor(), undefined, AbortSignal.timeout(2_000))
        .then((answer) => answer.resume())
        .catch(() => {});
    },
  };
}
