import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { initiator, responder } from '../handshake/handshake.ts';
import {
  ConfigurationError,
  checkOptions,
  type InitiatorOptions,
  type ResponderOptions,
} from '../handshake/options.ts';
import { checkTimeouts, type HandshakeResult, handshakeOver, neverConnected, type StreamOptions } from './stream.ts';
import { chooseSuite } from './suite.ts';

/** A TCP address. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How a handshake over TCP ended; `stream` is the socket. */
export type TcpResult = HandshakeResult<Socket>;

type WithClock<O> = Omit<O, 'time' | 'coins'> & {
  /** The time by which certificates are judged; default the clock of the system, at each handshake. */
  readonly time?: (() => Date) | undefined;
};

/** Options of `connect`. */
export type ConnectOptions = Address & WithClock<InitiatorOptions> & StreamOptions;

/** Options of `listen`. */
export type ListenOptions = Address &
  WithClock<ResponderOptions> &
  Omit<StreamOptions, 'onMessage'> & {
    /** Called once for each connection, when its handshake ended. On success the socket is the callee's. */
    readonly onHandshake: (result: TcpResult, remote: Address) => void;
    /** Told of every message of every connection. */
    readonly onMessage?: StreamOptions['onMessage'];
    /** Connections at one time; further ones are closed at once. Default 256. */
    readonly maximumConnections?: number | undefined;
  };

/** A responder that listens. */
export interface Listener {
  /** Where it listens: the port that was chosen, when 0 was asked for. */
  readonly address: Address;
  /** Stops listening. Connections whose handshake is under way are closed; those that were handed over go on. */
  readonly close: () => void;
}

const systemClock = (): Date => new Date();

/**
 * Connects as the initiator and runs one handshake.
 * @returns the session and its socket, or the failure; never rejects for what the peer does
 * @throws ConfigurationError (as a rejection) when the options cannot work
 */
export async function connect(options: ConnectOptions): Promise<TcpResult> {
  checkTimeouts(options);
  const { host, port, messageTimeout = 10_000, time = systemClock } = options;
  const handshake = initiator({ ...options, suite: options.suite ?? chooseSuite(), time: time() });
  const socket = tcpConnect({ host, port, noDelay: true });
  const connected = await new Promise<true | string>((resolve) => {
    const timer = setTimeout(() => resolve(`no connection in ${messageTimeout} ms`), messageTimeout);
    socket.once('connect', () => resolve(true));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => clearTimeout(timer)).once('connect', () => clearTimeout(timer));
  });
  if (connected === true) return handshakeOver(socket, handshake, options);
  socket.destroy();
  return neverConnected(`${host}:${port}: ${connected}`);
}

/**
 * Listens as the responder; every connection is one handshake of its own.
 * @throws ConfigurationError (as a rejection) when the options cannot work or the address cannot be bound
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { host, port, onHandshake, maximumConnections = 256, time = systemClock } = options;
  const suite = options.suite ?? chooseSuite();
  checkTimeouts(options);
  checkOptions(suite, { ...options, time: time() });
  const underWay = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    underWay.add(socket);
    const remote = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    const handshake = responder({ ...options, suite, time: time() });
    handshakeOver(socket, handshake, options).then((result) => {
      underWay.delete(socket);
      onHandshake(result, remote);
    });
  });
  server.maxConnections = maximumConnections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new ConfigurationError(`cannot listen on ${host}:${port}: ${error.message}`)),
    );
    server.listen({ host, port }, resolve);
  });
  const bound = server.address();
  return {
    address: typeof bound === 'object' && bound !== null ? { host: bound.address, port: bound.port } : { host, port },
    close: () => {
      server.close();
      for (const socket of underWay) socket.destroy();
    },
  };
}
