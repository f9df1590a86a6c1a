// A front: channels on one side, on the other a server of Streamable HTTP that knows nothing of them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ConfigurationError } from '../../configuration.ts';
import type { Message } from '../contract.ts';
import { EventTooLong } from './events.ts';
import type { Exchange } from './exchange.ts';
import { messageIn } from './httpBody.ts';
import {
  type AuthenticatedRequest,
  answerError,
  type HttpServer,
  type HttpServerOptions,
  httpServer,
} from './httpServer.ts';
import { longestMessage } from './splitMessages.ts';
import { BadAnswer, judgedBody, kindOfAnswer, type Progress, passEvents } from './upstreamAnswer.ts';
import { answeredHeaders, forwardedHeaders, type HeaderOptions } from './upstreamHeaders.ts';
import { ask, UpstreamLate } from './upstreamServer.ts';
import { type Sessions, sessionHeader, sessions } from './upstreamSessions.ts';

export interface UpstreamOptions extends HttpServerOptions, HeaderOptions {
  /** The server: `http:`, a host, a path. Nothing of a peer has a part in it. */
  readonly upstream: URL;
  /** Judges each message by its body, and each that the server answers with. Default: all go on, and answers are not read. */
  readonly exchange?: ((request: AuthenticatedRequest) => Exchange) | undefined;
  /** Names in `Host` that are taken, without a port. Default `mcp.invalid`, `localhost` and those of loopback. */
  readonly hosts?: readonly string[] | undefined;
  /**
   * Values of `Origin` that are taken beside that of `Host` itself. Default none: who sends one is a browser, and no browser speaks
   * through a channel but by a tunnel.
   */
  readonly origins?: readonly string[] | undefined;
  /** Octets of the body of a request, and of a message of the server where answers are read. Default 4 MiB. */
  readonly longest?: number | undefined;
  /** Milliseconds until the answer of the server begins. Default 300,000. */
  readonly answerTimeout?: number | undefined;
  /** Whose sessions are whose. Default: remembered here. */
  readonly sessions?: Sessions | undefined;
}

const usualHosts = ['mcp.invalid', 'localhost', '127.0.0.1', '[::1]'];
const methods = ['POST', 'GET', 'DELETE'];
/** Milliseconds. */
export const usualAnswerTimeout = 300_000;

/** The name in a `Host` header, without its port. */
const hostOf = (host: string | undefined): string => (host ?? '').replace(/:\d+$/, '').toLowerCase();

