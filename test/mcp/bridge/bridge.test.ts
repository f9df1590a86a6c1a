// The bridge end to end: a server that knows nothing of PQuAKE, and a host that knows nothing either.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes, peerMetaKey } from '../../../src/mcp/gate/index.ts';
import { revokeCertificates, writeRevocationList } from '../../../src/node/authority/revocation.ts';
import {
  endAll,
  entryFor,
  gone,
  host,
  type Place,
  placeFor,
  program,
  returned,
  serving,
  suite,
  testServer,
  toolCall,
} from './bridge.ts';

let place: Place;
beforeAll(() => {
  place = placeFor('alice', 'bob', 'carol', 'mallory');
});
afterEach(endAll);
afterAll(() => place.remove());

const bob = (expected = 'alice'): readonly string[] => place.who('bob', expected);
const alice = (expected = 'bob'): readonly string[] => place.who('alice', expected);

interface WhoAmI {
  readonly words: readonly string[];
  readonly environment: Record<string, string>;
  readonly process: number;
}

describe('a host and a server', () => {
  it('speak octet by octet, from a configuration as hosts have it, and end in order when the host closes', async () => {
    const { address, told } = await serving(bob());
    const file = join(place.directory, 'host.json');
    writeFileSync(file, JSON.stringify({ mcpServers: { records: entryFor(address, alice()) } }));
    const { mcpServers } = (await import(file, { with: { type: 'json' } })).default;
    const one = host(mcpServers.records);
    const text = 'Zürich 💊 " \\ \u2028';
    expect(await one.ask(1, 'initialize', { protocolVersion: '2025-11-25' })).toMatchObject({ id: 1 });
    expect(returned(await one.ask(2, 'tools/call', toolCall('echo', { text })))).toBe(text);
    one.close();
    expect(await one.ended).toBe(0);
    expect(one.lines()).toHaveLength(2);
    await told(/^connection 1: closed$/m);
    await told(/ended: status 0$/m);
  });

  it('are bridged for a client of the official SDK', async () => {
    const { address } = await serving(bob());
    const { command, args } = entryFor(address, alice());
    const transport = new StdioClientTransport({ command, args: [...args], stderr: 'ignore' });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('echo');
    await client.close();
  });

  it('carry many messages, larger than any buffer, both ways', async () => {
    const { address } = await serving(bob());
    const one = host(entryFor(address, alice()));
    const text = 'z'.repeat(1_000_000);
    const answers = [1, 2, 3, 4].map((id) => one.ask(id, 'tools/call', toolCall('echo', { text })));
    for (const answer of await Promise.all(answers)) expect(returned(answer)).toHaveLength(1_000_000);
    await one.ask(5, 'tools/call', toolCall('flood', { messages: 2_000 }));
    expect(one.lines()).toHaveLength(4 + 2_000 + 1);
  });
});

