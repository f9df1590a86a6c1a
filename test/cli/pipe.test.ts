// `connect --pipe` and `serve --once --pipe`: data of both sides over a channel, and how it ends.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { readCredentials, readTrustAnchors } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import type { SecuredStream } from '../../src/node/transport/secured.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';
import { eventually } from '../waiting.ts';
import { pquake } from './commands.ts';
import { endPiped, type Piped, startPiped } from './piped.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-pipe-'));
const file = (name: string): string => join(directory, name);
const who = (name: string, expected: string): string[] => [
  ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem'), '--expect', expected],
];
const peer = (name: string) => ({
  ...{ suite, credentials: readCredentials(suite, file(`${name}.pem`), file(`${name}.key`)) },
  ...{ trustAnchors: readTrustAnchors(suite, [file('ca.pem')]), expectedPeer: 'anyone', host: '127.0.0.1' },
});
const open: { close: () => unknown }[] = [];

beforeAll(() => {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
});
afterEach(async () => {
  await endPiped();
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

const pattern = (length: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) * 17 + seed) & 0xff));

const serve = (...more: readonly string[]): Piped =>
  startPiped('serve', '--listen', '127.0.0.1:0', ...who('bob', 'alice'), '--once', '--pipe', ...more);

const connectTo = (address: string, ...more: readonly string[]): Piped =>
  startPiped('connect', address, ...who('alice', 'bob'), '--pipe', ...more);

/** A peer of the command, in this process. */
async function besideServe(...more: readonly string[]): Promise<{ command: Piped; channel: SecuredStream }> {
  const command = serve(...more);
  const port = Number((await command.address()).split(':')[1]);
  const result = await connect({ ...peer('alice'), port, channel: true });
  if (!result.ok) throw new Error(result.failure.message);
  open.push({ close: () => result.channel.destroy() });
  return { command, channel: result.channel.on('error', () => {}) };
}

async function besideConnect(...more: readonly string[]): Promise<{ command: Piped; channel: SecuredStream }> {
  let accept: (channel: SecuredStream) => void = () => {};
  const accepted = new Promise<SecuredStream>((resolve) => {
    accept = resolve;
  });
  const listener = await listen({
    ...{ ...peer('bob'), port: 0, channel: true },
    onHandshake: ({ channel }) => channel && accept(channel.on('error', () => {})),
  });
  open.push(listener);
  const command = connectTo(`127.0.0.1:${listener.address.port}`, ...more);
  const channel = await accepted;
  open.push({ close: () => channel.destroy() });
  return { command, channel };
}

const beside = { serve: besideServe, connect: besideConnect } as const;

