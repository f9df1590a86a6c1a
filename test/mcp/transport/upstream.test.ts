// A front between channels and a server of HTTP: who the peer is gets there, and nothing that a peer makes up.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import type { Principal } from '../../../src/mcp/contract.ts';
import { channelFetch } from '../../../src/mcp/transport/channelFetch.ts';
import { openedChannel } from '../../../src/mcp/transport/connectOverChannel.ts';
import { channelUrl } from '../../../src/mcp/transport/httpOverChannel.ts';
import { type UpstreamOptions, upstreamFront } from '../../../src/mcp/transport/upstream.ts';
import { forwardedHeaders } from '../../../src/mcp/transport/upstreamHeaders.ts';
import { sessions } from '../../../src/mcp/transport/upstreamSessions.ts';
import { listen } from '../../../src/node/transport/tcp.ts';
import { who } from '../../node/transport/channels.ts';
import { eventually } from '../../waiting.ts';
import { clientOf, connected, doings, type Era, eras, serverFor, textOf } from './servers.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function front(listener: RequestListener, options: Partial<UpstreamOptions> = {}) {
  const asked: { readonly request: IncomingMessage; readonly body: string }[] = [];
  const server = createServer(listener).listen(0, '127.0.0.1');
  server.on('request', (request: IncomingMessage) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => asked.push({ request, body: String(Buffer.concat(chunks)) }));
  });
  await once(server, 'listening');
  const upstream = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  const http = upstreamFront({ upstream, ...options });
  const listening = await listen({
    ...who('bob'),
    ...{ host: '127.0.0.1', port: 0, channel: true },
    onHandshake: (result) => {
      if (result.ok && result.channel) http.serve({ channel: result.channel, session: result.session });
    },
  });
  const fetchAs = (name: string) => {
    const made = channelFetch(async () => (await openedChannel({ ...who(name), ...listening.address })).channel);
    open.push(made.close);
    return made.fetch;
  };
  open.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => listening.close(),
    () => http.close(),
  );
  const fetch = fetchAs('alice');
  const post = (body: string, headers: Record<string, string> = {}, by = fetch) =>
    by(channelUrl, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  return { asked, fetch, fetchAs, post };
}

const ping = '{ "id":1,  "jsonrpc":"2.0","method":"ping" }';
const answering: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b', 'www-authenticate': 'Bearer' });
  response.end('{ "jsonrpc":"2.0", "id":1, "result":{} }');
};

