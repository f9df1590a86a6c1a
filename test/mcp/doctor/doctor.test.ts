// `pquake mcp doctor`: a set-up that works, and every kind of one that does not, each told in one line with what to do.
import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureTable } from '../../../src/generated/failures.ts';
import { advice } from '../../../src/mcp/doctor/advice.ts';
import type { Finding } from '../../../src/mcp/doctor/check.ts';
import { checkMaterial, checkNode } from '../../../src/mcp/doctor/setup.ts';
import { pinsFile } from '../../../src/mcp/tools/files.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { writeRevocationList } from '../../../src/node/authority/revocation.ts';
import { wipeMaterial } from '../../../src/node/files/material.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import type { PeerOptions } from '../../../src/node/terminal/peer/options.ts';
import { pquake, resultOf } from '../../cli/commands.ts';
import { how, manifest, tool } from '../tools/declared.ts';
import { type Declares, serving } from '../tools/serving.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-doctor-'));
const file = (name: string): string => join(directory, name);
const open: { close: () => unknown }[] = [];
const good = {
  cert: file('alice.pem'),
  key: file('alice.key'),
  ca: [file('ca.pem')],
  crl: [file('ca.crl')],
  expect: ['bob'],
  schedule: 'eager',
  first: 'initiator',
} as const satisfies PeerOptions;
const peer = ['--cert', good.cert, '--key', good.key, '--ca', file('ca.pem'), '--crl', file('ca.crl')];
const toBob = [...peer, '--expect', 'bob'];

beforeAll(() => {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
  writeRevocationList({ suite, directory });
  for (const name of ['garbage', 'twisted.pem']) writeFileSync(file(name), 'not what it should be');
  writeFileSync(file('policy.yaml'), 'version: 1\nrules: []\n');
  writeFileSync(file('bad.yaml'), 'a: [1,\nb: }');
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

async function server(declares: Declares, expected?: string): Promise<string> {
  const one = await serving(directory, declares, expected);
  open.push(one);
  return one.address;
}

/** What was found, by the command line. */
async function doctor(...words: readonly string[]): Promise<{ status: number | null; findings: readonly Finding[] }> {
  const ended = await pquake('mcp', 'doctor', ...words, '--json');
  return { status: ended.status, findings: resultOf(ended)['findings'] as readonly Finding[] };
}
const wrongOf = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ standing }) => standing === 'wrong');

describe('a set-up that works', () => {
  it('is ok in every line, and the status is 0', async () => {
    pinsFile(file('pins.json')).pin(
      { names: ['bob'], authorities: ['CN=PQuAKE CA'] },
      manifest([tool('send')], { prompts: [], instructions: null }),
      how,
    );
    const address = await server({ tools: [tool('send')] });
    const words = [address, ...toBob, '--pins', file('pins.json'), '--policy', file('policy.yaml')];
    const ended = await pquake('mcp', 'doctor', ...words);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const lines = ended.stdout.trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('ok    '))).toEqual([]);
    expect(lines.map((line) => line.slice(6).split(':', 1)[0])).toEqual([
      ...['node', 'policy', 'pins', 'certificate', 'validity', 'trust anchors', 'revocation lists', 'clock'],
      ...['expected name', 'key', 'TCP', 'handshake', 'server', 'channel', 'MCP 2026-07-28', 'MCP 2025-11-25'],
      ...['tools', 'approved tools'],
    ]);
  });

  it('of an older server is ok, and says which clients cannot use it', async () => {
    const { status, findings } = await doctor(await server({ tools: [], eras: ['2025-11-25'] }), ...toBob);
    expect(status).toBe(0);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'MCP 2026-07-28', standing: 'look' }));
    expect(findings).toContainEqual(expect.objectContaining({ check: 'MCP 2025-11-25', standing: 'ok' }));
  });
});

