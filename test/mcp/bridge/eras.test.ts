// Servers and clients of the official SDK in each era, through the bridge.
import { createRequire } from 'node:module';
import { duplexPair } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { streamTransport } from '../../../src/mcp/transport/streamTransport.ts';
import { type InProcess, inProcess } from './inProcess.ts';

let here: InProcess;
beforeAll(() => {
  here = inProcess('alice', 'bob');
});
afterEach(() => here.closeAll());
afterAll(() => here.place.remove());

const everything = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
const modern = fileURLToPath(new URL('./modern.ts', import.meta.url));

/** What a host hears of a bridge whose two ends are in this process. */
async function bridged(file: string) {
  const bridge = await here.bridgeWith({}, { words: [file] });
  const [host, streams] = duplexPair();
  here.hostTo(bridge, { input: streams, output: streams });
  return streamTransport(host);
}

it.each([
  ['2025-11-25', everything, 'legacy'],
  ['2026-07-28', modern, { pin: '2026-07-28' }],
] as const)(
  'in %s everything that a server lists is the same with the bridge as without it: %s',
  async (version, file, mode) => {
    const direct = new StdioClientTransport({ command: process.execPath, args: [file], stderr: 'ignore' });
    const seen = [];
    for (const transport of [direct, await bridged(file)]) {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
      await client.connect(transport);
      expect(client.getNegotiatedProtocolVersion()).toBe(version);
      const { prompts, resources } = client.getServerCapabilities() ?? {};
      seen.push({
        server: client.getServerVersion(),
        tools: await client.listTools(),
        prompts: prompts && (await client.listPrompts()),
        resources: resources && (await client.listResources()),
      });
      await client.close();
    }
    expect(seen[1]).toStrictEqual(seen[0]);
  },
);
