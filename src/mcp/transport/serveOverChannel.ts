// A server of the SDK behind a channel: newline-delimited JSON, both eras of the protocol.
import type { AuthInfo, McpServerFactory, Transport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { authInfoOn } from './authInfo.ts';
import { guardedTransport, type MessageGuard } from './guarded.ts';
import { type AssuranceReader, type OpenChannel, principalOn } from './principal.ts';
import { type StreamTransportOptions, streamTransport } from './streamTransport.ts';

/** Subscriptions of a connection that are open at a time, where nothing else is said. */
export const usualSubscriptions = 64;

export interface ServeOptions extends Omit<StreamTransportOptions, 'authInfo'> {
  /** Whether peers of the specification 2025-11-25 and before are served. Default `serve`. */
  readonly legacy?: 'serve' | 'reject' | undefined;
  /** Subscriptions that a connection holds open. Default 64. */
  readonly maxSubscriptions?: number | undefined;
  readonly assuranceOf?: AssuranceReader | undefined;
  /** Looks at each request and result: that of `requireVerified` withholds what a signed manifest does not declare. */
  readonly guard?: MessageGuard | undefined;
  /** Is told of errors, of which those that end the connection have a `code`. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** A connection that is served. */
export interface Served {
  /** Ends our direction, and aborts what is under way. */
  readonly close: () => Promise<void>;
  /** Fulfilled when the connection has closed, in whatever way. */
  readonly closed: Promise<void>;
}

/**
 * The factory, with servers that are told who sends. The entry of the SDK passes no facts of the transport on, so that they are added at the
 * server's own end of it.
 */
function withAuthInfo(factory: McpServerFactory, authInfo: () => AuthInfo): McpServerFactory {
  return async (context) => {
    const server = await factory(Object.assign({}, context, { authInfo: authInfo() }));
    const connect = server.connect.bind(server);
    server.connect = async (transport: Transport) => {
      await connect(transport);
      const inner = transport.onmessage;
      transport.onmessage = (message, extra) => inner?.(message, Object.assign({}, extra, { authInfo: authInfo() }));
    };
    return server;
  };
}

/**
 * Makes the transport of one channel, for a server that connects to it by itself, as those of version 1 of the SDK do. Messages come with the
 * `authInfo` of the peer as it authenticated the last time.
 */
export function channelTransport(
  opened: OpenChannel,
  { assuranceOf, guard, ...options }: Omit<ServeOptions, 'onError'> = {},
): Transport {
  const principal = principalOn(opened, assuranceOf);
  const transport = streamTransport(opened.channel, Object.assign(options, { authInfo: authInfoOn(principal) }));
  return guard === undefined ? transport : guardedTransport(transport, guard, 'server');
}

/**
 * Serves one channel. Each connection has a server of its own from the factory; `ctx.http.authInfo` of its handlers is the peer, in both eras.
 * @example
 * await listen({
 *   ...peer, channel: true,
 *   onHandshake: (result) => {
 *     if (result.ok && result.channel) serveOverChannel({ channel: result.channel, session: result.session }, () => makeServer());
 *   },
 * });
 */
export function serveOverChannel(opened: OpenChannel, factory: McpServerFactory, options: ServeOptions = {}): Served {
  const { onError = () => {}, legacy = 'serve', maxSubscriptions = usualSubscriptions, assuranceOf } = options;
  const principal = principalOn(opened, assuranceOf);
  const transport = channelTransport(opened, options);
  const closed = new Promise<void>((resolve) => {
    if (opened.channel.closed) resolve();
    else opened.channel.once('close', () => resolve());
  });
  const handle = serveStdio(withAuthInfo(factory, authInfoOn(principal)), {
    transport,
    legacy,
    maxSubscriptions,
    onerror: onError,
  });
  return { close: handle.close, closed };
}
