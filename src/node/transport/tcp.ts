import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { ConfigurationError } from '../../configuration.ts';
import { type Handshake, initiator, responder } from '../../handshake/handshake.ts';
import { checkOptions, type InitiatorOptions, type ResponderOptions } from '../../handshake/options.ts';
import { limits } from '../../limits.ts';
import { chooseSuite } from '../suite.ts';
import { generations } from './generations.ts';
import { type IntakeOptions, intake, type Seat } from './intake.ts';
import { checkTimeouts, type HandshakeResult, handshakeOver, neverConnected, type StreamOptions } from './stream.ts';

/** A TCP address. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How a handshake over TCP ended; `stream` is the socket. */
export type TcpResult = HandshakeResult<Socket>;

type WithClock<O> = Omit<O, 'time' | 'coins'> & {
  /** The time at which certificates are judged; default the clock of the system, at each handshake. */
  readonly time?: (() => Date) | undefined;
};

/** Options of `connect`. */
export type ConnectOptions = Address & WithClock<InitiatorOptions> & Omit<StreamOptions, 'turn'>;

/** Options of a listener that can be replaced while it listens. */
export type Renewable = Omit<WithClock<ResponderOptions>, 'suite'>;

/** Options of `listen`. */
export type ListenOptions = Address &
  WithClock<ResponderOptions> &
  Omit<StreamOptions, 'onMessage' | 'turn'> &
  IntakeOptions & {
    /**
     * Called once for each connection that was taken on, when its handshake ended. After success the callee owns the socket.
     * Not called for a connection that was displaced before it sent an octet: `onOverload` counts it.
     */
    readonly onHandshake: (result: TcpResult, remote: Address) => unknown;
    /** Told of every message of every connection. */
    readonly onMessage?: StreamOptions['onMessage'];
    /**
     * Told of errors that neither peer nor protocol caused: those that `time`, `expectedPeer`, `onMessage` or `onHandshake` threw (or
     * rejected with), which end the one connection that they concern; and those of the listening socket, which end none. By default a
     * warning of the process.
     */
    readonly onError?: ((error: unknown, remote?: Address) => void) | undefined;
  };

/** A responder that listens. */
export interface Listener {
  /** Its address; with the port that was chosen, when 0 was asked for. */
  readonly address: Address;
  /**
   * Replaces options for connections that come from now on; a handshake under way keeps those that it started with.
   * @returns `retired`, fulfilled when the last handshake with the former options ended: they can be wiped then
   * @throws ConfigurationError when the options cannot work; then nothing is replaced
   */
  readonly update: (changes: Partial<Renewable>) => { readonly retired: Promise<void> };
  /** Stops listening. Connections with a handshake under way are closed; those that were handed over go on. */
  readonly close: () => void;
}

const systemClock = (): Date => new Date();

/** @throws ConfigurationError */
function checkPort(port: number, lowest: 0 | 1): void {
  if (Number.isInteger(port) && port >= lowest && port <= 65_535) return;
  throw new ConfigurationError(`a port is a whole number from ${lowest} to 65535, not ${port}`);
}

