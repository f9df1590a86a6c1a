// Mutual TLS 1.3 over loopback, both sides in this process: handshakes, each on a new connection, and the octets of their flights. Both sides check the
// certificate of the other. Nothing is resumed: a client offers no session. Node sends two tickets after a handshake, which nothing here can turn off;
// without SSL_OP_NO_TICKET they would hold the whole certificate of the client, so they are made small.
import { constants } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, connect as tcpConnect } from 'node:net';
import { createSecureContext, createServer, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { TlsPeers } from './tlsPeers.ts';

export async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

export interface TlsListener {
  readonly port: number;
  /** One handshake with a new connection, which the caller closes. `onSecure` is called when it has ended for the client. */
  readonly handshake: (to?: number, onSecure?: () => void) => Promise<readonly [near: TLSSocket, far: TLSSocket]>;
  readonly close: () => void;
}

/** With `checked` false nobody trusts anybody: certificates are not checked, and a server does not name authorities in its request. */
async function tlsListenerOf(peers: TlsPeers, checked: boolean): Promise<TlsListener> {
  const { alice, bob, ecdhCurve, sigalgs } = peers;
  const ciphers = 'TLS_AES_256_GCM_SHA384';
  const secureOptions = checked ? constants.SSL_OP_NO_TICKET : 0; // it also takes an extension of 4 octets out of the first flight
  const common = { ecdhCurve, sigalgs, ciphers, secureOptions, minVersion: 'TLSv1.3' } as const;
  const server = createServer({
    ...{ ...common, cert: bob.cert, key: bob.key, requestCert: true, rejectUnauthorized: checked, noDelay: true },
    ...(checked && { ca: alice.authority }),
  });
  const port = await portOf(server);
  const secureContext = createSecureContext({
    ...{ ...common, cert: alice.cert, key: alice.key },
    ...(checked && { ca: bob.authority }),
  });
  return {
    port,
    handshake: async (to = port, onSecure = () => {}) => {
      const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
      // Names are those of agents, not of hosts: they are checked by neither protocol here.
      const checkServerIdentity = (): undefined => undefined;
      const near = tlsConnect({
        ...{ host: '127.0.0.1', port: to, secureContext, checkServerIdentity },
        rejectUnauthorized: checked,
      });
      near.setNoDelay(true);
      near.once('secureConnect', onSecure);
      const [[far]] = await Promise.all([accepted, once(near, 'secureConnect')]);
      return [near, far];
    },
    close: () => server.close(),
  };
}

export const tlsListener = (peers: TlsPeers): Promise<TlsListener> => tlsListenerOf(peers, true);

/** Octets of the flights of one handshake: of the client, of the server, of the client. */
export async function tlsFlights(peers: TlsPeers): Promise<readonly number[]> {
  const listener = await tlsListenerOf(peers, false);
  let [hello, sent, received, answer] = [0, 0, 0, 0];
  const relay = createTcpServer({ noDelay: true }, (client) => {
    const server = tcpConnect({ host: '127.0.0.1', port: listener.port, noDelay: true });
    client.on('data', (octets) => {
      sent += octets.length;
      server.write(octets);
    });
    server.on('data', (octets) => {
      if (hello === 0) hello = sent;
      received += octets.length;
      client.write(octets);
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const)
      one.on('error', () => {}).on('close', () => other.destroy());
  });
  // Tickets come after the last flight of the client, which the server had when its handshake ended.
  const ends = await listener.handshake(await portOf(relay), () => {
    answer = received;
  });
  const flights = [hello, answer, sent - hello];
  for (const end of ends) end.destroy();
  relay.close();
  listener.close();
  return flights;
}
