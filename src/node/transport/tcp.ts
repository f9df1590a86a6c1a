import { createServer, type Socket } from 'node:net';
import { ConfigurationError } from '../../configuration.ts';
import type { Suite } from '../../crypto/suite.ts';
import { type Handshake, initiator, responder } from '../../handshake/handshake.ts';
import { withoutNow } from '../../handshake/lifetimes.ts';
import { checkOptions, type ResponderOptions } from '../../handshake/options.ts';
import { limits } from '../../limits.ts';
import { chooseSuite } from '../suite.ts';
import { bind } from './bind.ts';
import { type Channels, channels } from './channels.ts';
import { type Connection, connectionOf } from './connection.ts';
import { dial } from './dial.ts';
import { generations } from './generations.ts';
import { intake, type Seat } from './intake.ts';
import type { Address } from './network.ts';
import { type ChannelSettings, channelSettingsOf, waterMark } from './securedOptions.ts';
import { checkTimeouts, handshakeOver, neverConnected, type Observation, type StreamOptions } from './stream.ts';
import type { ConnectOptions, Listener, ListenOptions, Renewable, SecuredResult, TcpResult } from './tcpOptions.ts';
import { checkWorkers, type Pool, workerPool } from './workers/pool.ts';

export type { Address, Connection, ConnectOptions, Listener, ListenOptions, Renewable, SecuredResult, TcpResult };

const systemClock = (): Date => new Date();

/** @throws ConfigurationError */
function checkPort({ port, path }: Address, lowest: 0 | 1): void {
  if (path !== undefined) return;
  if (Number.isInteger(port) && port >= lowest && port <= 65_535) return;
  throw new ConfigurationError(`a port is a whole number from ${lowest} to 65535, not ${port}`);
}

/** Options of a channel, which cannot follow a handshake that lets nothing follow. @throws ConfigurationError */
function settingsOf({ channel, afterwards }: ConnectOptions | ListenOptions): ChannelSettings | undefined {
  const settings = channelSettingsOf(channel);
  if (settings !== undefined && afterwards === 'refuse')
    throw new ConfigurationError("afterwards: 'refuse' leaves no room for a channel behind the handshake");
  return settings;
}

/** Opens the channel of a connection whose options can be replaced. */
function connected(options: ConnectOptions, suite: Suite, settings: ChannelSettings, result: TcpResult): SecuredResult {
  if (!result.ok) return result;
  const current = generations<Renewable>(options);
  const own = channels({ role: 'initiator', suite, settings, enter: current.enter });
  const channel = own.open(result, options);
  const update = (changes: Partial<Renewable>): { readonly retired: Promise<void> } => {
    const before = current.value();
    const next = { ...before, ...changes };
    checkOptions(suite, { ...next, time: (next.time ?? systemClock)(), onWarning: options.onWarning ?? warnOnce });
    const retired = current.replace(next);
    own.renewed(before, next);
    return { retired };
  };
  return { ...result, channel, update };
}

/**
 * Connects as the initiator and runs one handshake. Connecting takes at most `messageTimeout`, or `handshakeTimeout`
 * when that is shorter; every address of the host is tried in that time. Both start anew with the handshake.
 * @returns the session and its socket, with the option `channel` also the channel over it, or the failure; the peer cannot make it reject
 * @throws ConfigurationError (as a rejection) when the options cannot work, and any error that `onMessage` or
 *   `expectedPeer` threw
 */
export function connect(options: ConnectOptions & { readonly channel: true | ChannelSettings }): Promise<SecuredResult>;
export function connect(options: ConnectOptions): Promise<TcpResult>;
export async function connect(options: ConnectOptions): Promise<TcpResult> {
  checkTimeouts(options);
  checkPort(options, 1);
  const settings = settingsOf(options);
  const suite = options.suite ?? chooseSuite();
  const result = await handshakeWith({ ...options, suite }, settings === undefined ? {} : { highWaterMark: waterMark });
  return settings === undefined ? result : connected(options, suite, settings, result);
}

