// What the library tells of connections, and how an attempt and a listener are ended.
import { once } from 'node:events';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { chooseSuite } from '../../../src/node/suite.ts';
import { connect, type Listener, type ListenOptions, listen, type TcpResult } from '../../../src/node/transport/tcp.ts';
import { anchorFor, credentialsFor, time } from '../../handshake/peers.ts';
import { eventually } from '../../waiting.ts';

const suite = chooseSuite();
const who = (name: string) => ({
  ...{ suite, credentials: credentialsFor(suite, name), trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone' },
  time: () => time,
});
const open: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function serve(options: Partial<ListenOptions> = {}): Promise<{ listener: Listener; results: TcpResult[] }> {
  const results: TcpResult[] = [];
  const own = { ...who('bob'), host: '127.0.0.1', port: 0 };
  const listener = await listen({ ...own, onHandshake: (result) => results.push(result), ...options });
  open.push(listener.close);
  return { listener, results };
}

describe('a connection', () => {
  it('has the same two ends on both sides, and a number that its messages have too', async () => {
    const numbers = new Set<number>();
    const { listener, results } = await serve({ onMessage: (_one, { number }) => numbers.add(number) });
    const mine = await connect({ ...who('alice'), ...listener.address });
    if (mine.ok) mine.stream.destroy();
    await listener.close();
    const [theirs] = results;
    expect(mine.connection?.remote).toEqual(listener.address);
    expect(theirs?.connection?.remote).toEqual(mine.connection?.local);
    expect(theirs?.connection?.local).toEqual(listener.address);
    expect([...numbers]).toEqual([theirs?.connection?.number]);
    expect(theirs?.milliseconds).toBeGreaterThanOrEqual(0);
  });

  it('that failed before a certificate came presents none; one that was refused presents the certificate', async () => {
    const { listener, results } = await serve({ expectedPeer: 'carol' });
    const mine = await connect({ ...who('alice'), ...listener.address });
    if (mine.ok) mine.stream.destroy();
    await eventually(() => expect(results).toHaveLength(1));
    const silent = tcpConnect(listener.address);
    await once(silent, 'connect');
    silent.end();
    await once(silent.resume(), 'close');
    await listener.close();
    expect(results.map((one) => !one.ok && [one.failure.code, one.presented])).toEqual([
      ['unexpected-peer', { subject: 'CN=alice', serialNumber: '02' }],
      ['connection-closed', undefined],
    ]);
  });
});

describe('an end', () => {
  it('of an attempt by its signal: the connection closes, and the result says so', async () => {
    const server = createServer().listen({ host: '127.0.0.1', port: 0 });
    open.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const control = new AbortController();
    const connecting = connect({ ...who('alice'), host: '127.0.0.1', port, signal: control.signal });
    const [socket] = (await once(server, 'connection')) as [Socket];
    await once(socket, 'readable');
    control.abort();
    expect(await connecting).toMatchObject({
      ...{ ok: false, received: 0, connection: { remote: { port } } },
      failure: { code: 'connection-closed', message: expect.stringMatching(/ended by this side$/) },
    });
    await once(socket.on('error', () => {}).resume(), 'close');
  });

  it('of a listener comes after `onHandshake` of each handshake that was under way', async () => {
    const { listener, results } = await serve();
    const sockets = [1, 2, 3].map(() => tcpConnect(listener.address).on('error', () => {}));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const mine = await connect({ ...who('alice'), ...listener.address }); // all before it are accepted
    if (mine.ok) mine.stream.destroy();
    await listener.close();
    expect(results).toHaveLength(4);
  });
});

it.each([
  [{ messageTimeout: 0 }, /^messageTimeout: a timeout is 1 to 2147483647 ms, not 0$/],
  [{ handshakeTimeout: 2 ** 31 }, /^handshakeTimeout: .*, not 2147483648$/],
  [{ firstOctetTimeout: Number.NaN }, /^firstOctetTimeout: .*, not NaN$/],
  [{ maximumHandshakes: 0 }, /^maximumHandshakes is a whole number from 1, or Infinity, not 0$/],
  [{ maximumHandshakesPerAddress: 1.5 }, /^maximumHandshakesPerAddress is .*, not 1\.5$/],
  [{ maximumConnections: -1 }, /^maximumConnections is .*, not -1$/],
  [{ handshakesPerSecond: Number.NaN }, /^handshakesPerSecond is .*, not NaN$/],
])('a bound out of range is refused by name, with what was expected and found: %j', async (options, reason) => {
  await expect(serve(options)).rejects.toThrow(reason);
});
