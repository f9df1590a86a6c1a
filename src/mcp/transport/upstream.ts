// A front: channels on one side, on the other a server of Streamable HTTP that knows nothing of them.
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ConfigurationError } from '../../configuration.ts';
import type { Message, Principal } from '../contract.ts';
import { messageIn } from './httpBody.ts';
import {
  type AuthenticatedRequest,
  answerError,
  type HttpServer,
  type HttpServerOptions,
  httpServer,
} from './httpServer.ts';
import type { Framed } from './splitMessages.ts';
import { answeredHeaders, forwardedHeaders, type HeaderOptions } from './upstreamHeaders.ts';
import { type Sessions, sessions } from './upstreamSessions.ts';

/** What becomes of a message of a peer: it goes on as it came, or this answer goes back; a notification that does not go on has none. */
export type Verdict = { readonly forward: true } | { readonly forward: false; readonly answer?: Message };

export interface UpstreamOptions extends HttpServerOptions, HeaderOptions {
  /** The server: `http:`, a host, a path. Nothing of a peer has a part in it. */
  readonly upstream: URL;
  /** Judges each message by its body. Default: all go on. */
  readonly inspect?: ((message: Framed, peer: Principal) => Verdict | Promise<Verdict>) | undefined;
  /** Names in `Host` that are taken, without a port. Default `mcp.invalid`, `localhost` and those of loopback. */
  readonly hosts?: readonly string[] | undefined;
  /** Values of `Origin` that are taken. Default none: who sends one is a browser, and no browser speaks through a channel. */
  readonly origins?: readonly string[] | undefined;
  /** Octets of the body of a request. Default 4 MiB. */
  readonly longest?: number | undefined;
  /** Milliseconds until the answer of the server begins. Default 300,000. */
  readonly answerTimeout?: number | undefined;
  /** Whose sessions are whose. Default: remembered here. */
  readonly sessions?: Sessions | undefined;
}

const usualHosts = ['mcp.invalid', 'localhost', '127.0.0.1', '[::1]'];
const methods = ['POST', 'GET', 'DELETE'];
const sessionHeader = 'mcp-session-id';

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
  if (headers.origin !== undefined && !origins.includes(headers.origin)) return fault(403, 'Origin is not permitted');
  if (!methods.includes(method)) return fault(405, 'Method not allowed');
  if (url !== upstream.pathname) return fault(404, 'Not found');
  const session = headers[sessionHeader];
  if (session !== undefined && (typeof session !== 'string' || !known.isOf(session, principal)))
    return fault(404, 'Session not found', -32_001);
  return undefined;
}

/** Asks the server. Resolves with its answer; rejects when there is none in time. */
function ask(
  request: AuthenticatedRequest,
  response: ServerResponse,
  body: Buffer | undefined,
  options: UpstreamOptions,
): Promise<IncomingMessage> {
  const { upstream, answerTimeout = 300_000 } = options;
  const { method, principal } = request;
  const headers = Object.assign(
    forwardedHeaders(request.headers, principal, options),
    body && { 'content-length': body.length },
  );
  return new Promise((resolve, reject) => {
    const asked = httpRequest(upstream, { method, headers });
    const late = setTimeout(
      () => asked.destroy(Object.assign(new Error('the server did not answer in time'), { status: 504 })),
      answerTimeout,
    );
    asked.on('response', (answer) => {
      clearTimeout(late);
      resolve(answer);
    });
    asked.on('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    response.once('close', () => asked.destroy()); // the peer has gone: the server is told by the end of the request
    asked.end(body);
  });
}

async function passOn(
  request: AuthenticatedRequest,
  response: ServerResponse,
  answer: IncomingMessage,
  known: Sessions,
): Promise<void> {
  const { statusCode: status = 502, headers } = answer;
  if (status >= 300 && status < 400 && status !== 304) {
    answer.resume();
    answerError(response, fault(502, 'The server sent the request elsewhere', -32_603));
    return;
  }
  const begun = headers[sessionHeader];
  if (typeof begun === 'string') known.begun(begun, request.principal);
  const ended = request.headers[sessionHeader];
  if (request.method === 'DELETE' && status < 300 && typeof ended === 'string') known.ended(ended);
  response.writeHead(status, answeredHeaders(headers));
  response.flushHeaders();
  await pipeline(answer, response).catch(() => {}); // either side has gone; the other sees an answer that is cut off
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
  const { onError = () => {}, inspect = (): Verdict => ({ forward: true }) } = options;

  /** The body that goes on, or `answered`. */
  async function bodyOf(request: AuthenticatedRequest, response: ServerResponse): Promise<Buffer | 'answered'> {
    const read = await messageIn(request, options.longest);
    if (!read.ok) {
      answerError(response.setHeader('connection', 'close'), read);
      return 'answered';
    }
    const verdict = await inspect(read, request.principal);
    if (verdict.forward) return read.octets;
    const { answer } = verdict;
    if (answer === undefined) response.writeHead(202).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return 'answered';
  }

  async function answer(request: AuthenticatedRequest, response: ServerResponse): Promise<void> {
    const wrong = faultOf(request, options, known);
    if (wrong !== undefined) {
      answerError(response.setHeader('connection', 'close'), wrong);
      return;
    }
    const body = request.method === 'POST' ? await bodyOf(request, response) : undefined;
    if (body === 'answered') return;
    try {
      await passOn(request, response, await ask(request, response, body, options), known);
    } catch (error) {
      onError(error);
      const late = error instanceof Error && 'status' in error;
      answerError(
        response,
        late
          ? fault(504, 'The server did not answer in time', -32_603)
          : fault(502, 'The server cannot be reached', -32_603),
      );
    }
  }

  return httpServer(answer, options);
}