describe.each(Object.keys(eras) as Era[])('a client of %s', (era) => {
  it('uses the server behind a front: lists, calls, hears of progress, cancels', async () => {
    const done = doings();
    const { fetch } = await front(toNodeHandler(createMcpHandler(serverFor(done))) as unknown as RequestListener);
    const client = await connected(clientOf(era), new StreamableHTTPClientTransport(channelUrl, { fetch }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
    const heard: number[] = [];
    await client.callTool({ name: 'steps' }, { onprogress: ({ progress }) => heard.push(progress) });
    expect(heard).toEqual([1, 2, 3]);
    expect(textOf(await client.callTool({ name: 'large', arguments: { size: 1_000_000 } }))).toHaveLength(1_000_000);
    if (era === '2026-07-28') {
      const stop = new AbortController();
      const called = client.callTool({ name: 'wait' }, { signal: stop.signal });
      await eventually(() => expect(done.running).toBe(1));
      stop.abort();
      await expect(called).rejects.toThrow();
      await eventually(() => expect(done.aborted).toBe(1));
    }
    await client.close();
  });
});

describe('a front', () => {
  it('passes body and answer on octet by octet, with the identity, and no header that it does not know', async () => {
    const { asked, post } = await front(answering, { ownHeaders: { 'x-front': 'secret' } });
    const response = await post(ping, {
      authorization: 'Bearer stolen',
      cookie: 'a=b',
      'pquake-peer': 'CN=root',
      PQUAKE_PEER: 'CN=root',
      'pquake-peer-certificate': '00',
      pquake_peer_binding: '00',
      'x-front': 'guessed',
      x_front: 'guessed',
      'x-forwarded-for': '10.0.0.1',
      'mcp-method': 'ping',
      te: 'trailers',
    });
    expect(await response.text()).toBe('{ "jsonrpc":"2.0", "id":1, "result":{} }');
    expect([...response.headers.keys()].filter((name) => /cookie|authenticate/.test(name))).toEqual([]);
    const [one] = asked;
    expect(one?.body).toBe(ping);
    expect(one?.request.headers).toEqual({
      host: expect.stringContaining('127.0.0.1'),
      connection: expect.any(String),
      'content-type': 'application/json',
      'content-length': String(ping.length),
      'mcp-method': 'ping',
      'x-front': 'secret',
      'pquake-peer': 'CN=alice',
      'pquake-peer-certificate': expect.stringMatching(/^[0-9a-f]{64}$/),
      'pquake-peer-binding': expect.stringMatching(/^[0-9a-f]{96}$/),
    });
  });

  it.each([
    ['another host', 403, { host: 'evil.example' }],
    ['an origin', 403, { origin: 'http://localhost' }],
    ['a session of nobody', 404, { 'mcp-session-id': 'guessed' }],
  ])('answers a request with %s by itself', async (_what, status, headers) => {
    const { asked, post } = await front(answering);
    expect((await post(ping, headers as Record<string, string>)).status).toBe(status);
    expect(asked).toEqual([]);
  });

  it('passes no message on that the server may read in other characters', async () => {
    const { asked, post } = await front(answering);
    const other = 'application/json; charset=utf-7';
    expect((await post(ping, { 'content-type': other })).status).toBe(415);
    expect(asked).toEqual([]);
    for (const same of ['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])
      expect((await post(ping, { 'content-type': same })).status).toBe(200);
  });

  it('has one place and three methods', async () => {
    const { asked, fetch } = await front(answering);
    expect((await fetch(new URL('/admin', channelUrl))).status).toBe(404);
    expect((await fetch(new URL('/mcp?x=http://elsewhere', channelUrl))).status).toBe(404);
    expect((await fetch(channelUrl, { method: 'PUT', body: ping })).status).toBe(405);
    expect(asked).toEqual([]);
  });

  it('gives each message to the hook, which answers in the place of the server', async () => {
    const seen: string[] = [];
    const answer = { jsonrpc: '2.0', id: 1, error: { code: -32_000, message: 'denied' } };
    const { asked, post } = await front(answering, {
      exchange: ({ principal: { identity } }) => ({
        asked: ({ message }) => {
          seen.push(`${identity} ${message['method']}`);
          if (message['method'] === 'ping') return { forward: true };
          return message['id'] === undefined ? { forward: false } : { forward: false, answer };
        },
        answered: ({ octets }) => ({ octets }),
        noAnswer: () => undefined,
        over: () => {},
      }),
    });
    expect(
      await (await post('{"jsonrpc":"2.0","id":1,"method":"tools/call"}', { 'mcp-method': 'ping' })).json(),
    ).toEqual(answer);
    expect((await post('{"jsonrpc":"2.0","method":"notifications/x"}')).status).toBe(202);
    expect((await post('{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping"}')).status).toBe(400);
    expect((await post(ping)).status).toBe(200);
    expect(seen).toEqual(['CN=alice tools/call', 'CN=alice notifications/x', 'CN=alice ping']);
    expect(asked.map(({ body }) => body)).toEqual([ping]);
  });

  it('lets nobody use the session of another peer', async () => {
    const { asked, post, fetchAs } = await front((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'one' }).end('{}');
    });
    expect((await post(ping)).headers.get('mcp-session-id')).toBe('one');
    expect((await post(ping, { 'mcp-session-id': 'one' })).status).toBe(200);
    expect((await post(ping, { 'mcp-session-id': 'one' }, fetchAs('carol'))).status).toBe(404);
    expect(asked).toHaveLength(2);
  });

  it('says when the server does not answer, cannot be reached, or sends a request elsewhere', async () => {
    const silent = await front(() => {}, { answerTimeout: 50 });
    expect((await silent.post(ping)).status).toBe(504);
    const gone = await front((request) => request.socket.destroy());
    expect((await gone.post(ping)).status).toBe(502);
    const moved = await front((_request, response) =>
      response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
    );
    expect((await moved.post(ping)).status).toBe(502);
  });

  it.each(['https://127.0.0.1/mcp', 'http://a:b@127.0.0.1/', 'http://127.0.0.1/mcp?a=b', 'file:///etc/passwd'])(
    'is not made for %s',
    (url) => {
      expect(() => upstreamFront({ upstream: new URL(url) })).toThrow(ConfigurationError);
    },
  );
});

describe('the identity in a header', () => {
  const principal = { identity: 'CN=Jürgen %0D\r\nx: y', certificateDigest: 'aa', channelBinding: 'bb' } as Principal;

  it('is escaped', () => {
    expect(forwardedHeaders({}, principal, {})).toEqual({
      'pquake-peer': 'CN=J%C3%BCrgen %250D%0D%0Ax: y',
      'pquake-peer-certificate': 'aa',
      'pquake-peer-binding': 'bb',
    });
  });

  it('is ours, whatever else crosses', () => {
    const headers = { 'who-is-it': 'root', who_is_it: 'root', authorization: 'token', mcp_session_id: 'a' };
    const options = { identityHeader: 'Who-Is-It', alsoForward: ['Authorization', 'who_is_it'] };
    expect(forwardedHeaders(headers, principal, options)).toMatchObject({ authorization: 'token' });
    expect(Object.keys(forwardedHeaders(headers, principal, options)).sort()).toEqual([
      'Who-Is-It',
      'Who-Is-It-binding',
      'Who-Is-It-certificate',
      'authorization',
    ]);
  });
});

it('sessions are remembered up to a number, those that were used last', () => {
  const [alice, bob] = [
    { names: ['alice'], authorities: ['CN=a'] },
    { names: ['bob'], authorities: ['CN=a'] },
  ] as unknown as Principal[];
  if (alice === undefined || bob === undefined) throw new Error('nobody');
  const known = sessions(2);
  known.begun('one', alice);
  known.begun('two', alice);
  known.begun('one', bob);
  expect([known.isOf('one', alice), known.isOf('one', bob)]).toEqual([true, false]);
  known.begun('three', alice);
  expect([known.isOf('one', alice), known.isOf('two', alice)]).toEqual([true, false]);
  known.ended('one');
  expect(known.isOf('one', alice)).toBe(false);
});
