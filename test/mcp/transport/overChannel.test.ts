// The protocol over channels: newline-delimited JSON, clients of both eras against servers of the SDK.
import { createServer as everything } from '@modelcontextprotocol/server-everything/dist/server/index.js';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../../src/limits.ts';
import type { Principal } from '../../../src/mcp/contract.ts';
import { connectOverChannel, HandshakeError, responseCaches } from '../../../src/mcp/transport/connectOverChannel.ts';
import { channelTransport, serveOverChannel } from '../../../src/mcp/transport/serveOverChannel.ts';
import { streamTransport } from '../../../src/mcp/transport/streamTransport.ts';
import { listen } from '../../../src/node/transport/tcp.ts';
import { toHex } from '../../../src/octets.ts';
import { closeAll, closeOf, who } from '../../node/transport/channels.ts';
import { eventually } from '../../waiting.ts';
import { clientOf, connected, doings, type Era, eras, openBetween, serverFor, textOf } from './servers.ts';

afterEach(closeAll);

describe.each(Object.keys(eras) as Era[])('a client of %s', (era) => {
  async function pair(done = doings()) {
    const both = await openBetween();
    const errors: Error[] = [];
    const served = serveOverChannel(both.far, serverFor(done), { onError: (error) => errors.push(error) });
    const client = await connected(clientOf(era), streamTransport(both.initiator));
    return { ...both, served, client, done, errors };
  }

  it('lists, calls, hears of progress, and gets a large result', async () => {
    const { client } = await pair();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('echo');
    const value = 'grüß 😀';
    expect(textOf(await client.callTool({ name: 'echo', arguments: { value } }))).toBe(value);
    const heard: number[] = [];
    await client.callTool({ name: 'steps' }, { onprogress: ({ progress }) => heard.push(progress) });
    expect(heard).toEqual([1, 2, 3]);
    const size = 3_000_000;
    expect(textOf(await client.callTool({ name: 'large', arguments: { size } }))).toHaveLength(size);
    await client.close();
  });

  it('is known to handlers, as it authenticated the last time', async () => {
    const { client, initiator, near } = await pair();
    const ask = async () => JSON.parse(textOf(await client.callTool({ name: 'who' })));
    const first = await ask();
    const principal = first.principal as Principal;
    expect(first).toMatchObject({ token: '', clientId: 'CN=alice', scopes: [] });
    expect(first.expiresAt).toBe(Date.parse('2030-01-01T00:00:00Z') / 1_000);
    expect(principal.names).toEqual(['alice', 'CN=alice', 'URI:https://alice.example/agent']);
    expect(principal.authorities).toEqual(['CN=Test CA']);
    expect(principal).toMatchObject({ epoch: 0, channelBinding: toHex(near.session.identifier) });
    expect(principal.certificateDigest).toMatch(/^[0-9a-f]{64}$/);
    await initiator.rehandshake();
    await eventually(async () => expect((await ask()).principal.epoch).toBe(1));
    expect((await ask()).principal.channelBinding).toBe(principal.channelBinding);
    await client.close();
  });

  it('cancels what it called', async () => {
    const { client, done } = await pair();
    const stop = new AbortController();
    const called = client.callTool({ name: 'wait' }, { signal: stop.signal });
    await eventually(() => expect(done.running).toBe(1));
    stop.abort();
    await expect(called).rejects.toThrow();
    await eventually(() => expect(done).toMatchObject({ running: 0, aborted: 1 }));
    expect(textOf(await client.callTool({ name: 'echo', arguments: { value: 'on' } }))).toBe('on');
    await client.close();
  });

  it('that calls much has a bounded number under way; the rest waits, and a cancellation passes it', async () => {
    const { client, done } = await pair();
    const stop = new AbortController();
    const calls = Array.from({ length: 150 }, (_, i) =>
      client.callTool({ name: 'wait' }, i === 10 ? { signal: stop.signal } : {}).then(textOf, () => 'cancelled'),
    );
    await eventually(() => expect(done.running).toBe(64));
    stop.abort();
    await eventually(() => expect(done.aborted).toBe(1));
    const opening = setInterval(() => {
      for (const open of done.gates.splice(0)) open();
    }, 1);
    const results = await Promise.all(calls);
    clearInterval(opening);
    expect(results.filter((one) => one === 'waited')).toHaveLength(149);
    expect(done.most).toBeLessThanOrEqual(65);
    await client.close();
  });

  it('closes in order: both channels end without an error', async () => {
    const { client, initiator, responder, served } = await pair();
    await client.close();
    await served.closed;
    expect(await Promise.all([closeOf(initiator), closeOf(responder)])).toEqual([null, null]);
  });

  it('that is cut off leaves a server that says why, with nothing running', async () => {
    const { client, initiator, served, done, errors } = await pair();
    client.callTool({ name: 'wait' }).catch(() => {});
    await eventually(() => expect(done.running).toBe(1));
    initiator.destroy();
    await served.closed;
    await eventually(() => expect(done.aborted).toBe(1));
    expect(errors.map((error) => 'code' in error && error.code)).toContain('truncated');
  });

  it('uses a server of version 1 of the SDK, where that speaks its era', async () => {
    const { near, far } = await openBetween();
    const { server, cleanup } = everything();
    await server.connect(channelTransport(far) as never);
    const client = await connected(
      clientOf(era, era === '2025-11-25' ? {} : { versionNegotiation: { mode: 'auto' } }),
      streamTransport(near.channel),
    );
    expect((await client.listTools()).tools.length).toBeGreaterThan(5);
    expect(textOf(await client.callTool({ name: 'echo', arguments: { message: 'hello' } }))).toContain('hello');
    await client.close();
    cleanup();
  });
});

