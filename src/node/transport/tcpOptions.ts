// What `connect` and `listen` take and answer.
import type { Socket } from 'node:net';
import type { InitiatorOptions, ResponderOptions } from '../../handshake/options.ts';
import type { Connection } from './connection.ts';
import type { IntakeOptions } from './intake.ts';
import type { Address } from './network.ts';
import type { SecuredStream } from './secured.ts';
import type { ChannelSettings } from './securedOptions.ts';
import type { HandshakeResult, Observation, StreamOptions } from './stream.ts';

/**
 * How a handshake over TCP ended; `stream` is the socket. Without a connection `connection` is absent. With the option `channel` a completed one
 * has the channel: then session and socket belong to it, and of the session only `role`, `peer` and `identifier` are left.
 */
export type TcpResult = HandshakeResult<Socket> & {
  readonly connection?: Connection;
  readonly channel?: SecuredStream;
};

/** The result of `connect` with the option `channel`. */
export type SecuredResult =
  | Extract<TcpResult, { readonly ok: false }>
  | (Extract<TcpResult, { readonly ok: true }> & {
      readonly channel: SecuredStream;
      /**
       * Replaces options for later inner handshakes; with other credentials the peers authenticate again: at once, or in turn where the process
       * has many channels.
       * @returns `retired`, fulfilled when the last handshake with the former options has ended: then they can be wiped
       * @throws ConfigurationError when the options cannot work; then nothing is replaced
       */
      readonly update: (changes: Partial<Renewable>) => { readonly retired: Promise<void> };
    });

/** The option that has a channel follow the handshake. */
export interface WithChannel {
  /**
   * A channel over the connection after each completed handshake. Credentials, trust and `keyLog` serve its inner handshakes until it has
   * closed; the pre-shared secret is copied.
   */
  readonly channel?: boolean | ChannelSettings | undefined;
}

/** Is told of every message when it is sent or was received; for logs and ladders. */
type OnMessage = (observation: Observation, connection: Connection) => void;

type WithClock<O> = Omit<O, 'time' | 'coins'> & {
  /** Returns the time at which certificates are judged. Default the clock of the system, at each handshake. */
  readonly time?: (() => Date) | undefined;
};

/** Options of `connect`. */
export type ConnectOptions = Address &
  WithClock<InitiatorOptions> &
  Omit<StreamOptions, 'onMessage' | 'turn' | 'lost'> &
  WithChannel & {
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
  Omit<StreamOptions, 'onMessage' | 'turn' | 'lost'> &
  WithChannel &
  IntakeOptions & {
    /**
     * Called once for each accepted connection, at the end of its handshake. After success the callee owns the socket.
     * Not called for a connection that was displaced before it sent an octet: `onOverload` counts it.
     */
    readonly onHandshake: (result: TcpResult, remote: Address) => unknown;
    /**
     * Threads that compute the handshakes of connections, 1 to 64; default none: the thread that listens computes them, and does nothing else
     * meanwhile. They get the credentials, the trust and the pre-shared secret; predicates, clocks and callbacks stay with the thread that
     * listens, and so do handshakes inside of channels. A handshake whose worker ends is told to `onError` with a `WorkerError`.
     */
    readonly workers?: number | undefined;
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
   * Replaces options for later connections, and for the inner handshakes of channels. A handshake under way keeps its
   * options. With other credentials all channels have their peers authenticate again, `limits.renewals` of a process at a time.
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
