// A call of the protocol through a channel against the same transport over TCP, and over TLS 1.3 with keys as strong: over loopback, both
// sides in this process. The three take turns in one run, and are compared round by round.
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, connect as tcpConnect } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { Client } from '@modelcontextprotocol/client';
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Suite } from '../../src/crypto/suite.ts';
import { encodePem } from '../../src/keys/pem.ts';
import { encodeSignaturePrivateKey } from '../../src/keys/privateKey.ts';
import { serveOverChannel } from '../../src/mcp/transport/serveOverChannel.ts';
import { streamTransport } from '../../src/mcp/transport/streamTransport.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';
import { type Peers, time } from './peers.ts';

/** A server, and a way to open a connection to it. */
interface Way {
  readonly name: string;
  readonly open: () => Promise<Duplex>;
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

const serve = (stream: Duplex): unknown => serveStdio(echo, { transport: streamTransport(stream) });

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function overTcp(): Promise<Way> {
  const server = createTcpServer({ noDelay: true }, serve);
  const port = await portOf(server);
  const open = async (): Promise<Duplex> => {
    const socket = tcpConnect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    return socket;
  };
  return { name: 'TCP', open, close: () => server.close() };
}

/** Both peers present a certificate, as both peers of a channel do. It is not checked here, which is to the advantage of TLS. */
async function overTls({ server: { certificate, seed } }: Peers): Promise<Way> {
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
  const server = createTlsServer(Object.assign({ requestCert: true, noDelay: true }, common), serve);
  const port = await portOf(server);
  const open = async (): Promise<Duplex> => {
    const socket = tlsConnect(Object.assign({ host: '127.0.0.1', port }, common));
    socket.setNoDelay(true);
    await once(socket, 'secureConnect');
    return socket;
  };
  return { name: 'TLS', open, close: () => server.close() };
}

async function overChannel(suite: Suite, { anchor, alice, bob }: Peers): Promise<Way> {
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
  const open = async (): Promise<Duplex> => {
    const result = await connect({ ...common, ...listener.address, credentials: alice });
    if (!result.ok) throw new Error(result.failure.message);
    return result.channel;
  };
  return { name: 'channel', open, close: () => void listener.close() };
}

async function clientThrough({ open }: Way): Promise<Client> {
  const client = new Client(
    { name: 'bench', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(streamTransport(await open()));
  return client;
}

async function milliseconds(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
}

const call = (client: Client, value: string): Promise<unknown> =>
  client.callTool({ name: 'echo', arguments: { value } });

/** Times of all ways, round by round, each of `calls` calls in turn. */
async function inTurns(
  runs: readonly (() => Promise<unknown>)[],
  warming: number,
  rounds: number,
): Promise<readonly number[][]> {
  const times: number[][] = runs.map(() => []);
  for (let round = -warming; round < rounds; round += 1)
    for (let turn = 0; turn < runs.length; turn += 1) {
      const which = (round + warming + turn) % runs.length; // nobody is always first
      const run = runs[which];
      const taken = run === undefined ? Number.NaN : await milliseconds(run);
      if (round >= 0) times[which]?.push(taken);
    }
  return times;
}

const at = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;
/** The median, and between which numbers half of them lie. */
const spread = (values: readonly number[], digits: number): string =>
  `${at(values, 0.5).toFixed(digits)} (${at(values, 0.25).toFixed(digits)} to ${at(values, 0.75).toFixed(digits)})`;

function report(what: string, ways: readonly Way[], times: readonly number[][], calls: number): void {
  const [own = [], ...others] = times;
  const ratios = others.map((theirs, i) => {
    const each = own.map((one, round) => one / (theirs[round] ?? Number.NaN));
    return `channel / ${ways[i + 1]?.name} = ${spread(each, 3)}`;
  });
  const absolute = times.map(
    (some, i) =>
      `${ways[i]?.name} ${spread(
        some.map((one) => (1_000 * one) / calls),
        0,
      )} us`,
  );
  console.log(
    `MCP     ${what}: ${ratios.join(', ')}   (medians with quartiles of ${own.length} rounds, in turns: ${absolute.join(', ')})`,
  );
}

/** Compares calls of 32 octets and of 64 KiB, and the way from connecting to the first answer. */
export async function compareMcp(suite: Suite, peers: Peers): Promise<void> {
  const ways = [await overChannel(suite, peers), await overTcp(), await overTls(peers)];
  const clients = await Promise.all(ways.map(clientThrough));
  for (const [what, octets, calls, rounds] of [
    ['call of 32 octets', 32, 50, 150],
    ['call of 64 KiB', 65_536, 20, 100],
  ] as const) {
    const value = 'x'.repeat(octets);
    const runs = clients.map((client) => async () => {
      for (let i = 0; i < calls; i += 1) await call(client, value);
    });
    report(what, ways, await inTurns(runs, 20, rounds), calls);
  }
  const first = ways.map((way) => async () => {
    const client = await clientThrough(way);
    await call(client, 'hello');
    client.close().catch(() => {});
  });
  report('connect to first answer', ways, await inTurns(first, 5, 60), 1);
  for (const client of clients) await client.close();
  for (const { close } of ways) close();
}