describe('a connection', () => {
  it('is opened with the server that is expected only, and its answers are kept for that server', async () => {
    const caches = responseCaches();
    const listener = await listen({
      ...who('bob'),
      ...{ host: '127.0.0.1', port: 0, channel: true },
      onHandshake: ({ ok, ...result }) => {
        if (!ok || result.channel === undefined || !('session' in result)) return;
        result.channel.on('error', () => {});
        serveOverChannel({ channel: result.channel, session: result.session }, serverFor());
      },
    });
    const info = { name: 'tester', version: '1.0.0' };
    const connect = { ...who('alice'), ...listener.address, expectedPeer: 'URI:https://bob.example/agent' };
    const { client, server } = await connectOverChannel({ connect, info, caches });
    expect(server()).toMatchObject({ identity: 'CN=bob' });
    expect(caches(server())).toBe(caches({ ...server(), channelBinding: 'another' }));
    expect(caches(server())).not.toBe(caches({ ...server(), names: ['mallory'] }));
    await client.close();
    const wrong = connectOverChannel({ connect: { ...connect, expectedPeer: 'carol' }, info });
    await expect(wrong).rejects.toThrow(HandshakeError);
    await listener.close();
  });

  it.each([
    ['message-not-json', 'hello\n'],
    ['message-repeated-key', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}\n'],
    ['message-too-long', 'x'.repeat(2_000)],
    ['message-not-json-rpc', '{"jsonrpc":"2.0","id":1,"method":"tools/call"}\n{"jsonrpc":"2.0","id":1,"method":"a"}\n'],
  ])('ends with %s', async (code, sent) => {
    const { initiator, far } = await openBetween();
    const errors: Error[] = [];
    const transport = channelTransport(far, { longest: 1_000 });
    transport.onerror = (error) => errors.push(error);
    const closed = new Promise<void>((resolve) => {
      transport.onclose = resolve;
    });
    await transport.start();
    initiator.write(sent);
    await closed;
    expect(errors).toMatchObject([{ code }]);
    expect(await closeOf(initiator)).toMatchObject({ code: 'truncated' });
  });

  it('that ends inside a message says so', async () => {
    const { initiator, far } = await openBetween();
    const errors: Error[] = [];
    const transport = channelTransport(far);
    transport.onerror = (error) => errors.push(error);
    await transport.start();
    initiator.end('{"jsonrpc"');
    await new Promise((resolve) => far.channel.once('close', resolve));
    expect(errors).toMatchObject([{ code: 'message-truncated' }]);
  });

  it('answers a request whose text has half of a surrogate pair, and goes on', async () => {
    const { initiator, far } = await openBetween();
    serveOverChannel(far, serverFor());
    const client = streamTransport(initiator);
    const answers: unknown[] = [];
    client.onmessage = (message) => answers.push(message);
    await client.start();
    initiator.write('{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"\\ud800"}}\n');
    await eventually(() => expect(answers).toMatchObject([{ id: 5, error: { code: -32_600 } }]));
    await client.close();
  });

  it('whose peer does not read holds a bounded amount, and gives everything when it reads on', async () => {
    const { initiator, far } = await openBetween();
    const done = doings();
    serveOverChannel(far, serverFor(done));
    initiator.write(
      '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}\n',
    );
    const calls = 200;
    for (let id = 1; id <= calls; id += 1)
      initiator.write(
        `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"large","arguments":{"size":100000}}}\n`,
      );
    await eventually(() => expect(far.channel.writableNeedDrain).toBe(true));
    await eventually(() => expect(initiator.writableLength).toBe(0));
    const before = far.channel.writableLength;
    expect(before).toBeLessThan(64 * 101_000);
    expect(far.channel.writableLength).toBe(before); // 20 MB were asked for
    let lines = 0;
    initiator.on('data', (chunk: Buffer) => {
      for (const octet of chunk) if (octet === 10) lines += 1;
    });
    await eventually(() => expect(lines).toBe(calls + 1));
    initiator.end();
  });

  it('whose peer asks without end and reads nothing holds what its limits state, and no more', async () => {
    const { initiator, far } = await openBetween();
    const [answer, request, mostUnderWay, mostWaiting] = [100_000, 1_000, 4, 200_000];
    const bound = mostUnderWay * (answer + 1_000) + 2 * mostWaiting + 2 * limits.channelBuffers;
    serveOverChannel(far, serverFor(), { mostUnderWay, mostWaiting });
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
    initiator.write(`${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: hello })}\n`);
    const before = process.memoryUsage().arrayBuffers;
    let calls = 0;
    const goesOn = async (): Promise<boolean> => {
      for (let turn = 0; turn < 100; turn += 1) {
        if (!initiator.writableNeedDrain) return true;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return false;
    };
    while (await goesOn()) {
      calls += 1;
      const params = { name: 'large', arguments: { size: answer, value: 'x'.repeat(request) } };
      initiator.write(`${JSON.stringify({ jsonrpc: '2.0', id: calls, method: 'tools/call', params })}\n`);
      expect(calls * request).toBeLessThan(8 * 1_048_576);
    }
    expect(far.channel.writableLength).toBeLessThan(mostUnderWay * (answer + 1_000));
    expect(far.channel.bytesRead).toBeLessThan(bound);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(bound + 8 * 1_048_576); // and what the collector has not seen yet
    initiator.destroy();
  });

  it('that cannot be opened leaves nothing behind', async () => {
    const transport = streamTransport(() => Promise.reject(new Error('refused')));
    await expect(transport.start()).rejects.toThrow('refused');
    await expect(transport.send({ jsonrpc: '2.0', method: 'a' })).rejects.toMatchObject({ code: 'connection-closed' });
    const { initiator } = await openBetween();
    const late = streamTransport(async () => initiator);
    const starting = late.start();
    await late.close();
    await expect(starting).rejects.toMatchObject({ code: 'connection-closed' });
    expect(initiator.destroyed).toBe(true);
  });
});
