import { createServer, type Server, type Socket } from 'node:net';
import { ConfigurationError } from '../../configuration.ts';
import { type Handshake, initiator, responder } from '../../handshake/handshake.ts';
import { withoutNow } from '../../handshake/lifetimes.ts';
import { checkOptions, type InitiatorOptions, type ResponderOptions } from '../../handshake/options.ts';
import { limits } from '../../limits.ts';
import { chooseSuite } from '../suite.ts';
import { type Connection, connectionOf } from './connection.ts';
import { dial } from './dial.ts';
import { generations } from './generations.ts';
import { type IntakeOptions, intake, type Seat } from './intake.ts';
import { type Address, addressText } from './network.ts';
import { networkReason } from './networkErrors.ts';
import {
  checkTimeouts,
  type HandshakeResult,
  handshakeOver,
  neverConnected,
  type Observation,
  type StreamOptions,
} from './stream.ts';

export type { Address, Connection };

/** How a handshake over TCP ended; `stream` is the socket. Without a connection `connection` is absent. */
export type TcpResult = HandshakeResult<Socket> & { readonly connection?: Connection };

/** Is told of every message when it is sent or was received; for logs and ladders. */
type OnMessage = (observation: Observation, connection: Connection) => void;

type WithClock<O> = Omit<O, 'time' | 'coins'> & {
  /** Returns the time at which certificates are judged. Default the clock of the system, at each handshake. */
  readonly time?: (() => Date) | undefined;
};

/** Options of `connect`. */
export type ConnectOptions = Address &
  WithClock<InitiatorOptions> &
  Omit<StreamOptions, 'onMessage' | 'turn'> & {
    /** Called for every message when it is sent or was received; for logs and ladders. */
    readonly onMessage?: OnMessage | undefined;
    /** Ends the attempt; the result is then a failure, unless the handshake had completed. */
    readonly signal?: AbortSignal | undefined;
  };

/** The options of a listener that can be replaced while it listens. */
export type Renewable = Omit<WithClock<ResponderOptions>, 'suite'>;

/** Options of `listen`. */
export type ListenOptions = Address &
  WithClock<ResponderOptions> &
  Omit<StreamOptions, 'onMessage' | 'turn'> &
  IntakeOptions & {
    /**
     * Called once for each accepted connection, at the end of its handshake. After success the callee owns the socket.
     * Not called for a connection that was displaced before it sent an octet: `onOverload` counts it.
     */
    readonly onHandshake: (result: TcpResult, remote: Address) => unknown;
    /** Called for every message of every connection. */
    readonly onMessage?: OnMessage | undefined;
    /**
     * Called before each handshake takes its options: what it gives `update` holds for this handshake already. So a
     * revocation list that arrived is in force for the next peer.
     */
    readonly beforeHandshake?: (() => void) | undefined;
    /**
     * Called with errors that neither the peer nor the protocol caused. Errors that `time`, `expectedPeer`,
     * `beforeHandshake`, `onMessage` or `onHandshake` threw (or rejected with) end the connection that they concern.
     * Errors of the listening socket end none. By default a warning of the process.
     */
    readonly onError?: ((error: unknown, remote?: Address, connection?: Connection) => void) | undefined;
  };

/** A responder that listens. */
export interface Listener {
  /** Its address, with the chosen port when the options had port 0. */
  readonly address: Address;
  /**
   * Replaces options for later connections. A handshake under way keeps its options.
   * @returns `retired`, fulfilled when the last handshake with the former options has ended: then they can be wiped
   * @throws ConfigurationError when the options cannot work; then nothing is replaced
   */
  readonly update: (changes: Partial<Renewable>) => { readonly retired: Promise<void> };
  /**
   * Stops listening. Closes connections with a handshake under way; those that were handed over stay open.
   * @returns fulfilled when `onHandshake` was told of the last of them
   */
  readonly close: () => Promise<void>;
}

const systemClock = (): Date => new Date();

/** @throws ConfigurationError */
function checkPort(port: number, lowest: 0 | 1): void {
  if (Number.isInteger(port) && port >= lowest && port <= 65_535) return;
  throw new ConfigurationError(`a port is a whole number from ${lowest} to 65535, not ${port}`);
}

/**
 * Connects as the initiator and runs one handshake. Connecting takes at most `messageTimeout`, or `handshakeTimeout`
 * when that is shorter; every address of the host is tried in that time. Both start anew with the handshake.
 * @returns the session and its socket, or the failure; the peer cannot make it reject
 * @throws ConfigurationError (as a rejection) when the options cannot work, and any error that `onMessage` or
 *   `expectedPeer` threw
 */
