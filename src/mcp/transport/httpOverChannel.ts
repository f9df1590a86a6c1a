// Streamable HTTP inside channels, both sides: handlers and transports of the SDK, on web-standard requests.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { AuthInfo } from '@modelcontextprotocol/server';
import { messageIn } from './httpBody.ts';
import {
  type AuthenticatedRequest,
  answerError,
  type HttpServer,
  type HttpServerOptions,
  httpServer,
} from './httpServer.ts';

/** A handler as `createMcpHandler(...).fetch` of the SDK is one. */
export type FetchHandler = (
  request: Request,
  given: { readonly authInfo: AuthInfo; readonly parsedBody?: unknown },
) => Promise<Response>;

export interface HttpOverChannelOptions extends HttpServerOptions {
  /** Octets of the body of a request. Default 4 MiB. */
  readonly longest?: number | undefined;
}

/** The name under which requests inside a channel are made. It resolves nowhere (RFC 6761): only a channel leads there. */
export const channelUrl = new URL('http://mcp.invalid/mcp');

function headersOf({ headers }: IncomingMessage): Headers {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers))
    for (const one of Array.isArray(value) ? value : [value ?? '']) all.append(name, one);
  return all;
}

async function write(from: Response, response: ServerResponse): Promise<void> {
  response.writeHead(from.status, Object.fromEntries(from.headers));
  if (from.body === null) response.end();
  else {
    response.flushHeaders();
    await pipeline(Readable.fromWeb(from.body as ReadableStream), response).catch(() => {}); // the peer has gone
  }
}

/**
 * Serves Streamable HTTP inside channels. Every message is read once, strictly, and handlers get what was read; `ctx.http.authInfo` is the peer.
 * @example
 * const http = httpOverChannel(createMcpHandler(() => makeServer()).fetch);
 * await listen({
 *   ...peer, channel: true,
 *   onHandshake: (result) => {
 *     if (result.ok && result.channel) http.serve({ channel: result.channel, session: result.session });
 *   },
 * });
 */
export function httpOverChannel(handler: FetchHandler, options: HttpOverChannelOptions = {}): HttpServer {
  async function answer(request: AuthenticatedRequest, response: ServerResponse): Promise<void> {
    const { auth: authInfo, method = 'GET', url = '/' } = request;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const target = new URL(url, channelUrl);
    const common = { method, headers: headersOf(request), signal: gone.signal };
    if (method !== 'POST') {
      await write(await handler(new Request(target, common), { authInfo }), response);
      return;
    }
    const read = await messageIn(request, options.longest);
    if (!read.ok) {
      answerError(response.setHeader('connection', 'close'), read);
      return;
    }
    const asked = new Request(target, Object.assign(common, { body: new Uint8Array(read.octets) }));
    await write(await handler(asked, { authInfo, parsedBody: read.message }), response);
  }
  return httpServer(answer, options);
}