async function handshakeWith(
  options: ConnectOptions,
  socketOptions: { readonly highWaterMark?: number },
): Promise<TcpResult> {
  const { messageTimeout = 10_000, handshakeTimeout = 30_000, time = systemClock } = options;
  const { onWarning = warnOnce, onMessage, signal } = options;
  const handshake = initiator({ ...options, onWarning, time: time() });
  const begun = performance.now();
  const within = Math.min(messageTimeout, handshakeTimeout);
  const dialled = await dial(options, within, { signal, ...socketOptions });
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
  checkPort(options, 0);
  checkWorkers(options.workers);
  const settings = settingsOf(options);
  checkOptions(suite, { ...parametersOf(options), onWarning });
  const current = generations<Renewable>(options);
  const pool = options.workers === undefined ? undefined : await started(suite, options, options.workers, onError);
  const underWay = new Set<Socket>();
  const untold = new Set<Promise<void>>();
  // Who comes through a Unix socket is on this machine.
  const rate = options.path === undefined ? {} : { handshakesPerSecond: Number.POSITIVE_INFINITY };
  const own = intake({ ...options, ...rate }, onError);
  const enter = (): ReturnType<typeof current.enter> => {
    options.beforeHandshake?.();
    return current.enter();
  };
  const open: Channels | undefined = settings && channels({ role: 'responder', suite, settings, enter });

  /** The handshake, and what the stream has to know of it. */
  function handshakeOf(value: Renewable, seat: Seat): Pick<StreamOptions, 'turn' | 'lost'> & { handshake: Handshake } {
    const parameters = parametersOf(value);
    if (pool !== undefined) {
      const { handshake, run, lost } = pool.responder(value, parameters.time);
      return { handshake, lost, turn: seat.turnOf(run) };
    }
    // Warnings about the options were given when the options came.
    return { handshake: responder({ ...parameters, onWarning: undefined }) };
  }

  async function serve(socket: Socket, seat: Seat, connection: Connection): Promise<void> {
    let result: TcpResult | undefined;
    let leave = (): void => {};
    try {
      options.beforeHandshake?.();
      const entered = current.enter();
      leave = entered.leave;
      const { handshake, ...how } = handshakeOf(entered.value, seat);
      result = await handshakeOver(socket, handshake, { ...options, firstOctetTimeout, ...seat.options, ...how });
      if (result.ok && open !== undefined) result = { ...result, channel: open.open(result, entered.value) };
    } finally {
      underWay.delete(socket);
      seat.leave(result?.ok === true);
      leave();
    }
    if (seat.evicted() && result.received === 0) return;
    try {
      await onHandshake({ ...result, connection }, connection.remote);
    } catch (error) {
      if (result.ok) {
        result.session.wipe();
        result.channel?.on('error', () => {}).destroy();
      }
      throw error;
    }
  }

  const server = createServer({ noDelay: true, ...(settings && { highWaterMark: waterMark }) }, (socket) => {
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
  const address = await bind(server, options).catch(async (error: unknown) => {
    await pool?.close();
    throw error;
  });
  server.on('error', (error) => onError(error));
  return {
    address,
    update: (changes) => {
      const before = current.value();
      const next = { ...before, ...changes };
      checkOptions(suite, { ...parametersOf(next), onWarning });
      pool?.configure(next);
      const retired = current.replace(next);
      if (pool !== undefined) retired.then(() => pool.retire(before));
      open?.renewed(before, next);
      return { retired };
    },
    close: async () => {
      server.close();
      for (const socket of underWay) socket.destroy();
      own.close();
      await Promise.all(untold);
      await pool?.close();
    },
  };
}

/** Workers that have the options. @throws ConfigurationError (as a rejection) when one cannot work with them */
async function started(
  suite: Suite,
  options: Renewable,
  workers: number,
  onError: (error: unknown) => void,
): Promise<Pool> {
  const pool = workerPool({ suite, workers, onError });
  try {
    pool.configure(options);
    await pool.ready();
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
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
