// The two sides of a tunnel: plain connections come and PQuAKE goes on, or the other way round.
import { setMaxListeners } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Material } from '../../node/files/material.ts';
import { note } from '../../node/terminal/output.ts';
import {
  type ChannelWords,
  channelSettingsOf,
  type IntakeWords,
  type PeerOptions,
} from '../../node/terminal/peer/options.ts';
import { intakeOf, settingsOf } from '../../node/terminal/peer/settings.ts';
import { bind } from '../../node/transport/bind.ts';
import { dial } from '../../node/transport/dial.ts';
import { dialer } from '../../node/transport/dialer.ts';
import { join } from '../../node/transport/join.ts';
import { addressText } from '../../node/transport/network.ts';
import type { SecuredStream } from '../../node/transport/secured.ts';
import { type Address, type Listener, listen } from '../../node/transport/tcp.ts';
import { hangUp, tellingOf } from './peer.ts';
import { report, reportCutShort } from './report.ts';

/** The options, as the parser returns them. Times are milliseconds. */
export interface TunnelOptions extends PeerOptions, ChannelWords, IntakeWords {
  readonly listen?: Address;
  readonly accept?: Address;
  readonly to: Address;
  readonly idleTimeout?: number;
  readonly shutdownTimeout?: number;
}

/** Milliseconds; connections in number. */
export const defaults = { idle: 43_200_000, shutdown: 5_000, connections: 1_024 } as const;

/** One side that carries connections. */
export interface Side extends Pick<Listener, 'address' | 'update'> {
  /** Accepts no more. Fulfilled when all connections have ended. */
  readonly close: () => Promise<void>;
  /** Cuts the connections that are open. */
  readonly cut: () => void;
}

type SideOf = (at: Address, options: TunnelOptions, material: Material, beforeHandshake: () => void) => Promise<Side>;

/** Connections that are carried, each until both its ends have closed. */
function carriage({ idleTimeout = defaults.idle }: TunnelOptions) {
  const carried = new Set<Promise<void>>();
  const control = new AbortController();
  const end = control.signal;
  setMaxListeners(0, end); // one for each connection
  return {
    end,
    carried,
    /** Carries one. What it does with it ends with the promise. */
    carry: (run: () => Promise<void>): void => {
      const one: Promise<void> = run().finally(() => carried.delete(one));
      carried.add(one);
    },
    /** Joins both. @param number - of the connection, as the line of its handshake has it */
    join: async (plain: Socket, channel: SecuredStream, number: number | undefined): Promise<void> => {
      const cut = (): void => void channel.destroy();
      end.addEventListener('abort', cut);
      if (end.aborted) cut();
      const reason = await join(plain, channel, idleTimeout);
      end.removeEventListener('abort', cut);
      if (reason !== undefined) note(`connection ${number} did not end in order: ${reason}`);
    },
    cut: () => control.abort(),
  };
}

const quiet = (socket: Socket): Socket => socket.on('error', () => {});

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');

/** Plain connections come here, and each gets a channel to the peer. */
export const listeningSide: SideOf = async (at, options, material, beforeHandshake) => {
  const { to, json = false, maxConnections = defaults.connections } = options;
  const { end, carried, carry, join: joined, cut } = carriage(options);
  const settings = settingsOf(options, channelSettingsOf(options));
  const own = { ...settings, channel: settings.channel ?? {} };
  const { dial: dialPeer, update } = dialer({ ...own, ...material, ...to, signal: end });

  async function carryOne(plain: Socket): Promise<void> {
    try {
      beforeHandshake();
      const result = await dialPeer();
      report(result, tellingOf(result, options));
      if (result.ok) await joined(plain, result.channel, result.connection?.number);
      else plain.destroy();
    } catch (error) {
      plain.destroy();
      reportCutShort({ code: 'internal', message: wordsOf(error) }, json);
    }
  }

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (plain) => {
    quiet(plain);
    if (carried.size < maxConnections) carry(() => carryOne(plain));
    else {
      note(`a connection was refused: ${maxConnections} are open`);
      plain.destroy();
    }
  });
  const address = await bind(server, at);
  server.on('error', (error) => note(`the listening socket failed: ${wordsOf(error)}`));
  return {
    address,
    update,
    cut,
    close: async () => {
      server.close();
      await Promise.all(carried);
    },
  };
};

/** Peers come here, and each gets a plain connection to the service. */
export const acceptingSide: SideOf = async (at, options, material, beforeHandshake) => {
  const { to, json = false, messageTimeout = 10_000, maxConnections = defaults.connections } = options;
  const { end, carried, carry, join: joined, cut } = carriage(options);

  async function carryOne(channel: SecuredStream, number: number | undefined): Promise<void> {
    channel.on('error', () => {});
    const dialled = await dial(to, messageTimeout, { signal: end });
    if (dialled.ok) await joined(quiet(dialled.socket), channel, number);
    else {
      note(`connection ${number}: ${addressText(to)}: ${dialled.reason}`);
      channel.destroy();
    }
  }

  const listener = await listen({
    ...settingsOf(options, channelSettingsOf(options)),
    ...intakeOf({ ...options, maxConnections }),
    ...at,
    ...material,
    beforeHandshake,
    onHandshake: (result) => {
      report(result, tellingOf(result, options));
      const { channel, connection } = result;
      if (channel === undefined) hangUp(result, options);
      else carry(() => carryOne(channel, connection?.number));
    },
    onError: (error, _remote, connection) => {
      note(`a connection failed within: ${wordsOf(error)}`);
      if (connection !== undefined) reportCutShort({ code: 'internal', message: wordsOf(error), connection }, json);
    },
  });
  return {
    address: listener.address,
    update: listener.update,
    cut,
    close: async () => {
      await listener.close();
      await Promise.all(carried);
    },
  };
};