/** Waits for a connection. @returns the reason why there is none, or `undefined` */
function connected(socket: Socket, milliseconds: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const end = (reason?: string): void => {
      clearTimeout(timer);
      resolve(reason);
    };
    const timer = setTimeout(() => end(`connect timeout: no connection in ${milliseconds} ms`), milliseconds);
    socket.once('connect', () => end()).once('close', () => end('closed'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

/**
 * Connects as the initiator and runs one handshake. Connecting takes `messageTimeout` at most, or `handshakeTimeout` when
 * that is shorter; both start anew with the handshake.
 * @returns the session and its socket, or the failure; never rejects, whatever the peer does
 * @throws ConfigurationError (as a rejection) when the options cannot work, and any error that `onMessage` or `expectedPeer` threw
 */
export async function connect(options: ConnectOptions): Promise<TcpResult> {
  checkTimeouts(options);
  checkPort(options.port, 1);
  const { host, port, messageTimeout = 10_000, handshakeTimeout = 30_000, time = systemClock } = options;
  const { onWarning = warnOnce } = options;
  const handshake = initiator({ ...options, onWarning, suite: options.suite ?? chooseSuite(), time: time() });
  const socket = tcpConnect({ host, port, noDelay: true });
  const reason = await connected(socket, Math.min(messageTimeout, handshakeTimeout));
  if (reason === undefined) return handshakeOver(socket, handshake, options);
  socket.destroy();
  handshake.fail('connection-closed'); // wipes the secrets that it copied
  return neverConnected(`${host}:${port}: ${reason}`);
}

/**
 * The backlog: connections that the system keeps until they are accepted. Beyond it peers try again a second later, so a backlog
 * longer than the connections of a second would not help.
 */
const backlog = 1_024;

/** Binds. @throws ConfigurationError (as a rejection) when the address cannot be bound */
async function bind(server: Server, { host, port }: Address): Promise<Address> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: Error): void =>
      reject(new ConfigurationError(`cannot listen on ${host}:${port}: ${error.message}`));
    server.once('error', refuse).listen({ host, port, backlog }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? { host: bound.address, port: bound.port } : { host, port };
}

/**
 * Listens as the responder; every connection is one handshake of its own.
 * @throws ConfigurationError (as a rejection) when the options cannot work or the address cannot be bound
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { onHandshake, onMessage, firstOctetTimeout = limits.firstOctet } = options;
  const onError = contained(options.onError);
  const suite = options.suite ?? chooseSuite();
  const { onWarning = warnOnce } = options;
  const parametersOf = ({ time = systemClock, ...rest }: Renewable): ResponderOptions & { suite: typeof suite } => ({
    ...rest,
    suite,
    time: time(),
  });
  checkTimeouts(options);
  checkPort(options.port, 0);
  checkOptions(suite, { ...parametersOf(options), onWarning });
  const current = generations<Renewable>(options);
  const underWay = new Set<Socket>();
  const own = intake(options, onError);

  async function serve(socket: Socket, seat: Seat, remote: Address): Promise<void> {
    const { value, leave } = current.enter();
    let result: TcpResult | undefined;
    try {
      // Doubtful options were told of when they came.
      const handshake: Handshake = responder({ ...parametersOf(value), onWarning: undefined });
      result = await handshakeOver(socket, handshake, { ...options, firstOctetTimeout, ...seat.options });
    } finally {
      underWay.delete(socket);
      seat.leave(result?.ok === true);
      leave();
    }
    if (seat.evicted() && result.received === 0) return;
    try {
      await onHandshake(result, remote);
    } catch (error) {
      if (result.ok) result.session.wipe();
      throw error;
    }
  }

  const server = createServer({ noDelay: true }, (socket) => {
    const seat = own.admit(socket, { onMessage });
    if (seat === undefined) return;
    underWay.add(socket);
    const remote = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    serve(socket, seat, remote).catch((error: unknown) => {
      socket.on('error', () => {}).destroy();
      onError(error, remote);
    });
  });
  const address = await bind(server, options);
  server.on('error', (error) => onError(error));
  return {
    address,
    update: (changes) => {
      const next = { ...current.value(), ...changes };
      checkOptions(suite, { ...parametersOf(next), onWarning });
      return { retired: current.replace(next) };
    },
    close: () => {
      server.close();
      for (const socket of underWay) socket.destroy();
      own.close();
    },
  };
}

/** Text only: an error of the application may carry anything. */
const warn = (error: unknown): void => {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'not an Error';
  process.emitWarning(`PQuAKE: a callback or the listening socket failed: ${reason}`);
};

const warned = new Set<string>();

/** Tells of doubtful options when nobody asked to be told, once of each. */
function warnOnce(warning: string): void {
  if (warned.has(warning)) return;
  warned.add(warning);
  process.emitWarning(`PQuAKE: ${warning}`);
}

/** The last receiver of an error: it cannot go further. */
const contained =
  (onError: ListenOptions['onError'] = warn): NonNullable<ListenOptions['onError']> =>
  (error, remote) => {
    try {
      onError(error, remote);
    } catch (another) {
      warn(another);
    }
  };
