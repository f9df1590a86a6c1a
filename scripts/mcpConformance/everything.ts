// Serves everything that the conformance suite asks for over Streamable HTTP, both versions, on a port of loopback that it prints.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import {
  classifyInboundRequest,
  createMcpHandler,
  type EventStore,
  isInitializeRequest,
} from '@modelcontextprotocol/server';
import { everything, type Surroundings } from './tools.ts';

type Transport = NodeStreamableHTTPServerTransport;

/** Remembers events in their order, for clients that come back. */
function eventStore(): EventStore {
  const events: { readonly id: string; readonly stream: string; readonly message: unknown }[] = [];
  return {
    storeEvent: async (stream, message) => {
      const id = `${stream}::${String(events.length).padStart(8, '0')}`;
      events.push({ id, stream, message });
      return id;
    },
    replayEventsAfter: async (last, { send }) => {
      const [stream = last] = last.split('::');
      for (const one of events)
        if (one.stream === stream && one.id > last && Object.keys(one.message as object).length > 0)
          await send(one.id, one.message as never);
      return stream;
    },
  };
}

const sessions = new Map<string, Transport>();

const surroundings: Surroundings = {
  cutStream: ({ sessionId = '', mcpReq }) => sessions.get(sessionId)?.closeSSEStream(mcpReq.id),
  toolsChanged: () => modern.notify.toolsChanged(),
  promptsChanged: () => modern.notify.promptsChanged(),
};
const modern = createMcpHandler(() => everything(surroundings));
const serveModern = toNodeHandler(modern);

async function begin(): Promise<Transport> {
  const transport: Transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    eventStore: eventStore(),
    retryInterval: 500,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  transport.onclose = () => void sessions.delete(transport.sessionId ?? '');
  await everything(surroundings).connect(transport);
  return transport;
}

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  const error = { jsonrpc: '2.0', id: null, error: { code, message } };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(error));
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', headers } = request;
  if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(headers.host ?? '')) return refuse(response, 403, -32_000, 'Host');
  const body: unknown = method === 'POST' ? await json(request).catch(() => undefined) : undefined;
  const kind = classifyInboundRequest({
    httpMethod: method,
    ...{
      protocolVersionHeader: one(headers['mcp-protocol-version']),
      mcpMethodHeader: one(headers['mcp-method']),
      body,
    },
  } as never).kind;
  if (method === 'POST' && kind !== 'legacy') return await serveModern(request as never, response, body);
  const id = one(headers['mcp-session-id']);
  if (id === undefined && !isInitializeRequest(body)) return refuse(response, 400, -32_000, 'A session is needed');
  const transport = id === undefined ? await begin() : sessions.get(id);
  if (transport === undefined) return refuse(response, 404, -32_001, 'Session not found');
  return await transport.handleRequest(request as never, response, body);
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => refuse(response, 500, -32_603, 'Internal error'));
}).listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`));
