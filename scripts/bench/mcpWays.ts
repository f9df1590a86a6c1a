// Ways to carry calls of the protocol over loopback, both sides in this process: through a channel, and what it is compared with.
import { once } from 'node:events';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
  connect as tcpConnect,
} from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { Client, ReadBuffer, serializeMessage, type Transport } from '@modelcontextprotocol/client';
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Suite } from '../../src/crypto/suite.ts';
import { encodePem } from '../../src/keys/pem.ts';
import { encodeSignaturePrivateKey } from '../../src/keys/privateKey.ts';
import { serveOverChannel } from '../../src/mcp/transport/serveOverChannel.ts';
import { streamTransport } from '../../src/mcp/transport/streamTransport.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';
import { bareDuplex } from './bareRecords.ts';
import { type Peers, time } from './peers.ts';

/** A server, and a way to open a connection to it. */
export interface Way {
  readonly name: string;
  readonly open: () => Promise<Transport>;
  readonly close: () => void;
}

const inputSchema = fromJsonSchema<{ readonly value: string }>({
  type: 'object',
  properties: { value: { type: 'string' } },
});

function echo(): McpServer {
  const server = new McpServer({ name: 'bench', version: '1.0.0' });
  server.registerTool('echo', { inputSchema }, ({ value }) => ({ content: [{ type: 'text', text: value }] }));
  return server;
}

const serve = (transport: Transport): unknown => serveStdio(echo, { transport });

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** A way over TCP, by what both ends make of a socket. */
async function overSockets(name: string, near: (socket: Socket) => Transport, far = near): Promise<Way> {
  const server = createTcpServer({ noDelay: true }, (socket) => serve(far(socket)));
  const port = await portOf(server);
  const open = async (): Promise<Transport> => {
    const socket = tcpConnect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    return near(socket);
  };
  return { name, open, close: () => server.close() };
}

/** Newline JSON over TCP, by the transport that a channel has too. */
export const overTcp = (): Promise<Way> => overSockets('TCP', (socket) => streamTransport(socket));

/** A record for each message that nothing but `node:crypto` makes, under fixed keys (bareRecords.ts). */
export const overBareRecords = (): Promise<Way> =>
  overSockets('bare records', (socket) => streamTransport(bareDuplex(socket)));

/** The transport of the SDK for clients on standard streams, on a socket: it has its own for child processes only. */
function sdkClientTransport(socket: Socket): Transport {
  const read = new ReadBuffer();
  const transport: Transport = {
    start: async () => {
      socket.on('data', (chunk: Buffer) => {
        read.append(chunk);
        for (let one = read.readMessage(); one !== null; one = read.readMessage()) transport.onmessage?.(one);
      });
      socket.on('close', () => transport.onclose?.());
    },
    send: (message) =>
      new Promise((resolve) => {
        if (socket.write(serializeMessage(message))) resolve();
        else socket.once('drain', resolve);
      }),
    close: async () => void socket.end(),
  };
  return transport;
}

/** Newline JSON over TCP with nothing of ours. */
export const overSdk = (): Promise<Way> =>
  overSockets(
    'TCP and the transport of the SDK',
    sdkClientTransport,
    (socket) => new StdioServerTransport(socket, socket),
  );

/** Both peers present a certificate, as both peers of a channel do. It is not checked here, which is to the advantage of TLS. */
export async function overTls({ server: { certificate, seed } }: Peers): Promise<Way> {
  const key = encodePem('PRIVATE KEY', encodeSignaturePrivateKey(seed));
  const cert = encodePem('CERTIFICATE', certificate);
  const common = {
    key,
    cert,
    ciphers: 'TLS_AES_256_GCM_SHA384',
    ecdhCurve: 'MLKEM1024',
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
  } as const;
  const server = createTlsServer(Object.assign({ requestCert: true, noDelay: true }, common), (socket) =>
    serve(streamTransport(socket)),
  );
  const port = await portOf(server);
  const open = async (): Promise<Transport> => {
    const socket = tlsConnect(Object.assign({ host: '127.0.0.1', port }, common));
    socket.setNoDelay(true);
    await once(socket, 'secureConnect');
    return streamTransport(socket);
  };
  return { name: 'TLS', open, close: () => server.close() };
}

export async function overChannel(suite: Suite, { anchor, alice, bob }: Peers): Promise<Way> {
  const common = { suite, trustAnchors: [anchor], expectedPeer: 'anyone', time: () => time, channel: true } as const;
  const listener = await listen({
    ...common,
    ...{ credentials: bob, host: '127.0.0.1', port: 0 },
    handshakesPerSecond: Number.POSITIVE_INFINITY,
    onHandshake: (result) => {
      if (!result.ok || result.channel === undefined) throw new Error('no channel');
      serveOverChannel({ channel: result.channel, session: result.session }, echo);
    },
  });
  const open = async (): Promise<Transport> => {
    const result = await connect({ ...common, ...listener.address, credentials: alice });
    if (!result.ok) throw new Error(result.failure.message);
    return streamTransport(result.channel);
  };
  return { name: 'channel', open, close: () => void listener.close() };
}

export async function clientThrough({ open }: Way): Promise<Client> {
  const client = new Client(
    { name: 'bench', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(await open());
  return client;
}
