// Peers that already run: a responder that listens, or an initiator that connects again and again.

import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { ConfigurationError } from '../../../configuration.ts';
import type { Address } from '../../../node/transport/tcp.ts';
import type { Case } from '../case.ts';
import type { Patience } from './conversation.ts';
import { afterDeadline } from './deadline.ts';
import type { Launch } from './peer.ts';

/** The configuration of a peer that runs already, as far as cases need to know it. */
export interface Configured {
  /** It has the pre-shared secret. */
  readonly psk: boolean;
  /** It expects the tester by its name. */
  readonly expects: boolean;
}

/** Why a peer with a fixed configuration cannot run a case; undefined when it can. */
function beyond(test: Case, { psk, expects }: Configured): string | undefined {
  if (test.peerCertificate !== undefined) return 'the peer that runs has its certificate already';
  if (test.trust !== undefined) return 'the peer that runs has its trust anchors and revocation lists already';
  if (test.needsExpected && !expects) return 'the peer that runs does not expect a name (see --expects-tester)';
  if (test.psk === undefined || (test.psk.peer === 'own') === psk) return undefined;
  return psk
    ? 'the peer that runs has the pre-shared secret'
    : 'the peer that runs has no pre-shared secret (see --psk)';
}

export const none = { ended: undefined, dispose: () => {} };

/** Connects to a responder. */
export function connecting({ host, port }: Address, patience: Patience, configured: Configured): Launch {
  return (test) =>
    new Promise((resolve) => {
      const unsupported = beyond(test, configured);
      if (unsupported !== undefined) {
        resolve({ unsupported });
        return;
      }
      const socket = tcpConnect({ host, port, noDelay: true, allowHalfOpen: true });
      const callOff = afterDeadline(patience.start, () => {
        socket.destroy();
        resolve({ failed: `no connection to ${host}:${port} in ${patience.start / 1000} s` });
      });
      socket.once('connect', () => {
        callOff();
        resolve({ stream: socket, ...none });
      });
      socket.once('error', (error) => {
        callOff();
        resolve({ failed: `no connection to ${host}:${port}: ${error.message}` });
      });
    });
}

/** A place where an initiator connects again and again. */
export interface Listener {
  readonly address: Address;
  /** The next connection; undefined when none comes in so many milliseconds. */
  readonly connection: (milliseconds: number) => Promise<Socket | undefined>;
  readonly close: () => void;
}

/** Listens for an initiator, which connects again after each handshake. */
export async function listening(
  address: Address,
  patience: Patience,
  configured: Configured,
): Promise<{ launch: Launch; address: Address; close: () => void }> {
  const place = await listener(address);
  const launch: Launch = async (test) => {
    const unsupported = beyond(test, configured);
    if (unsupported !== undefined) return { unsupported };
    const stream = await place.connection(patience.start);
    return stream === undefined ? { failed: `nobody connected in ${patience.start / 1000} s` } : { stream, ...none };
  };
  return { launch, address: place.address, close: place.close };
}

/** Listens, and keeps connections until they are asked for. */
export async function listener({ host, port }: Address): Promise<Listener> {
  const waiting: ((socket: Socket) => void)[] = [];
  const early: Socket[] = [];
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const taker = waiting.shift();
    if (taker !== undefined) taker(socket);
    else {
      socket.on('error', () => {});
      early.push(socket);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new ConfigurationError(`cannot listen on ${host}:${port}: ${error.message}`)),
    );
    server.listen({ host, port }, resolve);
  });

  function connection(milliseconds: number): Promise<Socket | undefined> {
    const ready = early.splice(0).filter((socket) => !socket.destroyed && socket.readable);
    const [first, ...others] = ready;
    early.push(...others);
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      const taker = (socket: Socket): void => {
        callOff();
        resolve(socket);
      };
      const callOff = afterDeadline(milliseconds, () => {
        waiting.splice(waiting.indexOf(taker), 1);
        resolve(undefined);
      });
      waiting.push(taker);
    });
  }

  const bound = server.address();
  const close = (): void => {
    server.close();
    for (const socket of early) socket.destroy();
  };
  return {
    connection,
    close,
    address: { host, port: typeof bound === 'object' && bound !== null ? bound.port : port },
  };
}