interface Fault {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

const fault = (status: number, message: string, code = -32_600): Fault => ({ status, code, message });

/** What is wrong with a request before its body is read. */
function faultOf(request: AuthenticatedRequest, options: UpstreamOptions, known: Sessions): Fault | undefined {
  const { headers, method = '', url = '', principal } = request;
  const { hosts = usualHosts, origins = [], upstream } = options;
  if (!hosts.includes(hostOf(headers.host))) return fault(403, 'Host is not one of this server');
  const { origin } = headers;
  // A page of the server itself asks with an origin that is its host, which was judged.
  if (origin !== undefined && origin !== `http://${headers.host}` && !origins.includes(origin))
    return fault(403, 'Origin is not permitted');
  if (!methods.includes(method)) return fault(405, 'Method not allowed');
  if (url !== upstream.pathname) return fault(404, 'Not found');
  const session = headers[sessionHeader];
  if (session !== undefined && (typeof session !== 'string' || !known.isOf(session, principal)))
    return fault(404, 'Session not found', -32_001);
  return undefined;
}

/** One request, from its first octet to the end of its answer. */
interface Passage {
  readonly request: AuthenticatedRequest;
  readonly response: ServerResponse;
  readonly exchange: Exchange | undefined;
  readonly progress: Progress & { sessionOver: boolean };
  /** Ends the exchange, once. */
  readonly over: () => Promise<void>;
}

/** Notes what an answer says of sessions. */
function noteSession(
  { request, progress }: Passage,
  { statusCode: status = 502, headers }: IncomingMessage,
  known: Sessions,
): void {
  const begun = headers[sessionHeader];
  if (typeof begun === 'string') known.begun(begun, request.principal);
  const session = request.headers[sessionHeader];
  if (typeof session !== 'string') return;
  progress.sessionOver = status === 404 || (request.method === 'DELETE' && status < 300);
  if (progress.sessionOver) known.ended(session);
}

async function passOn(passage: Passage, answer: IncomingMessage, options: UpstreamOptions): Promise<void> {
  const { response, exchange, progress, over } = passage;
  const { statusCode: status = 502, headers } = answer;
  const kind = exchange === undefined ? 'other' : kindOfAnswer(answer, passage.request.method);
  const begin = (): void => void response.writeHead(status, answeredHeaders(headers));
  if (exchange === undefined || kind === 'other') {
    begin();
    response.flushHeaders();
    await over();
    await pipeline(answer, response).catch(() => {}); // either side has gone; the other sees an answer that is cut off
    return;
  }
  const { longest = longestMessage } = options;
  const judging = { exchange, over, longest, back: (message: Message): void => sendBack(passage, message, options) };
  if (kind === 'events') {
    begin();
    response.flushHeaders();
    await passEvents(answer, response, judging, progress).catch((error: unknown) => {
      if (error instanceof EventTooLong) options.onError?.(error); // else either side has gone
    });
    return;
  }
  const octets = await judgedBody(answer, judging);
  await over();
  begin();
  response.end(octets);
}

/** Answers a message of the server that does not reach the peer. */
function sendBack({ request }: Passage, message: Message, options: UpstreamOptions): void {
  const { upstream, answerTimeout = usualAnswerTimeout, onError = () => {} } = options;
  const kept = Object.entries(request.headers).filter(([name]) => name.startsWith('mcp-'));
  const headers = {
    ...forwardedHeaders(Object.fromEntries(kept), request.principal, options),
    ...{ accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
  };
  const body = Buffer.from(JSON.stringify(message));
  ask({ upstream, method: 'POST', headers, body, answerTimeout, gone: AbortSignal.timeout(answerTimeout) })
    .then((answer) => answer.resume())
    .catch(onError);
}

/** What the peer is told when the server gave it no answer. */
function faultOfServer(error: unknown): Fault {
  if (error instanceof UpstreamLate) return fault(504, 'The server did not answer in time', -32_603);
  if (error instanceof BadAnswer) return fault(502, 'The answer of the server is no message', -32_603);
  return fault(502, 'The server cannot be reached', -32_603);
}

function checkUpstream({ protocol, username, password, search, hash }: URL): void {
  if (protocol !== 'http:') throw new ConfigurationError(`the upstream server: expected http:, got ${protocol}`);
  if (username !== '' || password !== '')
    throw new ConfigurationError('the upstream server: a password in its URL is not supported');
  if (search !== '' || hash !== '')
    throw new ConfigurationError('the upstream server: expected a URL that ends with its path');
}

/**
 * Makes the front of a server of Streamable HTTP. Messages and answers cross as they are, octet by octet, answers as they come. The server finds
 * the peer in a header that no peer can set; it listens where only the front reaches it, or knows the front by `ownHeaders`.
 * @throws ConfigurationError for a URL that is no such server
 */
export function upstreamFront(options: UpstreamOptions): HttpServer {
  checkUpstream(options.upstream);
  const known = options.sessions ?? sessions();
  const { onError = () => {}, answerTimeout = usualAnswerTimeout, upstream } = options;

  /** The body that goes on, or `answered`. */
  async function bodyOf({ request, response, exchange }: Passage): Promise<Uint8Array | 'answered'> {
    const read = await messageIn(request, options.longest);
    if (!read.ok) {
      answerError(response.setHeader('connection', 'close'), read);
      return 'answered';
    }
    const judgement = (await exchange?.asked(read)) ?? { forward: true };
    if (judgement.forward) return judgement.octets ?? read.octets;
    const { answer, status = 200, end = false } = judgement;
    if (end) response.setHeader('connection', 'close');
    if (answer === undefined) response.writeHead(202).end();
    else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return 'answered';
  }

  async function pass(passage: Passage, gone: AbortSignal): Promise<void> {
    const { request, response } = passage;
    const body = request.method === 'POST' ? await bodyOf(passage) : undefined;
    if (body === 'answered') return;
    const headers = forwardedHeaders(request.headers, request.principal, options);
    const answer = await ask({ upstream, method: request.method, headers, body, answerTimeout, gone });
    const { statusCode: status = 502 } = answer;
    if (status >= 300 && status < 400 && status !== 304) {
      answer.resume();
      answerError(response, fault(502, 'The server sent the request elsewhere', -32_603));
      return;
    }
    noteSession(passage, answer, known);
    await passOn(passage, answer, options);
  }

  async function answer(request: AuthenticatedRequest, response: ServerResponse): Promise<void> {
    const wrong = faultOf(request, options, known);
    if (wrong !== undefined) {
      answerError(response.setHeader('connection', 'close'), wrong);
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const exchange = options.exchange?.(request);
    const progress = { resumable: false, sessionOver: false };
    let isOver = false;
    const over = async (): Promise<void> => {
      if (isOver) return;
      isOver = true;
      await exchange?.over(progress);
    };
    try {
      await pass({ request, response, exchange, progress, over }, gone.signal);
    } catch (error) {
      onError(error);
      await over();
      answerError(response, faultOfServer(error));
    } finally {
      await over();
    }
  }

  return httpServer(answer, options);
}
