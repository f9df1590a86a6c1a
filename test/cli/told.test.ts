// What `serve` and `connect` tell of each handshake: one line, when and with whom, also when a signal ends it.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { initiator } from '../../src/handshake/handshake.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { readCredentials, readTrustAnchors } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { type Ended, pquake, type Running, resultOf, start } from './commands.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-told-'));
const file = (...names: readonly string[]): string => join(directory, ...names);
const who = (name: string, pki = 'one'): string[] => [
  ...['--cert', file(pki, `${name}.pem`), '--key', file(pki, `${name}.key`)],
  ...['--ca', file('one', 'ca.pem')],
];
const open: (() => unknown)[] = [];

beforeAll(() => {
  for (const pki of ['one', 'two']) {
    createAuthority({ suite, directory: file(pki) });
    for (const name of ['alice', 'bob']) issueCredentials({ suite, directory: file(pki), name });
  }
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});
afterAll(() => rmSync(directory, { recursive: true }));

function running(words: readonly string[]): Running {
  const one = start(words);
  open.push(() => {
    one.child.kill('SIGKILL');
    return one.ended;
  });
  return one;
}

async function serve(...words: readonly string[]): Promise<Running & { readonly at: string; readonly port: number }> {
  const server = running(['serve', '--listen', '127.0.0.1:0', '--expect', 'anyone', ...who('bob'), ...words]);
  const at = await server.address;
  return { ...server, at, port: Number(at.split(':')[1]) };
}

/** A peer that has sent message 1, and says nothing more. */
async function stalled(port: number): Promise<Socket> {
  const alice = initiator({
    ...{ suite, trustAnchors: readTrustAnchors(suite, [file('one', 'ca.pem')]), expectedPeer: 'anyone' },
    credentials: readCredentials(suite, file('one', 'alice.pem'), file('one', 'alice.key')),
    time: new Date(),
  });
  const socket = tcpConnect({ host: '127.0.0.1', port }).on('error', () => {});
  open.push(() => socket.destroy());
  const [hello] = alice.start().send;
  socket.write(hello?.octets ?? '');
  await once(socket, 'readable'); // message 2 is there
  return socket;
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** What a test reads of a line. */
interface Told {
  readonly certificate?: unknown;
  readonly connection?: unknown;
  readonly remotePort?: unknown;
  readonly localPort?: unknown;
}
const onlyOf = (end: Ended): Told => resultOf(end);
const linesOf = (text: string): Told[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** What every line of JSON says of the connection. */
const place = (remotePort: unknown, localPort: unknown) => ({
  time: expect.stringMatching(rfc3339),
  remoteAddress: '127.0.0.1',
  remotePort,
  localPort,
  milliseconds: expect.any(Number),
  connection: expect.any(Number),
});

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s that ends connect: one line of JSON, status 1',
    async (signal) => {
      const server = createServer(() => {});
      server.listen({ host: '127.0.0.1', port: 0 });
      await once(server, 'listening');
      const port = (server.address() as { port: number }).port;
      const coming = once(server, 'connection');
      const { child, ended } = running(['connect', `127.0.0.1:${port}`, '--expect', 'bob', '--json', ...who('alice')]);
      const [socket] = (await coming) as [Socket];
      open.push(() => new Promise((resolve) => server.close(resolve)));
      await once(socket, 'readable'); // message 1 is there
      child.kill(signal);
      const end = await ended;
      socket.destroy();
      expect(end.status).toBe(1);
      expect(resultOf(end)).toEqual({
        ...{ ok: false, code: 'interrupted', step: null, section: null, certificate: null },
        message: `ended by ${signal} before a handshake ended`,
        ...place(port, socket.remotePort ?? expect.any(Number)),
      });
      expect(end.stderr).toBe('');
    },
  );

  it('that ends serve: one line of JSON for each handshake under way, status 0', async () => {
    const { child, ended, port } = await serve('--json');
    const sockets = [await stalled(port), await stalled(port)];
    const ports = sockets.map(({ localPort }) => localPort);
    child.kill('SIGTERM');
    const end = await ended;
    expect(end.status).toBe(0);
    const told = linesOf(end.stdout);
    expect(told).toHaveLength(2);
    expect(told.map(({ remotePort }) => remotePort).sort()).toEqual(ports.sort());
    for (const one of told) expect(one).toMatchObject({ code: 'interrupted', ...place(one.remotePort, port) });
  });

  it('that ends serve --once: one line, which names the handshake under way', async () => {
    const { child, ended, port } = await serve('--json', '--once');
    const socket = await stalled(port);
    const { localPort } = socket;
    child.kill('SIGINT');
    const end = await ended;
    expect(end.status).toBe(1);
    expect(resultOf(end)).toMatchObject({ code: 'interrupted', ...place(localPort, port) });
  });
});

