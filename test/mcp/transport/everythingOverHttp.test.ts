// The everything server of the MCP project, over Streamable HTTP inside channels, for clients of both eras.
import { randomUUID } from 'node:crypto';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createServer as everything } from '@modelcontextprotocol/server-everything/dist/server/index.js';
import { afterEach, expect, it } from 'vitest';
import { channelFetch } from '../../../src/mcp/transport/channelFetch.ts';
import { openedChannel } from '../../../src/mcp/transport/connectOverChannel.ts';
import { channelUrl } from '../../../src/mcp/transport/httpOverChannel.ts';
import { httpServer } from '../../../src/mcp/transport/httpServer.ts';
import { listen } from '../../../src/node/transport/tcp.ts';
import { who } from '../../node/transport/channels.ts';
import { clientOf, connected, type Era, eras, textOf } from './servers.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

it.each(Object.keys(eras) as Era[])('serves a client of %s', async (era) => {
  const { server, cleanup } = everything();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
  await server.connect(transport as never);
  const http = httpServer((request, response) => transport.handleRequest(request, response));
  const listener = await listen({
    ...who('bob'),
    ...{ host: '127.0.0.1', port: 0, channel: true },
    onHandshake: (result) => {
      if (result.ok && result.channel !== undefined) http.serve({ channel: result.channel, session: result.session });
    },
  });
  const { fetch, close } = channelFetch(
    async () => (await openedChannel({ ...who('alice'), ...listener.address })).channel,
  );
  open.push(
    () => cleanup(),
    () => listener.close(),
    () => http.close(),
    close,
  );
  const client = await connected(
    clientOf(era, era === '2025-11-25' ? {} : { versionNegotiation: { mode: 'auto' } }),
    new StreamableHTTPClientTransport(channelUrl, { fetch }),
  );
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo');
  expect(textOf(await client.callTool({ name: 'echo', arguments: { message: 'hello' } }))).toMatch(/hello/);
  expect((await client.listResources()).resources.length).toBeGreaterThan(0);
  await client.close();
});
