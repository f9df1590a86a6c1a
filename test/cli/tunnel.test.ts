// `tunnel`: programs that know nothing of PQuAKE speak through two of them, over TCP and Unix sockets.
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { eventually } from '../waiting.ts';
import { pquake } from './commands.ts';
import { endPiped, type Piped, startPiped } from './piped.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-tunnel-'));
const file = (name: string): string => join(directory, name);
const who = (name: string, expected: string): string[] => [
  ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem'), '--expect', expected],
];
const open: { close: () => unknown }[] = [];

beforeAll(() => {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  await endPiped();
});
afterAll(() => rmSync(directory, { recursive: true }));

const pattern = (length: number, seed = 1): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) * 17 + seed) & 0xff));

/** A service that deals with each connection in its way. */
async function service(deal: (socket: Socket) => void, path?: string): Promise<string> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    open.push({ close: () => socket.destroy() });
    deal(socket.on('error', () => {}));
  });
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path });
  await once(server, 'listening');
  open.push({ close: () => server.close() });
  const at = server.address();
  return typeof at === 'object' ? `127.0.0.1:${at?.port}` : `unix:${path}`;
}

const echo = (socket: Socket): unknown => socket.pipe(socket);

const accepting = (to: string, ...more: readonly string[]): Piped =>
  startPiped('tunnel', '--accept', '127.0.0.1:0', '--to', to, ...who('bob', 'alice'), ...more);
const listening = (to: string, ...more: readonly string[]): Piped =>
  startPiped('tunnel', '--listen', '127.0.0.1:0', '--to', to, ...who('alice', 'bob'), ...more);

async function plainTo(address: string): Promise<Socket> {
  const port = Number(address.split(':')[1]);
  const to = address.startsWith('unix:') ? { path: address.slice('unix:'.length) } : { port, host: '127.0.0.1' };
  const socket = tcpConnect({ ...to, allowHalfOpen: true }).on('error', () => {});
  open.push({ close: () => socket.destroy() });
  await once(socket, 'connect');
  return socket;
}

async function allOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Until a connection has ended, in whatever way. */
const gone = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    for (const how of ['end', 'error', 'close']) socket.once(how, () => resolve());
    socket.resume();
  });

interface Tunnel {
  readonly near: Piped;
  readonly far: Piped;
  readonly address: string;
}

async function tunnelTo(to: string, near: readonly string[] = [], far: readonly string[] = []): Promise<Tunnel> {
  const server = accepting(to, ...far);
  const client = listening(await server.address(), ...near);
  return { near: client, far: server, address: await client.address() };
}

