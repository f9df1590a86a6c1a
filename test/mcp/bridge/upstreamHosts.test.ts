// Hosts and servers of HTTP, as processes: `connect`, which speaks lines, and `serve --upstream`, both versions.
import { spawnSync } from 'node:child_process';
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Started, start } from '../../../scripts/mcpConformance/routes.ts';
import { entryFor, type Place, placeFor, program } from './bridge.ts';

let place: Place;
let everything: Started;
let bridge: Started;
beforeAll(async () => {
  place = placeFor('alice', 'bob');
  everything = await start(['scripts/mcpConformance/everything.ts'], /^(http:\S+)$/);
  const words = [program, 'serve', '--listen', '127.0.0.1:0', ...place.who('bob', 'alice')];
  bridge = await start([...words, '--upstream', everything.told], /^listening on (\S+)$/);
});
afterAll(async () => {
  await bridge?.close();
  await everything?.close();
  place?.remove();
});

function hostTransport(): Transport {
  const { command, args } = entryFor(bridge.told, place.who('alice', 'bob'));
  return new StdioClientTransport({ command, args: [...args], stderr: 'ignore' });
}

const textOf = (result: unknown): string =>
  (result as { content: readonly { text?: string }[] }).content.map((one) => one.text ?? '').join('');

describe.each([
  ['2025-11-25', 'legacy'],
  ['2026-07-28', { pin: '2026-07-28' }],
] as const)('a host of %s', (version, mode) => {
  async function connected(transport: Transport): Promise<Client> {
    const capabilities = { elicitation: { form: {} }, sampling: {} };
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode }, capabilities });
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ada' } }));
    await client.connect(transport);
    return client;
  }

  it('sees of a server of HTTP what it sees directly, calls, hears of progress and is asked', async () => {
    const seen: unknown[] = [];
    for (const transport of [new StreamableHTTPClientTransport(new URL(everything.told)), hostTransport()]) {
      const client = await connected(transport);
      expect(client.getNegotiatedProtocolVersion()).toBe(version);
      const progress: number[] = [];
      const onprogress = (one: { readonly progress: number }): void => void progress.push(one.progress);
      await client.callTool({ name: 'test_tool_with_progress' }, { onprogress });
      const asking = version === '2025-11-25' ? 'test_elicitation' : 'test_input_required_result_elicitation';
      const given = version === '2025-11-25' ? { message: 'Who?' } : {};
      seen.push({
        server: client.getServerVersion(),
        tools: await client.listTools(),
        prompts: await client.listPrompts(),
        resource: await client.readResource({ uri: 'test://static-text' }),
        simple: textOf(await client.callTool({ name: 'test_simple_text' })),
        mirrored: textOf(await client.callTool({ name: 'test_x_mcp_header', arguments: { region: 'Zürich' } })),
        asked: textOf(await client.callTool({ name: asking, arguments: given })),
        progress,
      });
      await client.close();
    }
    expect(seen[1]).toStrictEqual(seen[0]);
    expect(JSON.stringify(seen[1])).toContain('Ada');
  });

  if (version === '2025-11-25')
    it('gets the answer of a server that ended the stream of events before it', async () => {
      const client = await connected(hostTransport());
      expect(textOf(await client.callTool({ name: 'test_reconnection' }))).toBe('come back');
      await client.close();
    });
});

it.each([
  ['no server', [], 'expected one server'],
  ['two servers', ['--upstream', 'http://127.0.0.1:1/mcp', '--', 'node'], 'expected one server'],
  ['what is of a server that it starts', ['--upstream', 'http://127.0.0.1:1/mcp', '--shared'], '--shared is for'],
  ['what is of one of HTTP', ['--forward-header', 'authorization', '--', 'node'], '--forward-header is for'],
  ['no URL', ['--upstream', '127.0.0.1:3000'], 'Expected a URL'],
])('serve is used wrongly with %s', (_what, words, message) => {
  const own = ['serve', '--listen', '127.0.0.1:0', ...place.who('bob', 'alice'), ...words];
  const { status, stderr } = spawnSync(process.execPath, [program, ...own], { encoding: 'utf8' });
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});