describe('the server', () => {
  it('gets its words from the command line alone, its environment by name, and who the peer is', async () => {
    const odd = ['$(touch x)', '; true', '*'];
    const env = { ...process.env, SECRET: 'of the operator', PASSED: 'on', PQUAKE_PEER_IDENTITY: 'root' };
    const command = [process.execPath, testServer, ...odd];
    const { address } = await serving([...bob(), '--env', 'PASSED', '--env', 'SET=to=this'], command, env);
    const one = host(entryFor(address, alice()));
    const { words, environment } = returned(await one.ask(1, 'tools/call', toolCall('whoami'))) as WhoAmI;
    expect(words).toStrictEqual(odd);
    const { PASSED, SET, PQUAKE_PEER_IDENTITY, PQUAKE_PEER_NAMES = '' } = environment;
    expect([PASSED, SET, PQUAKE_PEER_IDENTITY]).toStrictEqual(['on', 'to=this', 'CN=alice']);
    expect(JSON.parse(PQUAKE_PEER_NAMES)).toContain('alice');
    expect(environment['PQUAKE_CHANNEL_BINDING']).toMatch(/^[0-9a-f]{96}$/);
    const usual = /^(PATH|HOME|TMPDIR|TZ|LANG|LC_\w+|PASSED|SET|PQUAKE_(PEER_\w+|CHANNEL_BINDING))$/;
    expect(Object.keys(environment).filter((name) => !usual.test(name))).toStrictEqual([]);
  });

  it('is one for each connection, and is told in `_meta` who asks, which no peer can claim', async () => {
    const { address } = await serving([...place.who('bob', 'alice'), '--expect', 'carol', '--peer-in-meta']);
    const [first, second] = [alice(), place.who('carol', 'bob')].map((options) => host(entryFor(address, options)));
    const answers = await Promise.all([first, second].map((one) => one?.ask(1, 'tools/call', toolCall('whoami'))));
    const [a, c] = answers.map((answer) => (returned(answer ?? {}) as WhoAmI).process);
    expect(a).not.toBe(c);
    expect(answers[1]?.['result']).toMatchObject({ meta: { [peerMetaKey]: { identity: 'CN=carol' } } });
    const claim = { ...toolCall('whoami'), _meta: { [peerMetaKey]: { identity: 'CN=doctor' } } };
    const answer = await first?.ask(2, 'tools/call', claim);
    expect(answer).toMatchObject({ error: { code: errorCodes.invalidRequest } });
  });

  it('that cannot be started, or has no place, ends the connection, and the host is answered', async () => {
    const missing = await serving(bob(), ['/nonexistent/server']);
    const one = host(entryFor(missing.address, alice()));
    expect(await one.ask(1, 'ping')).toMatchObject({ error: { code: errorCodes.unreachable } });
    await missing.told(/server-not-started: \/nonexistent\/server: no such command/);
    const full = await serving([...bob(), '--max-servers', '1']);
    const [first, second] = [host(entryFor(full.address, alice())), host(entryFor(full.address, alice()))];
    const answers = await Promise.all([first.ask(1, 'ping'), second.ask(1, 'ping')]);
    expect(answers.filter(({ error }) => error !== undefined)).toHaveLength(1);
    await full.told(/too-many-servers/);
  });

  it('that crashes fails what is under way and what comes, and the host is told', async () => {
    const { address, told } = await serving(bob());
    const one = host(entryFor(address, alice()));
    const error = { code: errorCodes.unreachable };
    const [never, crash] = [one.ask(1, 'tools/call', toolCall('never')), one.ask(2, 'tools/call', toolCall('crash'))];
    expect(await never).toMatchObject({ error });
    expect(await crash).toMatchObject({ error });
    await told(/ended: status 3/);
    expect(await one.ask(3, 'ping')).toMatchObject({ error });
    await one.told(/^pquake: \S+: /m);
    one.close();
    expect(await one.ended).toBe(1);
  });

  it('may write to standard error what it wants, of which so much is told', async () => {
    const { address, stderr } = await serving(bob());
    const one = host(entryFor(address, alice()));
    expect(returned(await one.ask(1, 'tools/call', toolCall('floodErrors', { lines: 20_000 })))).toBe('flooded');
    expect(stderr().split('\n').length).toBeLessThan(2_000);
    expect(stderr()).toMatch(/^\[\d+\] error 0 x/m);
  });

  it('that writes what is no message is told of, and its messages pass', async () => {
    const { address, told } = await serving(bob(), [process.execPath, testServer, 'noise']);
    const one = host(entryFor(address, alice()));
    expect(await one.ask(1, 'ping')).toMatchObject({ result: {} });
    await told(/on standard output of the server: a line is not JSON/);
    expect(one.lines()).toHaveLength(1);
  });

  it('does not outlive its connection, nor us, whatever it does about signals', async () => {
    const command = [process.execPath, testServer, 'ignores-signals'];
    const { address, child, ended } = await serving([...bob(), '--grace', '0.2'], command);
    const processOf = async (): Promise<number> => {
      const one = host(entryFor(address, alice()));
      const answer = returned(await one.ask(1, 'tools/call', toolCall('whoami'))) as WhoAmI;
      return answer.process;
    };
    const [first, second] = [await processOf(), await processOf()];
    process.kill(first, 0);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    await gone(first);
    await gone(second);
    const killed = await serving(bob(), command);
    const one = host(entryFor(killed.address, alice()));
    const { process: third } = returned(await one.ask(1, 'tools/call', toolCall('whoami'))) as WhoAmI;
    killed.child.kill('SIGKILL');
    await gone(third);
  });

  it('finishes what is under way when we are told to end', async () => {
    const { address, child, ended, told } = await serving(bob());
    const one = host(entryFor(address, alice()));
    await one.ask(1, 'ping');
    const slow = one.ask(2, 'tools/call', toolCall('slow', { milliseconds: 1_000 }));
    await one.ask(3, 'ping');
    child.kill('SIGTERM');
    expect(returned(await slow)).toBe('late');
    expect(await ended).toBe(0);
    await told(/shutting-down/);
  });
});

describe('peers', () => {
  it('without a certificate that is accepted get no server, and their hosts an error that says so', async () => {
    const { address, told, stderr } = await serving(bob());
    const one = host(entryFor(address, place.who('mallory', 'bob')));
    expect(await one.ask(1, 'initialize')).toMatchObject({ error: { code: errorCodes.unreachable } });
    one.close();
    expect(await one.ended).toBe(1);
    await told(/refused: unexpected-peer/);
    expect(stderr()).not.toContain('started process');
  });

  it('that nobody listens to, or files that are not there, are answered too, in one line with a code', async () => {
    const nobody = host(entryFor('127.0.0.1:1', alice()));
    expect(await nobody.ask(1, 'initialize')).toMatchObject({
      error: { code: errorCodes.unreachable, message: expect.stringContaining('connection-closed') },
    });
    const absent = { command: process.execPath, args: [program, 'connect', '127.0.0.1:1'] };
    const options = ['--cert', 'absent.pem', '--key', 'absent.key', '--ca', 'absent.pem', '--expect', 'bob'];
    const wrong = host({ ...absent, args: [...absent.args, ...options] });
    expect(await wrong.ask(1, 'initialize')).toMatchObject({ error: { code: errorCodes.unreachable } });
    wrong.close();
    expect(await wrong.ended).toBe(1);
    expect(wrong.stderr()).toMatch(/^pquake: configuration: [^\n]*absent\.pem[^\n]*\n$/m);
  });

  it('whose certificate is revoked in the middle of a session are cut within the stated time', async () => {
    const pki = { suite, directory: place.directory };
    const { file } = writeRevocationList(pki);
    const { address, told } = await serving([...place.who('bob', 'anyone'), '--crl', file]);
    const [revoked, other] = ['carol', 'alice'].map((name) => host(entryFor(address, place.who(name, 'bob'))));
    await Promise.all([revoked?.ask(1, 'ping'), other?.ask(1, 'ping')]);
    revokeCertificates({ ...pki, which: 'carol' });
    writeRevocationList(pki);
    await told(/closed: certificate-revoked/);
    expect(await revoked?.ask(2, 'ping')).toMatchObject({ error: { code: errorCodes.unreachable } });
    expect(await other?.ask(2, 'ping')).toMatchObject({ result: {} });
  });
});
