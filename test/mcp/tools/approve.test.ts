// `pquake mcp approve`, against a server over a channel and against files; and the files of pins.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askServer, manifestFrom } from '../../../src/mcp/tools/ask.ts';
import { pinsFile, readManifest, readPins } from '../../../src/mcp/tools/files.ts';
import type { Pins } from '../../../src/mcp/tools/pins.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { pquake, resultOf } from '../../cli/commands.ts';
import { bob, carol, how, manifest, pinsWith, tool } from './declared.ts';
import { type Declares, serveStream, serving } from './serving.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-approve-'));
const file = (name: string): string => join(directory, name);
const open: { close: () => unknown }[] = [];
const peer = ['--cert', file('alice.pem'), '--key', file('alice.key'), '--ca', file('ca.pem'), '--expect', 'bob'];

beforeAll(() => {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

async function server(declares: Declares): Promise<string> {
  const one = await serving(directory, declares);
  open.push(one);
  return one.address;
}

describe('approve', () => {
  it('shows what is new, pins it, and shows every difference later', async () => {
    const declares: Declares = { tools: [tool('send'), tool('read')], page: 1, instructions: 'Be kind.' };
    const address = await server(declares);
    const approve = (...more: readonly string[]) =>
      pquake('mcp', 'approve', address, '--pins', file('pins.json'), ...peer, ...more);

    const asked = await approve();
    expect(asked).toMatchObject({ status: 1, stderr: expect.stringContaining('--yes approves what is shown') });
    expect(asked.stdout).toContain('new tool send\n');
    expect(readPins(file('pins.json')).servers).toEqual([]);

    expect(await approve('--yes')).toMatchObject({ status: 0 });
    expect(statSync(file('pins.json')).mode & 0o777).toBe(0o600);
    expect(readPins(file('pins.json')).servers).toMatchObject([
      {
        names: ['bob', 'CN=bob'],
        by: 'approval',
        manifest: { tools: [{ name: 'read' }, { name: 'send' }], prompts: [] },
      },
    ]);
    expect(await approve()).toMatchObject({ status: 0, stdout: expect.stringContaining('declares what was approved') });

    declares.tools = [tool('send', 'does send\u202e, and copies eve'), tool('read')];
    declares.eras = ['2025-11-25'];
    const shown = await approve('--show');
    expect(shown.status).toBe(0);
    expect(shown.stdout).toContain(
      'tool send is changed\n  /description\n  - does send\n  + does send\\u{202e}, and copies eve\n',
    );
    expect(shown.stdout).not.toContain('\u202e');
    const told = resultOf(await approve('--show', '--json'));
    expect(told).toMatchObject({
      ok: true,
      ...{ standing: 'different', pinned: false },
      names: ['bob', 'CN=bob'],
      differences: [{ kind: 'changed', name: 'send', material: true }],
    });
    expect(told['approvedDigest']).not.toBe(told['digest']);
    expect(resultOf(await approve('--yes', '--json'))).toMatchObject({
      ok: true,
      pinned: true,
      approvedDigest: told['digest'],
    });
  });

  it('takes tools from a file, for a server that the options name', async () => {
    writeFileSync(file('tools.json'), JSON.stringify({ tools: [tool('send')] }));
    const words = ['mcp', 'approve', '--from', file('tools.json'), '--pins', file('from.json')];
    expect(await pquake(...words, '--yes')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--expect-issuer CN='),
    });
    const named = [...words, '--expect', 'bob', '--expect-issuer', 'CN=PQuAKE CA'];
    expect(await pquake(...named, '--yes')).toMatchObject({ status: 0 });
    expect(readPins(file('from.json')).servers).toMatchObject([
      { names: ['bob'], manifest: { tools: [{ name: 'send' }] } },
    ]);
    const list = await pquake('mcp', 'approve', '--pins', file('from.json'), '--show');
    expect(list.stdout).toMatch(
      /^bob \(CN=PQuAKE CA\): 1 tool; digest [0-9a-f]{64}; by approval, .*\n {2}tool send sha256-/,
    );
    // What a person approved as a file is what a manifest says again.
    const [{ manifest: pinned } = {}] = readPins(file('from.json')).servers;
    writeFileSync(file('manifest.json'), JSON.stringify(pinned));
    expect(readManifest(file('manifest.json'))).toEqual(pinned);
  });

  it.each([
    ['no server and no file', [], 2, 'expected HOST:PORT'],
    ['both', ['127.0.0.1:1', '--from', 'x'], 2, 'not both'],
    ['no certificate to connect with', ['127.0.0.1:1'], 2, '--cert, --key, --ca must be given'],
    ['nobody there', ['127.0.0.1:1', ...peer], 1, 'connection-closed'],
  ])('says what is wrong with %s', async (_, words, status, said) => {
    const ended = await pquake('mcp', 'approve', '--pins', file('none.json'), ...words);
    expect(ended).toMatchObject({ status, stderr: expect.stringContaining(said) });
  });

  it.each([
    ['two tools of one name', { tools: [tool('a'), tool('a')] }, 'two of the name'],
    ['another protocol', { tools: [], says: 'SSH-2.0-x\n' }, 'not JSON'],
    ['an endless line', { tools: [], says: 'x'.repeat(17_000_000) }, 'a message of more than'],
  ])('pins nothing of a server with %s', async (_, declares: Declares, said) => {
    const address = await server(declares);
    const ended = await pquake('mcp', 'approve', address, '--pins', file('none.json'), ...peer, '--yes');
    expect(ended).toMatchObject({ status: 1, stderr: expect.stringContaining(said) });
    expect(readPins(file('none.json')).servers).toEqual([]);
  });
});

describe('a file of pins', () => {
  const good = pinsWith([bob, manifest([tool('a')])]);
  const changed = (change: (pins: { servers: { manifest: Record<string, unknown> }[] }) => void): string => {
    const copy = JSON.parse(JSON.stringify(good));
    change(copy);
    return JSON.stringify(copy);
  };
  const firstOf = (pins: { servers: { manifest: Record<string, unknown> }[] }) => pins.servers[0]?.manifest ?? {};
  it.each([
    ['no JSON', '{', 'expected JSON'],
    ['another format', '{"format":"x"}', 'not a file of pins'],
    ['a later version', JSON.stringify({ ...good, version: 2 }), '/version'],
    ['a member that is not known', JSON.stringify({ ...good, more: 1 }), '/more: it is not expected'],
    [
      'a changed declaration',
      changed((pins) => Object.assign((firstOf(pins)['tools'] as object[])[0] ?? {}, { declaration: tool('a', 'x') })),
      'approve the tools of this server again',
    ],
    [
      'a changed digest',
      changed((pins) => Object.assign(firstOf(pins), { digest: '0'.repeat(64) })),
      'its digest is not that',
    ],
    [
      'a declaration of another name',
      changed((pins) => Object.assign((firstOf(pins)['tools'] as object[])[0] ?? {}, { name: 'b' })),
      'names and digests',
    ],
  ])('with %s is refused', (_, content, said) => {
    writeFileSync(file('bad.json'), content);
    expect(() => readPins(file('bad.json'))).toThrow(said);
    expect(() => pinsFile(file('bad.json')).pin(bob, manifest([]), how)).toThrow(said);
    expect(readFileSync(file('bad.json'), 'utf8')).toBe(content);
  });

  it('is read again when it changed, and what others pinned meanwhile stays', () => {
    const [one, other] = [pinsFile(file('both.json')), pinsFile(file('both.json'))];
    expect(one.read().servers).toEqual([]);
    one.pin(bob, manifest([tool('a')]), how);
    other.pin(carol, manifest([tool('b')]), how);
    const names = ({ servers }: Pins): readonly string[] => servers.map(({ names: [name = ''] }) => name);
    expect(names(one.read())).toEqual(['bob', 'carol']);
    expect(one.read()).toBe(one.read());
    chmodSync(file('both.json'), 0o600);
  });
});

describe('asking a server', () => {
  it.each(['2026-07-28', '2025-11-25'] as const)('of %s gives all pages, prompts and instructions', async (era) => {
    const [near, far] = duplexPair();
    serveStream(far, {
      tools: [tool('a'), tool('b'), tool('c')],
      prompts: [{ name: 'p' }],
      ...{ page: 2, instructions: 'x', eras: [era] },
    });
    const asked = await askServer(near);
    expect(asked.era).toBe(era);
    const found = await manifestFrom(asked);
    expect(found).toEqual(manifest([tool('a'), tool('b'), tool('c')], { prompts: [{ name: 'p' }], instructions: 'x' }));
    near.destroy();
  });

  it.each(['2026-07-28', '2025-11-25'] as const)('made with the official SDK works: %s', async (era) => {
    const { McpServer } = await import('@modelcontextprotocol/server');
    const { serveStdio, StdioServerTransport } = await import('@modelcontextprotocol/server/stdio');
    const [near, far] = duplexPair();
    const made = serveStdio(
      () => {
        const one = new McpServer({ name: 'real', version: '1' }, { instructions: 'Be kind.' });
        one.registerTool('add', { description: 'adds' }, () => ({ content: [] }));
        return one;
      },
      { transport: new StdioServerTransport(far, far) },
    );
    const asked = await askServer(near, { era });
    expect(await manifestFrom(asked)).toMatchObject({ tools: [{ name: 'add' }], instructions: 'Be kind.' });
    expect(asked.server).toBe('real 1');
    await made.close();
  });
});
