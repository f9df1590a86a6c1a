// Servers and clients that the tests of bindings use.
import { Client, type ClientOptions } from '@modelcontextprotocol/client';
import { fromJsonSchema, McpServer, type McpServerFactory, type Transport } from '@modelcontextprotocol/server';
import { principalFrom } from '../../../src/mcp/transport/authInfo.ts';
import type { OpenChannel } from '../../../src/mcp/transport/principal.ts';
import { type Both, channelBetween, type Options } from '../../node/transport/channels.ts';

/** What the tools of a server did, and what they wait for. */
export interface Doings {
  running: number;
  most: number;
  aborted: number;
  readonly gates: (() => void)[];
}

export const doings = (): Doings => ({ running: 0, most: 0, aborted: 0, gates: [] });

const text = (some: string) => ({ content: [{ type: 'text' as const, text: some }] });
const schema = fromJsonSchema<{ readonly value?: string; readonly size?: number }>({
  type: 'object',
  properties: { value: { type: 'string' }, size: { type: 'number' } },
});

/** A server with the tools echo, who, steps (progress), large, and wait (until its gate opens or it is cancelled). */
export function serverFor(done: Doings = doings()): McpServerFactory {
  return () => {
    const server = new McpServer({ name: 'tests', version: '1.0.0' });
    const inputSchema = schema;
    server.registerTool('echo', { inputSchema }, ({ value = '' }) => text(value));
    server.registerTool('who', { inputSchema }, (_given, { http }) => {
      const { token, clientId, scopes, expiresAt } = http?.authInfo ?? {};
      return text(JSON.stringify({ token, clientId, scopes, expiresAt, principal: principalFrom(http?.authInfo) }));
    });
    server.registerTool('large', { inputSchema }, ({ size = 0 }) => text('x'.repeat(size)));
    server.registerTool('steps', { inputSchema }, async (_given, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken ?? 0;
      for (const progress of [1, 2, 3])
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } });
      return text('done');
    });
    server.registerTool('wait', { inputSchema }, async (_given, { mcpReq }) => {
      done.running += 1;
      done.most = Math.max(done.most, done.running);
      await new Promise<void>((resolve) => {
        done.gates.push(resolve);
        mcpReq.signal.addEventListener('abort', () => {
          done.aborted += 1;
          resolve();
        });
      });
      done.running -= 1;
      return text('waited');
    });
    return server;
  };
}

export const eras = {
  '2025-11-25': { mode: 'legacy' },
  '2026-07-28': { mode: { pin: '2026-07-28' } },
} as const;
export type Era = keyof typeof eras;

export const clientOf = (era: Era, options: ClientOptions = {}): Client =>
  new Client({ name: 'tester', version: '1.0.0' }, Object.assign({ versionNegotiation: eras[era] }, options));

/** Both ends of a channel, with its first session. */
export async function openBetween(
  options: Options = {},
): Promise<Both & { readonly near: OpenChannel; readonly far: OpenChannel }> {
  const both = await channelBetween(options);
  const { session } = both.result;
  return Object.assign(both, { near: { channel: both.initiator, session }, far: { channel: both.responder, session } });
}

export async function connected(client: Client, transport: Transport): Promise<Client> {
  await client.connect(transport);
  return client;
}

export const textOf = (result: unknown): string =>
  (result as { content: readonly { text?: string }[] }).content.map((one) => one.text ?? '').join('');
