import type { Socket } from 'node:net';
import type { Address } from './network.ts';

/** A connection, as logs name it. */
export interface Connection {
  /** Counts the connections of this process, from 1. */
  readonly number: number;
  readonly remote: Address;
  readonly local: Address;
}

let connections = 0;

/** Names a connection when it is open: a closed socket has no addresses. */
export function connectionOf(socket: Socket): Connection {
  connections += 1;
  return {
    number: connections,
    remote: { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
    local: { host: socket.localAddress ?? '', port: socket.localPort ?? 0 },
  };
}
