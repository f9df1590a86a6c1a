// `serve --once --pipe` and `connect --pipe` against an independent implementation of spec/channel.md, over TCP.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { readCredentials, readTrustAnchors } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { handshakeOver } from '../../src/node/transport/stream.ts';
import { type Independent, type IndependentOptions, independent } from '../channel/independent.ts';
import { eventually } from '../waiting.ts';
import { endPiped, type Piped, startPiped } from './piped.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-independent-'));
const file = (name: string): string => join(directory, name);
const names = { initiator: 'alice', responder: 'bob' } as const;
const sockets: Socket[] = [];

beforeAll(() => {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
});
afterEach(async () => {
  await endPiped();
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => rmSync(directory, { recursive: true }));

const optionsOf = (own: string, expected: string): string[] => [
  ...['--cert', file(`${own}.pem`), '--key', file(`${own}.key`), '--ca', file('ca.pem'), '--expect', expected],
];

/** The command in one role, and the socket to it. */
async function command(role: 'initiator' | 'responder'): Promise<{ command: Piped; socket: Socket }> {
  if (role === 'responder') {
    const served = startPiped('serve', '--listen', '127.0.0.1:0', ...optionsOf('bob', 'alice'), '--once', '--pipe');
    const port = Number((await served.address()).split(':')[1]);
    return { command: served, socket: tcpConnect({ port, host: '127.0.0.1', allowHalfOpen: true }) };
  }
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const connected = startPiped('connect', `127.0.0.1:${port}`, ...optionsOf('alice', 'bob'), '--pipe');
  const socket = await accepted;
  server.close();
  return { command: connected, socket };
}

interface Meeting {
  readonly command: Piped;
  readonly peer: Independent;
  readonly socket: Socket;
  readonly heard: () => Buffer;
  readonly told: string[];
  /** The rule that the command broke, if any. */
  readonly broken: () => string | undefined;
}

/** The command, and the independent peer in the other role. */
async function meet(role: 'initiator' | 'responder', more: Partial<IndependentOptions> = {}): Promise<Meeting> {
  const own = role === 'initiator' ? 'responder' : 'initiator';
  const { command: child, socket } = await command(role);
  sockets.push(socket);
  const credentials = readCredentials(suite, file(`${names[own]}.pem`), file(`${names[own]}.key`));
  const trustAnchors = readTrustAnchors(suite, [file('ca.pem')]);
  const make = () =>
    (own === 'initiator' ? initiator : responder)({
      ...{ suite, credentials, trustAnchors, expectedPeer: names[role], time: new Date() },
    });
  const result = await handshakeOver(socket, make());
  if (!result.ok) throw new Error(result.failure.message);
  const heard: Buffer[] = [];
  const told: string[] = [];
  let broken: string | undefined;
  const peer = independent({
    role: own,
    root: result.session.sessionKey.reveal(),
    inner: make,
    write: (octets) => socket.write(octets),
    onData: (data) => heard.push(Buffer.from(data)),
    onEvent: (event) => told.push(event),
    ...more,
  });
  socket
    .on('error', () => {})
    .on('data', (octets: Buffer) => {
      try {
        peer.receive(octets);
      } catch (error) {
        broken ??= `${error}`;
      }
    })
    .resume();
  return { command: child, peer, socket, heard: () => Buffer.concat(heard), told, broken: () => broken };
}

const octets = (length: number, of: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, at) => (at * of) >>> 3));

describe.each(['initiator', 'responder'] as const)('the command as the %s (PQ-C-01)', (role) => {
  it('30,000 octets each way, through a ratchet, an inner handshake and padding, and both close: status 0', async () => {
    const { command: own, peer, heard, told, broken } = await meet(role, { padding: 13 });
    const [mine, theirs] = [octets(30_000, 3), octets(30_000, 5)];
    own.stdin.write(mine.subarray(0, 10_000));
    peer.send(theirs.subarray(0, 10_000));
    await eventually(() => expect([heard().length, own.stdout().length]).toEqual([10_000, 10_000]));
    peer.ratchet();
    if (role === 'initiator') peer.request();
    else peer.startInner();
    own.stdin.write(mine.subarray(10_000, 20_000));
    peer.send(theirs.subarray(10_000, 20_000));
    await eventually(() => expect(peer.epoch()).toBe(1));
    peer.ratchet();
    own.stdin.end(mine.subarray(20_000));
    peer.send(theirs.subarray(20_000));
    await eventually(() => expect(told).toContain('close'));
    peer.close();
    expect([await own.ended, own.stderr()]).toEqual([0, expect.stringContaining('channel closed by both')]);
    expect(own.stdout().equals(theirs)).toBe(true);
    expect(heard().equals(mine)).toBe(true);
    expect(broken()).toBeUndefined();
  });

  it.each<[string, Partial<IndependentOptions>, (peer: Independent, socket: Socket) => unknown]>([
    [
      'another commitment',
      { change: (o, what) => (what === 'commitment' ? Buffer.alloc(32) : o) },
      (p) => p.send(octets(9, 9)),
    ],
    ['a type that is none', {}, (p) => p.record(9, octets(9, 9))],
    ['a connection that ends without close', {}, (_, socket) => socket.end()],
  ])('a peer with %s: nothing of it comes out, and status 1', async (_, more, act) => {
    const { command: own, peer, socket } = await meet(role, more);
    act(peer, socket);
    expect([await own.ended, own.stdout().length]).toEqual([1, 0]);
  });
});