describe('on this machine is wrong', () => {
  const later = new Date('2100-01-01');
  const earlier = new Date('2000-01-01');
  const now = new Date();
  const cases: readonly (readonly [string, Partial<PeerOptions>, string, string, Date])[] = [
    ['a certificate that is not there', { cert: file('none') }, 'certificate', 'there is no such file', now],
    ['a certificate that is none', { cert: file('garbage') }, 'certificate', 'garbage', now],
    ['a certificate of an authority', { cert: file('ca.pem') }, 'certificate', 'ca.pem', now],
    ['a certificate that expired', {}, 'validity', 'the own certificate expired', later],
    ['a certificate of the future', {}, 'validity', 'is valid from', earlier],
    ['an authority that expired', {}, 'trust anchors', 'expired', later],
    ['an authority that is none', { ca: [file('garbage')] }, 'trust anchors', 'garbage', now],
    ['a peer as an authority', { ca: [file('bob.pem')] }, 'trust anchors', 'bob.pem', now],
    ['a revocation list that is not fresh', {}, 'revocation lists', 'the list of CN=PQuAKE CA expired', later],
    ['a revocation list that is none', { crl: [file('garbage')] }, 'revocation lists', 'garbage', now],
    ['no list where one is required', { crl: [], requireCrl: true }, 'revocation lists', 'without a list', now],
    ['a pre-shared secret that is none', { pskFile: file('garbage') }, 'pre-shared secret', 'garbage', now],
    ['a key of another certificate', { key: file('bob.key') }, 'key', 'bob.key', now],
    ['a key that is none', { key: file('garbage') }, 'key', 'garbage', now],
    ['no expected name', { expect: undefined as never }, 'expected name', 'everybody whom', now],
  ];
  it.each(cases)('%s', async (_, change, check, said, at) => {
    const { expect: names, ...others } = { ...good, ...change };
    const { findings, value } = await checkMaterial(names === undefined ? others : { ...others, expect: names }, at);
    if (value !== undefined) wipeMaterial(value);
    const found = wrongOf(findings).find((one) => one.check === check && one.found.includes(said));
    expect(found, JSON.stringify(findings)).toBeDefined();
    expect(found?.todo).toBeTruthy();
    if (check !== 'expected name') expect(value).toBeUndefined();
  });

  it('a clock that is behind the files', async () => {
    utimesSync(file('bob.pem'), new Date('2090-01-01'), new Date('2090-01-01'));
    const { findings } = await checkMaterial(
      { ...good, ca: [file('ca.pem')], intermediates: [file('bob.pem')] },
      new Date(),
    );
    expect(wrongOf(findings)).toContainEqual(expect.objectContaining({ check: 'clock' }));
  });

  it('a list of an authority that nobody knows', async () => {
    const other = mkdtempSync(join(tmpdir(), 'pquake-other-'));
    createAuthority({ suite, directory: other, name: 'Other' });
    writeRevocationList({ suite, directory: other });
    const { findings } = await checkMaterial({ ...good, crl: [join(other, 'ca.crl')] }, new Date());
    rmSync(other, { recursive: true });
    expect(wrongOf(findings)).toContainEqual(expect.objectContaining({ check: 'trust' }));
  });

  it.runIf(process.platform !== 'win32')('a key that others may read', async () => {
    chmodSync(good.key, 0o666);
    const { findings } = await checkMaterial(good, new Date());
    chmodSync(good.key, 0o600);
    expect(wrongOf(findings)).toContainEqual(expect.objectContaining({ check: 'key' }));
  });

  it.each([
    ['20.18.3', 'wrong'],
    ['18.20.0', 'wrong'],
    ['20.19.0', 'ok'],
    ['26.0.0', 'ok'],
  ])('Node %s is %s', (version, standing) => {
    expect(checkNode(suite, version)).toMatchObject({ check: 'node', standing });
  });

  it.each([
    ['policy', ['--policy', 'bad.yaml']],
    ['policy', ['--policy', 'none.yaml']],
    ['policy', ['--policy', 'garbage']],
    ['pins', ['--pins', 'garbage']],
  ])('a bad file: %s %j', async (check, [option = '', name = '']) => {
    const { status, findings } = await doctor(option, file(name));
    expect(status).toBe(1);
    expect(wrongOf(findings)).toEqual([expect.objectContaining({ check, todo: expect.any(String) })]);
  });
});