export async function connect(options: ConnectOptions): Promise<TcpResult> {
  checkTimeouts(options);
  checkPort(options.port, 1);
  const { host, port, messageTimeout = 10_000, handshakeTimeout = 30_000, time = systemClock } = options;
  const { onWarning = warnOnce, onMessage, signal } = options;
  const handshake = initiator({ ...options, onWarning, suite: options.suite ?? chooseSuite(), time: time() });
  const begun = performance.now();
  const dialled = await dial({ host, port }, Math.min(messageTimeout, handshakeTimeout), { signal });
  if (!dialled.ok) {
    handshake.fail('connection-closed'); // wipes the copied secrets
    return neverConnected(dialled.reason, begun);
  }
  const { socket } = dialled;
  const connection = connectionOf(socket);
  const onAbort = (): void => void socket.destroy(new Error('ended by this side'));
  signal?.addEventListener('abort', onAbort);
  try {
    const told = onMessage && ((one: Observation): void => onMessage(one, connection));
    return { ...(await handshakeOver(socket, handshake, { ...options, onMessage: told })), connection };
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * The backlog: connections that the system queues until they are accepted. Beyond it peers try again a second later, so
 * more than the connections of a second would not help.
 */
const backlog = 1_024;

/** Binds a server. @throws ConfigurationError (as a rejection) when the address cannot be bound */
async function bind(server: Server, at: Address): Promise<Address> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void =>
      reject(new ConfigurationError(`cannot listen on ${addressText(at)}: ${networkReason(error, at.host, at.port)}`));
    server.once('error', refuse).listen({ host: at.host, port: at.port, backlog }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? { host: bound.address, port: bound.port } : at;
}

/**
 * Listens as the responder. Every connection is a separate handshake.
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
  if (typeof onHandshake !== 'function')
    throw new ConfigurationError('onHandshake is missing: expected a function that takes the result of each handshake');
  checkTimeouts(options);
  checkPort(options.port, 0);
  checkOptions(suite, { ...parametersOf(options), onWarning });
  const current = generations<Renewable>(options);
  const underWay = new Set<Socket>();
  const untold = new Set<Promise<void>>();
  const own = intake(options, onError);

  async function serve(socket: Socket, seat: Seat, connection: Connection): Promise<void> {
    let result: HandshakeResult<Socket> | undefined;
    let leave = (): void => {};
    try {
      options.beforeHandshake?.();
      const entered = current.enter();
      leave = entered.leave;
      // Warnings about the options were given when the options came.
      const handshake: Handshake = responder({ ...parametersOf(entered.value), onWarning: undefined });
      result = await handshakeOver(socket, handshake, { ...options, firstOctetTimeout, ...seat.options });
    } finally {
      underWay.delete(socket);
      seat.leave(result?.ok === true);
      leave();
    }
    if (seat.evicted() && result.received === 0) return;
    try {
      await onHandshake({ ...result, connection }, connection.remote);
    } catch (error) {
      if (result.ok) result.session.wipe();
      throw error;
    }
  }

  const server = createServer({ noDelay: true }, (socket) => {
    const connection = connectionOf(socket);
    const seat = own.admit(socket, { onMessage: onMessage && ((one) => onMessage(one, connection)) });
    if (seat === undefined) return;
    underWay.add(socket);
    const told = serve(socket, seat, connection)
      .catch((error: unknown) => {
        socket.on('error', () => {}).destroy();
        onError(error, connection.remote, connection);
      })
      .finally(() => untold.delete(told));
    untold.add(told);
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
    close: async () => {
      server.close();
      for (const socket of underWay) socket.destroy();
      own.close();
      await Promise.all(untold);
    },
  };
}

/** Warns with text only, as an error of the application may carry anything. */
const warn = (error: unknown): void => {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'not an Error';
  process.emitWarning(`PQuAKE: a callback or the listening socket failed: ${reason}`);
};

const warned = new Set<string>();

/** Warns of doubtful options when no receiver was given, once for each warning. */
function warnOnce(warning: string): void {
  const known = withoutNow(warning);
  if (warned.has(known)) return;
  warned.add(known);
  process.emitWarning(`PQuAKE: ${warning}`);
}

/** Returns a receiver of errors that cannot throw. */
const contained =
  (onError: ListenOptions['onError'] = warn): NonNullable<ListenOptions['onError']> =>
  (error, remote, connection) => {
    try {
      onError(error, remote, connection);
    } catch (another) {
      warn(another);
    }
  };