async function allOf(channel: SecuredStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of channel.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('both commands', () => {
  it('carry binary data exactly in both directions; standard output has nothing else', async () => {
    const [mine, theirs] = [pattern(300_001, 1), pattern(30_000, 2)];
    const server = serve('--json', '--padding', '512');
    const client = connectTo(
      await server.address(),
      '--padding',
      'power-of-two',
      '--rehandshake-after-octets',
      '50000',
    );
    client.stdin.end(mine);
    await eventually(() => expect(server.stdout()).toHaveLength(mine.length));
    server.stdin.end(theirs);
    expect(await Promise.all([client.ended, server.ended])).toEqual([0, 0]);
    expect(server.stdout().equals(mine)).toBe(true);
    expect(client.stdout().equals(theirs)).toBe(true);
    const lines = server
      .stderr()
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    expect(lines[0]).toMatchObject({ ok: true, role: 'responder', peer: 'CN=alice' });
    expect(lines.at(-1)).toMatchObject({ ok: true, channel: { sent: theirs.length, received: mine.length } });
    expect(client.stderr()).toMatch(/^completed as initiator with CN=bob: /m);
    expect(client.stderr()).toMatch(/^channel closed by both: 300001 octets sent, 30000 received, /m);
  });
});

describe.each(['serve', 'connect'] as const)('%s', (name) => {
  it('passes on at once what comes, and ends when both directions have closed, in either order', async () => {
    const { command, channel } = await beside[name]();
    command.stdin.write('asked');
    expect(String(await new Promise((resolve) => channel.once('data', resolve)))).toBe('asked');
    channel.write('answered');
    await eventually(() => expect(String(command.stdout())).toBe('answered'));
    channel.end();
    command.stdin.write(' more');
    const rest = allOf(channel);
    command.stdin.end();
    expect(String(await rest)).toBe(' more');
    expect(await command.ended).toBe(0);
  });

  it('serves inner handshakes, whoever wants them, while data goes on', async () => {
    const { command, channel } = await beside[name]();
    const sent = pattern(1_000_000, 3);
    channel.write(sent);
    expect((await channel.rehandshake()).epoch).toBe(1);
    expect((await channel.rehandshake()).epoch).toBe(2);
    channel.resume().end();
    command.stdin.end();
    expect(await command.ended).toBe(0);
    expect(command.stdout().equals(sent)).toBe(true);
    expect(command.stderr()).toMatch(
      /authenticated again as \w+ with CN=\w+: session [0-9a-f]{96}, inner handshake 2;/,
    );
  });

  it('has the peer authenticate again by its own policy', async () => {
    const { command, channel } = await beside[name]('--rehandshake-after', '0.05');
    await eventually(() => expect(channel.peer.epoch).toBeGreaterThan(1));
    channel.resume().end();
    command.stdin.end();
    expect(await command.ended).toBe(0);
  });

  it('tells of a connection that was cut: truncated, status 1, and what came before is there', async () => {
    const { command, channel } = await beside[name]('--json');
    channel.write('a part');
    await eventually(() => expect(String(command.stdout())).toBe('a part'));
    channel.destroy();
    expect(await command.ended).toBe(1);
    expect(command.stderr()).toMatch(/"ok":false,"code":"truncated"/);
    expect(String(command.stdout())).toBe('a part');
  });

  it('is ended by a signal with status 1', async () => {
    const { command, channel } = await beside[name]();
    channel.write('x');
    await eventually(() => expect(command.stdout()).toHaveLength(1));
    command.child.kill('SIGTERM');
    expect(await command.ended).toBe(1);
    expect(command.stderr()).toMatch(/^channel failed: channel-abandoned: /m);
  });

  it('ends quietly with status 1 when nobody reads its output any more', async () => {
    const { command, channel } = await beside[name]();
    command.child.stdout.destroy();
    const filling = setInterval(() => channel.destroyed || channel.write(pattern(1_000, 1)), 5);
    expect(await command.ended).toBe(1);
    clearInterval(filling);
    expect(command.stderr()).not.toMatch(/EPIPE|Error/);
  });

  it('stops the peer when its reader stalls', async () => {
    const { command, channel } = await beside[name]();
    command.child.stdout.pause();
    let sent = 0;
    const chunk = pattern(65_536, 1);
    while (sent < 64 * 1_048_576) {
      sent += chunk.length;
      if (channel.write(chunk)) continue;
      const drained = new Promise((resolve) => channel.once('drain', () => resolve(true)));
      const waited = new Promise((resolve) => setTimeout(() => resolve(false), 1_000));
      if (!(await Promise.race([drained, waited]))) break;
    }
    expect(sent).toBeLessThan(64 * 1_048_576);
    command.child.stdout.resume();
    channel.resume().end();
    command.stdin.end();
    expect(await command.ended).toBe(0);
    expect(command.stdout()).toHaveLength(sent);
  });
});

describe('before a channel', () => {
  it('a failure of the handshake is told on standard error, status 1', async () => {
    const server = serve('--json');
    const client = startPiped('connect', await server.address(), ...who('alice', 'carol'), '--pipe', '--json');
    server.stdin.end();
    client.stdin.end();
    expect(await client.ended).toBe(1);
    expect(await server.ended).toBe(1); // its handshake has completed, its channel is cut
    expect([server.stdout(), client.stdout()].map(String)).toEqual(['', '']);
    expect(client.stderr()).toMatch(/"code":"unexpected-peer"/);
    expect(server.stderr()).toMatch(/"code":"truncated"/);
  });

  it('octets that are no record are a failure with its code', async () => {
    const server = createServer((socket) => socket.end('not a handshake')).listen(0, '127.0.0.1');
    open.push({ close: () => server.close() });
    await eventually(() => expect(server.listening).toBe(true));
    const at = server.address();
    const client = connectTo(`127.0.0.1:${typeof at === 'object' ? at?.port : 0}`);
    expect(await client.ended).toBe(1);
    expect(client.stdout()).toHaveLength(0);
    expect(client.stderr()).toMatch(/^refused: wrong-version /m);
  });

  it('serve takes one peer: who comes later is not served', async () => {
    const { command, channel } = await besideServe();
    const port = Number((await command.address()).split(':')[1]);
    const refused = new Promise((resolve) => {
      tcpConnect(port, '127.0.0.1').once('error', resolve).once('close', resolve);
    });
    await refused;
    channel.resume().end();
    command.stdin.end();
    expect(await command.ended).toBe(0);
  });

  it.each([
    [['serve', '--listen', '127.0.0.1:0', '--pipe'], /--pipe needs --once/],
    [['connect', '127.0.0.1:1', '--padding', '10'], /--padding needs --pipe/],
    [['connect', '127.0.0.1:1', '--pipe', '--padding', '0'], /Expected none, power-of-two, or octets from 1 to 16384/],
  ])('%j is wrong usage', async (words, reason) => {
    const { status, stderr } = await pquake(...words, ...who('alice', 'bob'));
    expect([status, stderr]).toEqual([2, expect.stringMatching(reason)]);
  });

  it('files that cannot be used are told on standard error with --json too', async () => {
    const { status, stdout, stderr } = await pquake(
      ...['connect', '127.0.0.1:1', '--pipe', '--json', '--cert', file('none.pem'), '--key', file('none.key')],
      ...['--ca', file('ca.pem')],
    );
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringMatching(/"ok":false,"code":"configuration"/)]);
  });
});