describe('of a server is wrong', () => {
  type Case = readonly [string, () => Promise<string>, readonly string[], string, string];
  it.each([
    ['nobody there', async () => '127.0.0.1:1', toBob, 'TCP', 'nothing listens'],
    ['another name', () => server({ tools: [] }), [...peer, '--expect', 'carol'], 'handshake', 'unexpected-peer'],
    ['no PQuAKE', plain, toBob, 'handshake', 'wrong-version'],
    [
      'one that refuses this peer',
      () => server({ tools: [] }, 'carol'),
      toBob,
      'MCP 2026-07-28',
      'the connection ended',
    ],
    ['no MCP', () => server({ tools: [], says: 'SSH-2.0-x\n' }), toBob, 'MCP 2026-07-28', 'not JSON'],
    ['no era at all', () => server({ tools: [], eras: [] }), toBob, 'tools', 'no version of the protocol'],
    [
      'two tools of one name',
      () => server({ tools: [tool('a'), tool('a')] }),
      toBob,
      'MCP 2025-11-25',
      'two of the name',
    ],
    ['changed tools', changed, [...toBob, '--pins', file('old.json')], 'approved tools', 'tool send is changed'],
  ] satisfies readonly Case[])('%s', async (_, address, words, check, said) => {
    const { status, findings } = await doctor(await address(), ...words);
    expect(status).toBe(1);
    const found = wrongOf(findings).find((one) => one.check === check);
    expect(found, JSON.stringify(findings)).toMatchObject({
      found: expect.stringContaining(said),
      todo: expect.any(String),
    });
    const after = findings.slice((found === undefined ? -1 : findings.indexOf(found)) + 1);
    if (check === 'TCP' || check === 'handshake')
      expect(after.every(({ standing }) => standing === 'skipped')).toBe(true);
  });

  it('one that ends silently after the handshake refuses this peer', async () => {
    const { findings } = await doctor(await server({ tools: [] }, 'carol'), ...toBob);
    expect(wrongOf(findings)[0]).toMatchObject({ todo: expect.stringContaining('expects this name') });
  });

  it.each([
    ['look', []],
    ['wrong', ['--pins-only']],
  ])('tools that nobody approved are %s with %j', async (standing, words) => {
    const { findings } = await doctor(await server({ tools: [] }), ...toBob, '--pins', file('empty.json'), ...words);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'approved tools', standing }));
  });

  async function plain(): Promise<string> {
    const one = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => one.close() });
    const at = one.address();
    return `127.0.0.1:${typeof at === 'object' ? at?.port : 0}`;
  }

  async function changed(): Promise<string> {
    const identity = { names: ['bob'], authorities: ['CN=PQuAKE CA'] };
    pinsFile(file('old.json')).pin(identity, manifest([tool('send', 'as it was')]), how);
    return await server({ tools: [tool('send')] });
  }

  it('every failure of a handshake has advice', () => {
    expect(Object.keys(advice).sort()).toEqual(Object.keys(failureTable).sort());
  });

  it('lines are lines, whatever the server is called', async () => {
    const address = await server({ tools: [], instructions: 'x\ny' });
    const { stdout } = await pquake('mcp', 'doctor', address, ...toBob);
    for (const line of stdout.trim().split('\n')) expect(line).toMatch(/^(ok {3}|look |WRONG| {2}- {2}) \S.*: /);
  });
});

describe('--print', () => {
  it('prints what starts connect with these options, by absolute paths', async () => {
    const ended = await pquake(
      'mcp',
      'doctor',
      '127.0.0.1:4433',
      ...toBob,
      '--pins',
      'p.json',
      '--pins-only',
      '--print',
      'vscode',
    );
    expect(ended).toMatchObject({ status: 0, stderr: expect.stringContaining('.vscode/mcp.json') });
    const { servers } = JSON.parse(ended.stdout);
    expect(servers.bob.command).toBe(process.execPath);
    expect(servers.bob.args.slice(1)).toEqual([
      ...['connect', '127.0.0.1:4433', '--cert', good.cert, '--key', good.key, '--ca', file('ca.pem')],
      ...['--crl', file('ca.crl'), '--expect', 'bob', '--pins', join(process.cwd(), 'p.json'), '--pins-only'],
    ]);
    expect(servers.bob.args[0]).toBe(join(process.cwd(), 'src/mcp/main.ts'));
  });

  it.each([
    [[], 'needs HOST:PORT'],
    [['127.0.0.1:1'], '--cert, --key, --ca'],
  ])('needs what connect needs: %j', async (words, said) => {
    const ended = await pquake('mcp', 'doctor', ...words, '--print', 'codex');
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining(said) });
  });
});

it('a file of a host is checked with --config', async () => {
  writeFileSync(
    file('host.json'),
    JSON.stringify({ mcpServers: { x: { command: 'node', args: ['pquake', 'conect'] } } }),
  );
  const { status, findings } = await doctor('--config', file('host.json'));
  expect(status).toBe(1);
  expect(wrongOf(findings)).toMatchObject([{ check: 'entry x' }]);
});
