// Servers and clients of the official SDK in each era, through the bridge.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { endAll, entryFor, type Place, placeFor, serving } from './bridge.ts';

let place: Place;
beforeAll(() => {
  place = placeFor('alice', 'bob');
});
afterEach(endAll);
afterAll(() => place.remove());

const everything = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
const modern = fileURLToPath(new URL('./modern.ts', import.meta.url));

const transportOf = (command: string, args: readonly string[]): StdioClientTransport =>
  new StdioClientTransport({ command, args: [...args], stderr: 'ignore' });

it.each([
  ['2025-11-25', everything, 'legacy'],
  ['2026-07-28', modern, { pin: '2026-07-28' }],
] as const)(
  'in %s everything that a server lists is the same with the bridge as without it: %s',
  async (version, file, mode) => {
    const { address } = await serving(place.who('bob', 'alice'), [process.execPath, file]);
    const { command, args } = entryFor(address, place.who('alice', 'bob'));
    const seen = [];
    for (const transport of [transportOf(process.execPath, [file]), transportOf(command, args)]) {
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
