// A `fetch` whose connections are channels, for the client's transport of Streamable HTTP.
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type Duplex, Readable } from 'node:stream';

export interface ChannelFetchOptions {
  /** Channels that are open at a time. A stream of events holds one. Default 16. */
  readonly mostChannels?: number | undefined;
}

/** A fetch, and the end of its channels. */
export interface ChannelFetch {
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Closes all channels. */
  readonly close: () => void;
}

/**
 * An agent whose connections `open` makes, kept alive from one request to the next. What it would ask of a socket of TCP, timers and a hold on the
 * process, a channel has not.
 */
function agentOf(
  open: () => Promise<Duplex>,
  mostChannels: number,
): { readonly agent: Agent; readonly close: () => void } {
  const channels = new Set<Duplex>();
  const free = new Set<Duplex>();
  let closed = false;

  /** The peer takes no more requests here: none is sent, and an answer that is under way is read to its end. */
  function retire(channel: Duplex): void {
    channel.emit('agentRemove');
    channel.end();
    if (free.has(channel)) channel.resume();
  }

  function keep(channel: Duplex): void {
    channels.add(channel);
    channel.on('error', () => {}); // the request tells it
    channel.once('peerClosed', () => retire(channel));
    channel.once('close', () => {
      channels.delete(channel);
      free.delete(channel);
    });
    if (closed) channel.destroy();
  }

  const createConnection = (_options: unknown, done: (error: Error | null, stream?: Duplex) => void): undefined => {
    open().then(
      (channel) => {
        keep(channel);
        done(null, channel);
      },
      (error: Error) => done(error),
    );
  };
  const keepSocketAlive = (channel: Duplex): boolean => {
    free.add(channel);
    return !closed && channel.writable;
  };
  const reuseSocket = (channel: Duplex): void => void free.delete(channel);
  const agent = new Agent({ keepAlive: true, maxSockets: mostChannels, maxFreeSockets: mostChannels });
  Object.assign(agent, { createConnection, keepSocketAlive, reuseSocket });
  return {
    agent,
    close: () => {
      closed = true;
      for (const channel of channels) {
        channel.end();
        if (free.has(channel)) channel.resume();
      }
    },
  };
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  return headers;
}

/** Statuses that have no body (Fetch standard). */
const bodiless = [101, 204, 205, 304];

function responseOf(message: IncomingMessage): Response {
  const { statusCode: status = 500, statusMessage: statusText = '' } = message;
  const init = { status, statusText, headers: headersOf(message) };
  if (!bodiless.includes(status))
    return new Response(Readable.toWeb(message) as unknown as NonNullable<RequestInit['body']>, init);
  message.resume();
  return new Response(null, init);
}

/**
 * Makes a fetch over channels. Whatever a URL names, requests go into channels that `open` gives, and nowhere else; redirects are not followed.
 * @param open opens a channel, with the same peer each time. Its rejection is that of the request
 * @example
 * const { fetch, close } = channelFetch(async () => (await openedChannel(options)).channel);
 * await client.connect(new StreamableHTTPClientTransport(channelUrl, { fetch }));
 */
export function channelFetch(
  open: () => Promise<Duplex>,
  { mostChannels = 16 }: ChannelFetchOptions = {},
): ChannelFetch {
  const { agent, close } = agentOf(open, mostChannels);
  return {
    close,
    fetch: (url, init = {}) =>
      new Promise((resolve, reject) => {
        const { method = 'GET', body } = init;
        const signal = init.signal ?? undefined;
        if (body !== undefined && body !== null && typeof body !== 'string' && !(body instanceof Uint8Array)) {
          reject(new TypeError('the body of a request over a channel: expected a text or octets'));
          return;
        }
        const headers = Object.fromEntries(new Headers(init.headers));
        const asked = httpRequest(url, { agent, method, headers, ...(signal && { signal }) });
        asked.on('response', (message) => {
          message.on('error', () => {}); // the stream of the body tells it
          resolve(responseOf(message));
        });
        asked.on('error', reject);
        asked.end(body ?? undefined);
      }),
  };
}