describe('a tunnel', () => {
  it('carries many connections at once, exactly, with a line for each', async () => {
    const { near, far, address } = await tunnelTo(
      await service(echo),
      ['--rehandshake-after-octets', '200000'],
      ['--json'],
    );
    const sent = Array.from({ length: 5 }, (_, i) => pattern(300_000 + i, i));
    const got = await Promise.all(
      sent.map(async (octets) => {
        const socket = await plainTo(address);
        socket.end(octets);
        return allOf(socket);
      }),
    );
    expect(got.map((octets, i) => octets.equals(sent[i] ?? octets.subarray(1)))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    const lines = String(far.stdout())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line).toMatchObject({ ok: true, peer: 'CN=alice', role: 'responder' });
    expect(String(near.stdout()).match(/^completed as initiator with CN=bob: .*$/gm)).toHaveLength(5);
  });

  it('carries the end of a direction, and the other one goes on', async () => {
    const answers = await service((socket) => {
      let heard = '';
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      socket.on('end', () => socket.end(`all of it: ${heard}`));
    });
    const { address } = await tunnelTo(answers);
    const socket = await plainTo(address);
    socket.end('a question');
    expect(String(await allOf(socket))).toBe('all of it: a question');
    const first = await tunnelTo(await service((one) => one.end('a greeting').resume()));
    const other = await plainTo(first.address);
    expect(String(await allOf(other))).toBe('a greeting');
    expect(other.writable).toBe(true);
    other.end('unread');
  });

  it('over Unix sockets at every end; a socket that was left behind is replaced, and removed at the end', async () => {
    const to = await service(echo, file('service.socket'));
    const far = startPiped('tunnel', '--accept', `unix:${file('far.socket')}`, '--to', to, ...who('bob', 'alice'));
    const words = [
      'tunnel',
      '--listen',
      `unix:${file('near.socket')}`,
      '--to',
      await far.address(),
      ...who('alice', 'bob'),
    ];
    const killed = startPiped(...words);
    await killed.address();
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(file('near.socket'))).toBe(true);
    const near = startPiped(...words);
    const socket = await plainTo(await near.address());
    const sent = pattern(100_000);
    socket.end(sent);
    expect((await allOf(socket)).equals(sent)).toBe(true);
    const second = startPiped(...words);
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toMatch(/cannot listen on unix:.*near\.socket: something listens/);
    near.child.kill('SIGTERM');
    expect(await near.ended).toBe(0);
    expect(existsSync(file('near.socket'))).toBe(false);
  });

  it('what breaks at one end does not look like an end in order at the other', async () => {
    const sockets: Socket[] = [];
    const { near, far, address } = await tunnelTo(await service((socket) => sockets.push(socket)));
    const socket = await plainTo(address);
    const broken = new Promise((resolve) => socket.once('error', resolve));
    socket.write('x');
    await eventually(() => expect(sockets).toHaveLength(1));
    sockets[0]?.resetAndDestroy();
    expect(await broken).toMatchObject({ code: 'ECONNRESET' });
    await eventually(() => expect(far.stderr()).toMatch(/^connection 1 did not end in order: the plain connection: /m));
    await eventually(() =>
      expect(near.stderr()).toMatch(/^connection 1 did not end in order: the channel: truncated: /m),
    );
  });

  it('a service or a peer that is not there: the plain connection closes, and the reason is told', async () => {
    const { far, address } = await tunnelTo(`unix:${file('nobody.socket')}`);
    const socket = await plainTo(address);
    await gone(socket);
    await eventually(() => expect(far.stderr()).toMatch(/^connection 1: unix:.*nobody\.socket: .*ENOENT/m));
    const alone = listening('127.0.0.1:1', '--json');
    const other = await plainTo(await alone.address());
    await gone(other);
    await eventually(() => expect(String(alone.stdout())).toMatch(/"code":"connection-closed".*nothing listens/));
  });

  it('bounds the connections', async () => {
    const { near, address } = await tunnelTo(await service(() => {}), ['--max-connections', '1']);
    await plainTo(address);
    await eventually(() => expect(near.stdout().length).toBeGreaterThan(0));
    await gone(await plainTo(address));
    await eventually(() => expect(near.stderr()).toMatch(/^a connection was refused: 1 are open$/m));
  });

  it('cuts connections that carry nothing', async () => {
    const { near, address } = await tunnelTo(await service(() => {}), ['--idle-timeout', '0.2']);
    const socket = await plainTo(address);
    socket.write('x');
    await gone(socket);
    await eventually(() => expect(near.stderr()).toMatch(/^connection 1 did not end in order: idle for 0\.2 s$/m));
  });

  it('after SIGTERM there are no new connections, and open ones have time to end', async () => {
    const { near, address } = await tunnelTo(await service(echo), ['--shutdown-timeout', '60']);
    const socket = await plainTo(address);
    socket.write('before');
    expect(String((await once(socket, 'data'))[0])).toBe('before');
    near.child.kill('SIGTERM');
    await eventually(async () => {
      const probe = tcpConnect(Number(address.split(':')[1]), '127.0.0.1');
      const refused = await new Promise((resolve) => {
        probe.once('error', () => resolve(true)).once('connect', () => resolve(false));
      });
      probe.destroy();
      expect(refused).toBe(true);
    });
    socket.end(' and after');
    expect(String(await allOf(socket))).toBe(' and after');
    expect(await near.ended).toBe(0);
  });

  it('a second signal cuts them', async () => {
    const { near, address } = await tunnelTo(await service(echo), ['--shutdown-timeout', '600']);
    const socket = await plainTo(address);
    socket.write('x');
    await once(socket, 'data');
    near.child.kill('SIGTERM');
    near.child.kill('SIGINT');
    await gone(socket);
    expect(await near.ended).toBe(0);
  });

  it('a renewed certificate is read, and the peers of open connections authenticate again', async () => {
    const { near, far, address } = await tunnelTo(await service(echo));
    const socket = await plainTo(address);
    for (const [side, name] of [
      [far, 'bob'],
      [near, 'alice'],
    ] as const) {
      socket.write('x');
      await once(socket, 'data');
      issueCredentials({ suite, directory, name, force: true, allowTaken: true });
      side.child.kill('SIGHUP');
      await eventually(() =>
        expect(side.stderr()).toMatch(new RegExp(`^reloaded: CN=${name}, .* \\(certificate and key\\)`, 'm')),
      );
      socket.write('y');
      await once(socket, 'data');
    }
    socket.end();
    await allOf(socket);
    expect(near.stderr() + far.stderr()).not.toMatch(/did not end in order/);
  });

  it.each([
    [['--to', '127.0.0.1:1'], /expected one of --listen.*and --accept/],
    [['--to', '127.0.0.1:1', '--listen', 'unix:/a', '--accept', 'unix:/b'], /expected one of/],
    [['--to', 'unix:', '--listen', 'unix:/a'], /Expected a path/],
    [['--listen', 'unix:/a'], /required option '--to <address>' not specified/],
  ])('%j is wrong usage', async (words, reason) => {
    const { status, stderr } = await pquake('tunnel', ...words, ...who('alice', 'bob'));
    expect([status, stderr]).toEqual([2, expect.stringMatching(reason)]);
  });
});
