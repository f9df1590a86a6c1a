// Streamable HTTP inside channels: clients of both eras against the handler of the SDK.
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChannelFetch, channelFetch } from '../../../src/mcp/transport/channelFetch.ts';
import { openedChannel } from '../../../src/mcp/transport/connectOverChannel.ts';
import { channelUrl, httpOverChannel } from '../../../src/mcp/transport/httpOverChannel.ts';
import type { HttpServer } from '../../../src/mcp/transport/httpServer.ts';
import { type Listener, listen } from '../../../src/node/transport/tcp.ts';
import { who } from '../../node/transport/channels.ts';
import { eventually } from '../../waiting.ts';
import { clientOf, connected, doings, type Era, eras, serverFor, textOf } from './servers.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Channels to an HTTP server, and how many there were. */
async function channelsTo(
  http: HttpServer,
): Promise<ChannelFetch & { readonly count: () => number; readonly listener: Listener }> {
  let count = 0;
  const listener = await listen({
    ...who('bob'),
    ...{ host: '127.0.0.1', port: 0, channel: true },
    onHandshake: (result) => {
      if (!result.ok || result.channel === undefined) return;
      count += 1;
      http.serve({ channel: result.channel, session: result.session });
    },
  });
  const fetches = channelFetch(async () => (await openedChannel({ ...who('alice'), ...listener.address })).channel);
  open.push(
    () => listener.close(),
    () => http.close(),
    () => fetches.close(),
  );
  return Object.assign(fetches, { count: () => count, listener });
}

describe.each(Object.keys(eras) as Era[])('a client of %s', (era) => {
  async function pair(done = doings()) {
    const { fetch, count } = await channelsTo(httpOverChannel(createMcpHandler(serverFor(done)).fetch));
    const client = await connected(clientOf(era), new StreamableHTTPClientTransport(channelUrl, { fetch }));
    return { client, done, count };
  }

  it('lists, calls, hears of progress, gets a large result, and keeps its channels', async () => {
    const { client, count } = await pair();
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
    for (const value of ['one', 'zwölf', '😀'])
      expect(textOf(await client.callTool({ name: 'echo', arguments: { value } }))).toBe(value);
    const heard: number[] = [];
    await client.callTool({ name: 'steps' }, { onprogress: ({ progress }) => heard.push(progress) });
    expect(heard).toEqual([1, 2, 3]);
    expect(textOf(await client.callTool({ name: 'large', arguments: { size: 2_000_000 } }))).toHaveLength(2_000_000);
    expect(count()).toBeLessThanOrEqual(3);
    await client.close();
  });

  it('is known to handlers', async () => {
    const { client } = await pair();
    const told = JSON.parse(textOf(await client.callTool({ name: 'who' })));
    expect(told).toMatchObject({ token: '', clientId: 'CN=alice', principal: { identity: 'CN=alice', epoch: 0 } });
    expect(told.expiresAt).toBe(Date.parse('2030-01-01T00:00:00Z') / 1_000);
    await client.close();
  });
});

it('a client of 2026-07-28 cancels by ending the stream of an answer', async () => {
  const done = doings();
  const { fetch } = await channelsTo(httpOverChannel(createMcpHandler(serverFor(done)).fetch));
  const client = await connected(clientOf('2026-07-28'), new StreamableHTTPClientTransport(channelUrl, { fetch }));
  const stop = new AbortController();
  const called = client.callTool({ name: 'wait' }, { signal: stop.signal });
  await eventually(() => expect(done.running).toBe(1));
  stop.abort();
  await expect(called).rejects.toThrow();
  await eventually(() => expect(done).toMatchObject({ running: 0, aborted: 1 }));
  await client.close();
});

describe('a request', () => {
  const answering = async () => {
    const asked: unknown[] = [];
    const http = httpOverChannel(
      async (_request, { parsedBody }) => {
        asked.push(parsedBody);
        return Response.json({});
      },
      { longest: 100 },
    );
    const { fetch } = await channelsTo(http);
    const post = (body: string, headers: Record<string, string> = {}) =>
      fetch(channelUrl, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
    return { asked, post, fetch };
  };

  it.each([
    ['a key twice', 400, '{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}', {}],
    ['no JSON', 400, 'hello', {}],
    ['a batch', 400, '[{"jsonrpc":"2.0","id":1,"method":"a"}]', {}],
    ['too much', 413, `{"jsonrpc":"2.0","method":"${'a'.repeat(100)}"}`, {}],
    ['another media type', 415, '{"jsonrpc":"2.0","method":"a"}', { 'content-type': 'text/plain' }],
    ['an encoding', 415, '{"jsonrpc":"2.0","method":"a"}', { 'content-encoding': 'gzip' }],
    [
      'characters of UTF-7, in which it is another message',
      415,
      '{"jsonrpc":"2.0","method":"a","x":"+ACIALAAi-method+ACIAOgAi-b"}',
      { 'content-type': 'application/json; charset=utf-7' },
    ],
    [
      'two kinds of characters',
      415,
      '{"jsonrpc":"2.0","method":"a"}',
      { 'content-type': 'application/json; charset=utf-8; charset=utf-7' },
    ],
  ])('with %s is refused before a handler sees it', async (_what, status, body, headers) => {
    const { asked, post } = await answering();
    const response = await post(body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) } });
    expect(asked).toEqual([]);
    expect((await post('{"jsonrpc":"2.0","method":"a"}')).status).toBe(200);
  });

  it('whose body does not come ends its channel in time, and one that is answered late does not', async () => {
    let answer: ((response: Response) => void) | undefined;
    const http = httpOverChannel(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      { requestTimeout: 200 },
    );
    const { fetch, listener } = await channelsTo(http);
    const slow = fetch(channelUrl, {
      method: 'POST',
      body: '{"jsonrpc":"2.0","method":"a"}',
      headers: { 'content-type': 'application/json' },
    });
    await eventually(() => expect(answer).toBeDefined());
    const { channel } = await openedChannel({ ...who('alice'), ...listener.address });
    const closed = new Promise((resolve) => channel.on('error', () => {}).once('close', resolve));
    channel.resume();
    channel.write(
      'POST /mcp HTTP/1.1\r\nhost: mcp.invalid\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{',
    );
    await closed;
    answer?.(Response.json({}));
    expect((await slow).status).toBe(200);
  });

  it('under way is answered when the server closes, and no other is', async () => {
    let answer: (() => void) | undefined;
    const http = httpOverChannel(
      () =>
        new Promise((resolve) => {
          answer = () => resolve(Response.json({ late: true }));
        }),
    );
    const { fetch } = await channelsTo(http);
    const body = '{"jsonrpc":"2.0","method":"a"}';
    const asked = fetch(channelUrl, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    await eventually(() => expect(answer).toBeDefined());
    const closed = http.close();
    answer?.();
    expect(await (await asked).json()).toEqual({ late: true });
    await closed;
  });
});
