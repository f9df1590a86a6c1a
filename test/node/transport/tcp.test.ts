import { once } from 'node:events';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createTrustAnchor } from '../../../src/certificate/issue/issue.ts';
import { parseTrustAnchor } from '../../../src/certificate/trustAnchor.ts';
import { ConfigurationError } from '../../../src/configuration.ts';
import { initiator } from '../../../src/handshake/handshake.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import type { Observation } from '../../../src/node/transport/stream.ts';
import { connect, type Listener, type ListenOptions, listen, type TcpResult } from '../../../src/node/transport/tcp.ts';
import { anchorFor, credentialsFor, time, valueFrom } from '../../handshake/peers.ts';

const suite = chooseSuite();
const who = (name: string) => ({
  ...{ suite, credentials: credentialsFor(suite, name), trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone' },
  time: () => time,
});

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function serve(
  options: Partial<ListenOptions> = {},
): Promise<{ listener: Listener; results: Promise<TcpResult>[] }> {
  const waiting: ((result: TcpResult) => void)[] = [];
  const results = [0, 1, 2].map(() => new Promise<TcpResult>((resolve) => waiting.push(resolve)));
  const listener = await listen({
    ...{ ...who('bob'), host: '127.0.0.1', port: 0 },
    onHandshake: (result) => {
      if (result.ok) open.push({ close: () => result.stream.destroy() });
      waiting.shift()?.(result);
    },
    ...options,
  });
  open.push(listener);
  return { listener, results };
}

/** A peer of octets only. */
function raw({ address }: Listener): { socket: Socket; heard: () => Buffer; closed: Promise<unknown> } {
  const socket = tcpConnect(address);
  open.push({ close: () => socket.destroy() });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
  // `once` of node:events would reject when the peer resets.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  return { socket, heard: () => Buffer.concat(chunks), closed };
}

describe('connect and listen', () => {
  it('give both sides the same session, and the stream to the application, nothing of it lost', async () => {
    const { listener, results } = await serve();
    const seen: Observation[] = [];
    const mine = await connect({
      ...who('alice'),
      ...listener.address,
      expectedPeer: 'bob',
      onMessage: (one) => seen.push(one),
    });
    if (!mine.ok) throw new Error(mine.failure.message);
    mine.stream.write('after the handshake'); // travels close behind message 7
    const theirs = await results[0];
    if (!theirs?.ok) throw new Error('the responder failed');
    expect(theirs.session.identifier).toEqual(mine.session.identifier);
    const [chunk] = await once(theirs.stream.resume(), 'data');
    expect(String(chunk)).toBe('after the handshake');
    expect(seen.map(({ direction, message }) => `${direction} ${message}`)).toEqual([
      'sent initiatorHello',
      'received responderHello',
      'received responderCertificate',
      ...['sent initiatorCertificate', 'sent initiatorEncapsulation'],
      ...['received responderEncapsulation', 'received responderConfirmation', 'sent initiatorConfirmation'],
    ]);
    mine.stream.destroy();
  });

  it('octets that came with message 7 are put back on the stream', async () => {
    const { listener, results } = await serve();
    const handshake = initiator({ ...who('alice'), time });
    const { socket } = raw(listener);
    const send = (flight: readonly { octets: Uint8Array }[], ...more: readonly Buffer[]) =>
      socket.write(Buffer.concat([...flight.map(({ octets }) => octets), ...more]));
    send(handshake.start().send);
    socket.on('data', (chunk) => {
      const { send: flight, outcome } = handshake.receive(chunk as Buffer);
      if (flight.length > 0) send(flight, ...(outcome.status === 'completed' ? [Buffer.from('data')] : []));
    });
    const result = await results[0];
    if (!result?.ok) throw new Error('the responder failed');
    const [chunk] = await once(result.stream.resume(), 'data');
    expect(String(chunk)).toBe('data');
  });

  it('refuse what cannot work before anything is sent', async () => {
    await expect(connect({ ...who('alice'), trustAnchors: [], host: '127.0.0.1', port: 1 })).rejects.toThrow(
      ConfigurationError,
    );
    await expect(serve({ preSharedSecret: new Uint8Array(8) })).rejects.toThrow(/8 octets/);
    await expect(serve({ handshakeTimeout: Number.POSITIVE_INFINITY })).rejects.toThrow(/timeout/);
    await expect(listen({ ...who('bob'), host: '127.0.0.1', port: 0 } as unknown as ListenOptions)).rejects.toThrow(
      /^onHandshake is missing/,
    );
    const { listener } = await serve();
    await expect(serve({ port: listener.address.port })).rejects.toThrow(
      /cannot listen on 127\.0\.0\.1:\d+: something listens at 127\.0\.0\.1:\d+ already \(EADDRINUSE\)/,
    );
  });

  it('a responder that is not there is a failure, not an exception', async () => {
    const result = await connect({ ...who('alice'), host: '127.0.0.1', port: 1 });
    expect(result).toMatchObject({ ok: false, failure: { code: 'connection-closed', step: 1 }, sent: 0, received: 0 });
    expect(result).toMatchObject({
      failure: { message: expect.stringContaining('nothing listens at 127.0.0.1:1 (ECONNREFUSED)') },
    });
  });

  it('connections beyond the maximum are closed at once; one that is silent makes room instead', async () => {
    const { listener, results } = await serve({ maximumConnections: 1, patience: 0, onOverload: () => {} });
    const silent = raw(listener);
    await once(silent.socket, 'connect');
    const mine = await connect({ ...who('alice'), ...listener.address });
    await silent.closed;
    if (!mine.ok) throw new Error(mine.failure.message);
    expect(await results[0]).toMatchObject({ ok: true });
    await raw(listener).closed;
    expect(mine.stream.destroyed).toBe(false);
    mine.stream.destroy();
  });
});

describe('failures are silent (PQ-3-11, PQ-P-02)', () => {
  it.each<[string, Uint8Array, string]>([
    ['another version', Uint8Array.of(2, 1, 6, 32), 'wrong-version'],
    ['another type', Uint8Array.of(1, 3, 6, 32), 'unexpected-message'],
    ['another length', Uint8Array.of(1, 1, 6, 31), 'wrong-length'],
    [
      'a key out of range',
      Uint8Array.from([1, 1, 6, 32, ...new Uint8Array(1568).fill(255)]),
      'invalid-encapsulation-key',
    ],
  ])('%s: the connection closes without an octet', async (_, octets, code) => {
    const { listener, results } = await serve();
    const { socket, heard, closed } = raw(listener);
    socket.write(octets);
    await closed;
    expect(heard()).toHaveLength(0);
    expect(await results[0]).toMatchObject({ ok: false, failure: { code, step: 1 }, sent: 0 });
  });

  it('an initiator closes without a further octet when the responder answers wrongly', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    open.push(server);
    await once(server, 'listening');
    const heard: Buffer[] = [];
    server.once('connection', (socket) => {
      socket.on('data', (chunk: Buffer) => heard.push(chunk)).on('error', () => {});
      socket.write(Uint8Array.of(1, 2, 6, 33));
    });
    const { port } = server.address() as { port: number };
    const result = await connect({ ...who('alice'), host: '127.0.0.1', port });
    expect(result).toMatchObject({ ok: false, failure: { code: 'wrong-length', step: 1 }, sent: 1572 });
    expect(Buffer.concat(heard).length).toBeLessThanOrEqual(1572);
  });
});

