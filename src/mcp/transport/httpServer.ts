// HTTP/1.1 inside channels: the server of Node, whose connections are channels and whose requests know who sent them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AuthInfo } from '@modelcontextprotocol/server';
import type { Principal } from '../contract.ts';
import { authInfoOf } from './authInfo.ts';
import { usualUnderWay } from './places.ts';
import { type AssuranceReader, type OpenChannel, principalOn } from './principal.ts';

/** A request with its peer: `auth` is where adapters of the SDK look for it. */
export type AuthenticatedRequest = IncomingMessage & { readonly auth: AuthInfo; readonly principal: Principal };

export type RequestListener = (request: AuthenticatedRequest, response: ServerResponse) => void | Promise<void>;

export interface HttpServerOptions {
  /** Requests under way at a time, of one connection. Default 64. */
  readonly mostUnderWay?: number | undefined;
  /** Milliseconds within which the body of a request has come, from the end of its head on. Default 60,000. */
  readonly requestTimeout?: number | undefined;
  /** Milliseconds after `close` for which a channel may stay open. Default 10,000. */
  readonly closeTimeout?: number | undefined;
  readonly assuranceOf?: AssuranceReader | undefined;
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Serves HTTP inside channels. */
export interface HttpServer {
  readonly serve: (opened: OpenChannel) => void;
  /** Ends a channel in order: when what was asked has its answer. What a client only listens to ends at once. */
  readonly finish: (channel: Duplex) => void;
  /** Answers what is under way for `closeTimeout`, takes nothing new, and ends the channels. Fulfilled when all have closed. */
  readonly close: () => Promise<void>;
}

/** Answers with an error of JSON-RPC; `id` where the request has one. */
export function answerError(
  response: ServerResponse,
  {
    status,
    code,
    message,
    id = null,
  }: { readonly status: number; readonly code: number; readonly message: string; readonly id?: string | number | null },
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}

interface Connection {
  readonly principal: () => Principal;
  /** The answers that are under way, each with whether its client only listens. */
  readonly underWay: Map<ServerResponse, boolean>;
  isEnding: boolean;
}

/**
 * Makes a server for requests that come through channels. It listens nowhere: only `serve` gives it connections, so that no request is
 * without a peer, and no browser can send one.
 */
export function httpServer(listener: RequestListener, options: HttpServerOptions = {}): HttpServer {
  const {
    mostUnderWay = usualUnderWay,
    requestTimeout = 60_000,
    closeTimeout = 10_000,
    onError = () => {},
    assuranceOf,
  } = options;
  const connections = new Map<Duplex, Connection>();
  let closing = false;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const channel: Duplex = request.socket;
    const connection = connections.get(channel);
    if (connection === undefined) {
      request.destroy();
      return;
    }
    connection.underWay.set(response, request.method === 'GET');
    response.once('close', () => {
      connection.underWay.delete(response);
      if (connection.isEnding && connection.underWay.size === 0) channel.end();
    });
    if (closing || connection.underWay.size > mostUnderWay) {
      answerError(response, { status: 503, code: -32_010, message: 'Too many requests are under way' });
      return;
    }
    const principal = connection.principal();
    try {
      await listener(Object.assign(request, { auth: authInfoOf(principal), principal }), response);
    } catch (error) {
      onError(error);
      answerError(response, { status: 500, code: -32_603, message: 'Internal error' });
    }
  }

  /** Cuts a channel whose request does not come to its end. The server of Node does so only for connections of a port that it listens on. */
  function watch(request: IncomingMessage): void {
    const late = setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, requestTimeout).unref();
    request.once('close', () => clearTimeout(late));
  }

  const server = createServer((request, response) => {
    watch(request);
    void answer(request, response);
  });
  server.on('clientError', (error, socket) => {
    onError(error);
    socket.destroy();
  });

  function finish(channel: Duplex): void {
    const connection = connections.get(channel);
    if (connection === undefined) return;
    connection.isEnding = true;
    for (const [response, listens] of connection.underWay) if (listens && response.headersSent) response.end();
    if (connection.underWay.size === 0) channel.end();
  }

  return {
    finish,
    serve: (opened) => {
      const { channel } = opened;
      connections.set(channel, { principal: principalOn(opened, assuranceOf), underWay: new Map(), isEnding: closing });
      channel.once('close', () => connections.delete(channel));
      channel.on('error', onError);
      if (closing) channel.end();
      else server.emit('connection', channel);
    },
    close: async () => {
      closing = true;
      const all = [...connections.keys()].map((channel) => {
        const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
        finish(channel);
        const late = setTimeout(() => channel.destroy(), closeTimeout);
        return closed.then(() => clearTimeout(late));
      });
      await Promise.all(all);
    },
  };
}
