// A server of the Model Context Protocol over channels, whose declarations the tests change; and files of peers for the command line.

import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { isObject, type Json, type JsonObject, type Message } from '../../../src/mcp/contract.ts';
import { readCredentials, readTrustAnchors } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { listen } from '../../../src/node/transport/tcp.ts';

/** What it declares, and how it answers. */
export interface Declares {
  tools: Json[];
  prompts?: Json[];
  instructions?: string;
  /** Tools of a page; by default all. */
  page?: number;
  eras?: readonly ('2026-07-28' | '2025-11-25')[];
  /** Instead of an answer. */
  says?: string;
}

function answerTo(method: Json | undefined, params: JsonObject, declares: Declares): Json | undefined {
  const { tools, prompts, instructions, page = tools.length || 1, eras = ['2026-07-28', '2025-11-25'] } = declares;
  const capabilities = { tools: {}, ...(prompts === undefined ? {} : { prompts: {} }) };
  const common = { capabilities, ...(instructions === undefined ? {} : { instructions }) };
  if (method === 'server/discover' && eras.includes('2026-07-28')) return { ...common, supportedVersions: [...eras] };
  if (method === 'initialize' && eras.includes('2025-11-25'))
    return { ...common, protocolVersion: '2025-11-25', serverInfo: { name: 'test', version: '1' } };
  if (method === 'prompts/list' && prompts !== undefined) return { prompts };
  if (method !== 'tools/list') return undefined;
  const from = Number(params['cursor'] ?? 0);
  const next = from + page < tools.length ? { nextCursor: `${from + page}` } : {};
  return { tools: tools.slice(from, from + page), ...next };
}

/** Serves one stream. */
export function serveStream(stream: Duplex, declares: Declares): void {
  stream.on('error', () => {}).on('end', () => stream.end());
  const lines = createInterface({ input: stream }).on('error', () => {});
  lines.on('line', (line) => {
    if (declares.says !== undefined) {
      stream.write(declares.says);
      return;
    }
    const { id, method, params = {} } = JSON.parse(line) as Message;
    if (id === undefined) return;
    const result = answerTo(method, isObject(params) ? params : {}, declares);
    const answer = result === undefined ? { error: { code: -32_601, message: 'Method not found' } } : { result };
    stream.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
  });
}

/** Serves `bob` of a directory of peers. */
export async function serving(
  directory: string,
  declares: Declares,
  expected = 'alice',
): Promise<{ address: string; close: () => Promise<void> }> {
  const suite = chooseSuite();
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    suite,
    credentials: readCredentials(suite, `${directory}/bob.pem`, `${directory}/bob.key`),
    trustAnchors: readTrustAnchors(suite, [`${directory}/ca.pem`]),
    expectedPeer: expected,
    channel: true,
    onHandshake: ({ channel }) => {
      if (channel !== undefined) serveStream(channel, declares);
    },
  });
  return { address: `127.0.0.1:${listener.address.port}`, close: listener.close };
}