describe('the times to wait are configured, for a message and for the whole (PQ-3.6-05, PQ-P-40 to PQ-P-43)', () => {
  it('a message that does not come whole in time: octets that trickle in do not extend it', async () => {
    const { listener, results } = await serve({ messageTimeout: 250 });
    const { socket, closed } = raw(listener);
    socket.write(Uint8Array.of(1, 1, 6, 32));
    const drip = setInterval(() => socket.write(Uint8Array.of(0)), 50);
    expect(await results[0]).toMatchObject({
      ok: false,
      failure: { code: 'message-timeout', section: '3.6' },
      sent: 0,
    });
    await closed;
    clearInterval(drip);
  });

  it('a handshake that does not end in time', async () => {
    const { listener, results } = await serve({ handshakeTimeout: 200 });
    raw(listener);
    expect(await results[0]).toMatchObject({ ok: false, failure: { code: 'handshake-timeout' } });
  });

  it('a transport that ends early', async () => {
    const { listener, results } = await serve();
    raw(listener).socket.end(Uint8Array.of(1, 1));
    expect(await results[0]).toMatchObject({ ok: false, failure: { code: 'connection-closed', step: 1 }, received: 2 });
  });
});

describe('the predicate of the application', () => {
  const boom = new Error('boom');
  const throwBoom = (): boolean => {
    throw boom;
  };

  it('of connect: what it throws rejects, and the responder sees what any refusal shows', async () => {
    const { listener, results } = await serve();
    await expect(connect({ ...who('alice'), ...listener.address, expectedPeer: throwBoom })).rejects.toBe(boom);
    expect((await results[0])?.ok).toBe(true);
  });

  it('of listen: what it throws is told, ends that connection, and the next one is served', async () => {
    const told: unknown[] = [];
    const { listener } = await serve({ expectedPeer: throwBoom, onError: (error) => told.push(error) });
    const mine = await connect({ ...who('alice'), ...listener.address });
    if (!mine.ok) throw new Error(mine.failure.message);
    await once(mine.stream.resume(), 'close');
    await expect.poll(() => told).toEqual([boom]);
    listener.update({ expectedPeer: 'alice' });
    const next = await connect({ ...who('alice'), ...listener.address });
    expect(next.ok).toBe(true);
    if (next.ok) next.stream.destroy();
  });

  it('of listen before a handshake: it may change the options of this one; what it throws ends this one', async () => {
    const told: unknown[] = [];
    const turns = [throwBoom, () => listener.update({ expectedPeer: 'nobody' }), () => {}];
    const { listener, results } = await serve({
      ...{ expectedPeer: 'alice', maximumHandshakes: 1, onError: (error: unknown) => told.push(error) },
      beforeHandshake: () => void turns.shift()?.(),
    });
    const mine = await connect({ ...who('alice'), ...listener.address });
    expect([mine.ok, told]).toEqual([false, [boom]]);
    const next = await connect({ ...who('alice'), ...listener.address });
    if (next.ok) await once(next.stream.resume(), 'close');
    expect(await results[0]).toMatchObject({ ok: false, failure: { code: 'unexpected-peer' } });
  });
});