describe('each line', () => {
  it('says when, with whom and how long: the same connection on both sides', async () => {
    const { child, lines, ended, at, port } = await serve('--json');
    const mine = onlyOf(await pquake('connect', at, '--expect', 'bob', '--json', ...who('alice')));
    await lines(1);
    child.kill('SIGTERM');
    const theirs = onlyOf(await ended);
    expect(mine).toMatchObject({ ok: true, ...place(port, theirs.remotePort) });
    expect(theirs).toMatchObject({ ok: true, role: 'responder', peer: 'CN=alice', ...place(mine.localPort, port) });
    const { serialNumber } = readCredentials(suite, file('one', 'alice.pem'), file('one', 'alice.key')).certificate;
    expect(theirs.certificate).toEqual({ subject: 'CN=alice', serialNumber });
  });

  it('of words too', async () => {
    const { child, lines, ended, at, port } = await serve();
    const { stdout } = await pquake('connect', at, '--expect', 'bob', ...who('alice'));
    const where = (local: string | number) =>
      new RegExp(
        `; certificate [0-9a-f]+ of CN=\\w+, 127\\.0\\.0\\.1:\\d+, local port ${local}, \\d+ ms, \\d{4}-\\S+Z\\n$`,
      );
    expect(stdout).toMatch(
      /^completed as initiator with CN=bob: session [0-9a-f]{96}, \d+ octets sent, \d+ received; /,
    );
    expect(stdout).toMatch(where('\\d+'));
    await lines(1);
    child.kill('SIGTERM');
    expect((await ended).stdout).toMatch(where(port));
  });

  it('of a refusal names the certificate that was refused, to this side only', async () => {
    const { child, lines, ended, at, port } = await serve('--json');
    const mine = onlyOf(await pquake('connect', at, '--expect', 'anyone', '--json', ...who('alice', 'two')));
    await lines(1);
    child.kill('SIGTERM');
    const theirs = onlyOf(await ended);
    const { serialNumber } = readCredentials(suite, file('two', 'alice.pem'), file('two', 'alice.key')).certificate;
    expect(theirs).toMatchObject({
      ...{ ok: false, code: 'certificate-untrusted', certificate: { subject: 'CN=alice', serialNumber } },
      ...place(mine.localPort, port),
    });
    expect(mine).toMatchObject({ ok: false, code: 'connection-closed' });
    expect(JSON.stringify(mine)).not.toContain(serialNumber);
  });

  it('of an attempt without a connection has no place', async () => {
    const server = createServer().listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const end = await pquake('connect', `127.0.0.1:${port}`, '--expect', 'anyone', '--json', ...who('alice'));
    expect(resultOf(end)).toMatchObject({
      ...{ ok: false, code: 'connection-closed', certificate: null, milliseconds: expect.any(Number) },
      ...{ connection: null, remoteAddress: null, remotePort: null, localPort: null },
    });
  });

  it('of --trace names the connection that its message belongs to, as the result does', async () => {
    const { child, lines, ended, at, port } = await serve('--json', '--trace');
    await pquake('connect', at, '--expect', 'bob', ...who('alice'));
    await pquake('connect', at, '--expect', 'bob', ...who('alice'));
    await lines(2);
    child.kill('SIGTERM');
    const { stdout, stderr } = await ended;
    const trace = linesOf(stderr);
    expect(trace).toHaveLength(16);
    const results = linesOf(stdout);
    expect(results).toHaveLength(2);
    for (const { connection, remotePort } of results) {
      const own = trace.filter((one) => one.connection === connection);
      expect(own).toHaveLength(8);
      for (const one of own) expect(one).toMatchObject({ remoteAddress: '127.0.0.1', remotePort, localPort: port });
    }
  });
});
