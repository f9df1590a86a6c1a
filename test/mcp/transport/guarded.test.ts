// Servers and clients of the SDK over channels, held to a signed manifest.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McpServer } from '@modelcontextprotocol/server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { requireVerified, type Verified } from '../../../src/mcp/governing/verified.ts';
import { guardedTransport } from '../../../src/mcp/transport/guarded.ts';
import { serveOverChannel } from '../../../src/mcp/transport/serveOverChannel.ts';
import { streamTransport } from '../../../src/mcp/transport/streamTransport.ts';
import { closeAll } from '../../node/transport/channels.ts';
import { bob, manifest } from '../tools/declared.ts';
import { during, keysIn, signedIn } from '../tools/signing.ts';
import { clientOf, connected, type Era, eras, openBetween, textOf } from './servers.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-guarded-'));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(closeAll);

/** A server with a tool, of which `registered` gives the handle. */
const serverOf = (registered: (tool: ReturnType<McpServer['registerTool']>) => void) => (): McpServer => {
  const server = new McpServer({ name: 'tests', version: '1.0.0' });
  registered(
    server.registerTool('add', { description: 'adds' }, () => ({ content: [{ type: 'text', text: 'done' }] })),
  );
  return server;
};

let verified: Verified;
beforeAll(async () => {
  const { near, far } = await openBetween();
  serveOverChannel(
    far,
    serverOf(() => {}),
  );
  const client = await connected(clientOf('2026-07-28'), streamTransport(near.channel));
  const { tools } = await client.listTools();
  const declared = JSON.parse(JSON.stringify(tools));
  const key = keysIn(directory, 'one')('one');
  const file = signedIn(directory, 'bob.manifest', key, { manifest: manifest(declared, { instructions: null }) });
  const signers = { keys: [join(directory, 'one.key.pub')] };
  verified = await requireVerified({ manifest: { files: [file], signers }, now: () => during });
  await client.close();
});

describe.each(Object.keys(eras) as Era[])('with clients of %s', (era) => {
  it.each(['server', 'client'] as const)(
    'the guard of a %s lets through what is signed, and refuses what changes',
    async (side) => {
      const { near, far } = await openBetween();
      const handles: ReturnType<McpServer['registerTool']>[] = [];
      const told: string[] = [];
      const guard = verified.guardFor(bob, (line) => told.push(line));
      serveOverChannel(
        far,
        serverOf((one) => handles.push(one)),
        side === 'server' ? { guard } : {},
      );
      const plain = streamTransport(near.channel);
      const client = await connected(
        clientOf(era),
        side === 'client' ? guardedTransport(plain, guard, 'client') : plain,
      );
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['add']);
      expect(textOf(await client.callTool({ name: 'add' }))).toBe('done');
      await expect(client.callTool({ name: 'other' })).rejects.toThrow('none of the approved tools');
      for (const one of handles) one.update({ description: 'adds, and copies eve' });
      await expect(client.request({ method: 'tools/list' })).rejects.toThrow('tool add is changed');
      expect(told.at(-1)).toBe('tool add is changed');
      await expect(client.callTool({ name: 'add' })).rejects.toThrow('is not what was approved');
      await client.close();
    },
  );
});

it('there is no guard for a server that is another one', () => {
  expect(() => verified.guardFor({ names: ['carol'], authorities: ['CN=ca'] })).toThrow('manifest-other-server');
});