describe('doubtful options', () => {
  const warnings: string[] = [];
  const expected = { expectedPeer: 'DNS:nobody.example', onWarning: (one: string) => warnings.push(one) };
  const other = valueFrom(
    parseTrustAnchor(
      suite,
      createTrustAnchor({
        ...{ suite, name: 'Other CA', seed: new Uint8Array(32).fill(9), serialNumber: Uint8Array.of(1) },
        ...{ notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2030-01-01T00:00:00Z') },
      }),
    ),
  );
  const trustAnchors = [anchorFor(suite), other];

  it('are told when a listener gets them, and not again with each connection', async () => {
    const { listener, results } = await serve({ ...expected, trustAnchors });
    expect(warnings.splice(0)).toEqual([expect.stringMatching(/any of 2 trust anchors/)]);
    await connect({ ...who('alice'), ...listener.address });
    expect(await results[0]).toMatchObject({ ok: false, failure: { code: 'unexpected-peer' } });
    expect(warnings).toEqual([]);
    listener.update({ expectedPeer: 'alice' });
    expect(warnings.splice(0)).toHaveLength(1);
    expect(() => listener.update({ expectedPeer: undefined as never })).toThrow(/expectedPeer is missing/);
  });

  it('are a warning of the process when nobody asked to be told', async () => {
    const warned = once(process, 'warning');
    await connect({ ...who('alice'), trustAnchors, expectedPeer: 'zoe', host: '127.0.0.1', port: 1 });
    const [{ message }] = await warned;
    expect(message).toMatch(/^PQuAKE: expected peer zoe: any of 2 trust anchors/);
  });
});
