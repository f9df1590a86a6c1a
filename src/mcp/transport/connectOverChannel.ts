// A client of the SDK over a channel.
import {
  Client,
  type ClientOptions,
  InMemoryResponseCacheStore,
  type ResponseCacheStore,
} from '@modelcontextprotocol/client';
import type { SecuredStream } from '../../node/transport/secured.ts';
import type { ChannelSettings } from '../../node/transport/securedOptions.ts';
import type { ConnectOptions, SecuredResult } from '../../node/transport/tcp.ts';
import { connect } from '../../node/transport/tcp.ts';
import type { Principal } from '../contract.ts';
import { guardedTransport, type MessageGuard } from './guarded.ts';
import { type AssuranceReader, principalOn } from './principal.ts';
import { type StreamTransportOptions, streamTransport } from './streamTransport.ts';

/** The handshake that was to open a connection failed. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  /** Stable code, one of those in spec/README.md. */
  readonly code: string;

  constructor({ code, message }: { readonly code: string; readonly message: string }) {
    super(message);
    this.code = code;
  }
}

type Opened = Extract<SecuredResult, { readonly ok: true }>;

/** Opens a channel. Rejects with a `HandshakeError`, and as `connect` does. */
export async function openedChannel(options: ConnectOptions): Promise<Opened> {
  const { channel } = options;
  const settings: true | ChannelSettings = typeof channel === 'object' ? channel : true;
  const result = await connect(Object.assign({}, options, { channel: settings }));
  if (!result.ok) throw new HandshakeError(result.failure);
  return result;
}

/** Gives the cache of a peer's answers. */
export type ResponseCaches = (peer: Principal) => ResponseCacheStore;

/**
 * Caches of answers, one for each peer as its certificate names it. Servers name themselves as they like, so that one cache for
 * all of them would let a server answer in the name of another.
 * @param most peers whose caches are kept, those that were used last
 */
export function responseCaches(most = 64): ResponseCaches {
  const stores = new Map<string, ResponseCacheStore>();
  return ({ names, authorities }) => {
    const key = JSON.stringify([authorities, names]);
    const store = stores.get(key) ?? new InMemoryResponseCacheStore();
    stores.delete(key);
    stores.set(key, store);
    for (const oldest of stores.keys()) {
      if (stores.size <= most) break;
      stores.delete(oldest);
    }
    return store;
  };
}

export interface ClientOverChannelOptions {
  /** Where to, with which keys, and who is expected: as for `connect`. */
  readonly connect: ConnectOptions;
  /** How the client introduces itself. */
  readonly info: { readonly name: string; readonly version: string };
  /** Options of the client, its `versionNegotiation` among them. */
  readonly client?: ClientOptions | undefined;
  /** Caches that several clients share, each by the peer that it has. Default: an own one. */
  readonly caches?: ResponseCaches | undefined;
  /** Registers handlers before the client introduces itself. */
  readonly prepare?: ((client: Client) => void) | undefined;
  readonly stream?: Omit<StreamTransportOptions, 'authInfo'> | undefined;
  /** Looks at each request and result: that of `requireVerified` holds the server to its signed manifest. */
  readonly guardFor?: ((server: Principal) => MessageGuard) | undefined;
  readonly assuranceOf?: AssuranceReader | undefined;
}

/** A client whose server is authenticated. */
export interface ClientOverChannel {
  readonly client: Client;
  readonly channel: SecuredStream;
  /** The server, as it authenticated the last time. */
  readonly server: () => Principal;
}

/**
 * Connects a client over a new channel. Rejects with a `HandshakeError` when the server is not who is expected, and with the errors of
 * `connect` and of the client; the connection is closed then.
 * @example
 * const { client } = await connectOverChannel({
 *   connect: { host: 'wards.example', port: 7443, credentials, trustAnchors, expectedPeer: 'URI:spiffe://hospital/records' },
 *   info: { name: 'assistant', version: '1.0.0' },
 *   client: { versionNegotiation: { mode: 'auto' } },
 * });
 */
export async function connectOverChannel(options: ClientOverChannelOptions): Promise<ClientOverChannel> {
  const { info, caches = responseCaches(), prepare, assuranceOf } = options;
  const opened = await openedChannel(options.connect);
  const { channel } = opened;
  try {
    const server = principalOn(opened, assuranceOf);
    const given = Object.assign({ responseCacheStore: caches(server()) }, options.client);
    const client = new Client(info, given);
    prepare?.(client);
    const transport = streamTransport(channel, options.stream);
    const guard = options.guardFor?.(server());
    await client.connect(guard === undefined ? transport : guardedTransport(transport, guard, 'client'));
    return { client, channel, server };
  } catch (error) {
    channel.on('error', () => {}).destroy();
    throw error;
  }
}
