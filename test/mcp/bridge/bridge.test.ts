// The bridge end to end: a server that knows nothing of PQuAKE, and a host that knows nothing either.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes, peerMetaKey } from '../../../src/mcp/gate/index.ts';
import { revokeCertificates, writeRevocationList } from '../../../src/node/authority/revocation.ts';
import { parseAddress } from '../../../src/node/terminal/words.ts';
import { eventually } from '../../waiting.ts';
import {
  endAll,
  entryFor,
  gone,
  host,
  keepAll,
  program,
  returned,
  type Serving,
  serving,
  suite,
  testServer,
  toolCall,
} from './bridge.ts';
import { closed, type InProcess, inProcess } from './inProcess.ts';

const odd = ['$(touch x)', '; true', '*'];

let here: InProcess;
/** One for the cases to which it is nothing that others were there. */
let shared: Serving;
let endShared: () => Promise<void>;
beforeAll(async () => {
  here = inProcess('alice', 'bob', 'carol', 'mallory');
  const env = { ...process.env, SECRET: 'of the operator', PASSED: 'on', PQUAKE_PEER_IDENTITY: 'root' };
  const { file } = writeRevocationList({ suite, directory: here.place.directory });
  const options = ['--crl', file, '--expect', 'carol', '--peer-in-meta', '--env', 'PASSED', '--env', 'SET=to=this'];
  shared = await serving([...bob(), ...options], [process.execPath, testServer, ...odd], env);
  endShared = keepAll();
});
afterEach(async () => {
  await here.closeAll();
  await endAll();
});
afterAll(async () => {
  await endShared();
  here.place.remove();
});

const bob = (expected = 'alice'): readonly string[] => here.place.who('bob', expected);
const alice = (expected = 'bob'): readonly string[] => here.place.who('alice', expected);

interface WhoAmI {
  readonly words: readonly string[];
  readonly environment: Record<string, string>;
  readonly process: number;
}

describe('a host and a server', () => {
  it('speak octet by octet, from a configuration as hosts have it, many and large messages, and end in order', async () => {
    const { address, told } = shared;
    const file = join(here.place.directory, 'host.json');
    writeFileSync(file, JSON.stringify({ mcpServers: { records: entryFor(address, alice()) } }));
    const { mcpServers } = (await import(file, { with: { type: 'json' } })).default;
    const one = host(mcpServers.records);
    const text = 'Zürich 💊 " \\ \u2028';
    expect(await one.ask(1, 'initialize', { protocolVersion: '2025-11-25' })).toMatchObject({ id: 1 });
    expect(returned(await one.ask(2, 'tools/call', toolCall('echo', { text })))).toBe(text);
    expect(one.lines()).toHaveLength(2);
    const long = 'z'.repeat(1_000_000);
    const answers = [3, 4, 5, 6].map((id) => one.ask(id, 'tools/call', toolCall('echo', { text: long })));
    for (const answer of await Promise.all(answers)) expect(returned(answer)).toHaveLength(1_000_000);
    await one.ask(7, 'tools/call', toolCall('flood', { messages: 2_000 }));
    expect(one.lines()).toHaveLength(6 + 2_000 + 1);
    one.close();
    expect(await one.ended).toBe(0);
    await told(/^connection 1: closed$/m);
    await told(/ended: status 0$/m);
  });

  it('are bridged for a client of the official SDK', async () => {
    const { command, args } = entryFor(shared.address, alice());
    const transport = new StdioClientTransport({ command, args: [...args], stderr: 'ignore' });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('echo');
    await client.close();
  });
});

describe('the server', () => {
  it('gets its words from the command line alone, its environment by name, and who the peer is, each peer its own', async () => {
    const to = { address: parseAddress(shared.address) };
    const [first, second] = [await here.peerTo(to), await here.peerTo(to, 'carol')];
    const answers = [
      await first.ask(1, 'tools/call', toolCall('whoami')),
      await second.ask(1, 'tools/call', toolCall('whoami')),
    ];
    const [own, other] = answers.map((answer) => returned(answer) as WhoAmI);
    const { words = [], environment = {} } = own ?? {};
    expect(words).toStrictEqual(odd);
    const { PASSED, SET, PQUAKE_PEER_IDENTITY, PQUAKE_PEER_NAMES = '' } = environment;
    expect([PASSED, SET, PQUAKE_PEER_IDENTITY]).toStrictEqual(['on', 'to=this', 'CN=alice']);
    expect(JSON.parse(PQUAKE_PEER_NAMES)).toContain('alice');
    expect(environment['PQUAKE_CHANNEL_BINDING']).toMatch(/^[0-9a-f]{96}$/);
    const usual = /^(PATH|HOME|TMPDIR|TZ|LANG|LC_\w+|PASSED|SET|PQUAKE_(PEER_\w+|CHANNEL_BINDING))$/;
    expect(Object.keys(environment).filter((name) => !usual.test(name))).toStrictEqual([]);
    expect(own?.process).not.toBe(other?.process);
    expect(answers[1]?.['result']).toMatchObject({ meta: { [peerMetaKey]: { identity: 'CN=carol' } } });
    const claim = { ...toolCall('whoami'), _meta: { [peerMetaKey]: { identity: 'CN=doctor' } } };
    const answer = await first.ask(2, 'tools/call', claim);
    expect(answer).toMatchObject({ error: { code: errorCodes.invalidRequest } });
  });

  it('that cannot be started, or has no place, ends the connection, and the host is answered', async () => {
    const told: string[] = [];
    const note = (line: string): void => void told.push(line);
    const missing = await here.bridgeWith({}, { command: '/nonexistent/server', note });
    const one = here.hostTo(missing, { again: false });
    expect(await one.ask(1, 'ping')).toMatchObject({ error: { code: errorCodes.unreachable } });
    expect(told.join('\n')).toMatch(/server-not-started: \/nonexistent\/server: no such command/);
    const full = await here.bridgeWith({}, { places: { servers: 1, startsPerSecond: 100 }, note });
    const [first, second] = [here.hostTo(full, { again: false }), here.hostTo(full, { again: false })];
    const answers = await Promise.all([first.ask(1, 'ping'), second.ask(1, 'ping')]);
    expect(answers.filter(({ error }) => error !== undefined)).toHaveLength(1);
    expect(told.join('\n')).toMatch(/too-many-servers/);
  });

  it('that crashes fails what is under way, and what comes where there is no other connection', async () => {
    const told: string[] = [];
    const bridge = await here.bridgeWith({}, { note: (line) => told.push(line) });
    const one = here.hostTo(bridge, { again: false });
    const error = { code: errorCodes.unreachable };
    const [never, crash] = [one.ask(1, 'tools/call', toolCall('never')), one.ask(2, 'tools/call', toolCall('crash'))];
    expect(await never).toMatchObject({ error });
    expect(await crash).toMatchObject({ error });
    await eventually(() => expect(told.join('\n')).toMatch(/ended: status 3/));
    expect(await one.ask(3, 'ping')).toMatchObject({ error });
    expect(one.told).toContainEqual(expect.stringMatching(/^pquake: \S+: /));
    one.close();
    expect(await one.ended).toBe(1);
  });

  it('may write to standard error what it wants, of which so much is told', async () => {
    const { address, stderr } = shared;
    const one = await here.peerTo({ address: parseAddress(address) });
    const before = stderr().length;
    expect(returned(await one.ask(1, 'tools/call', toolCall('floodErrors', { lines: 20_000 })))).toBe('flooded');
    expect(stderr().slice(before).split('\n').length).toBeLessThan(2_000);
    await shared.told(/^\[\d+\] error 0 x/m);
  });

  it('that writes what is no message is told of, and its messages pass', async () => {
    const told: string[] = [];
    const bridge = await here.bridgeWith({}, { words: [testServer, 'noise'], note: (line) => told.push(line) });
    const one = await here.peerTo(bridge);
    expect(await one.ask(1, 'ping')).toMatchObject({ result: {} });
    expect(told.join('\n')).toMatch(/on standard output of the server: a line is not JSON/);
    expect(one.lines()).toHaveLength(1);
  });

  it('does not outlive its connection, nor us, whatever it does about signals', async () => {
    const command = [process.execPath, testServer, 'ignores-signals'];
    const { address, child } = await serving([...bob(), '--grace', '0.2'], command);
    const begin = async () => {
      const one = await here.peerTo({ address: parseAddress(address) });
      const answer = returned(await one.ask(1, 'tools/call', toolCall('whoami'))) as WhoAmI;
      return { channel: one.channel, id: answer.process };
    };
    const [first, second] = [await begin(), await begin()];
    process.kill(first.id, 0);
    first.channel.destroy();
    await gone(first.id);
    process.kill(second.id, 0);
    child.kill('SIGKILL');
    await gone(second.id);
  });
});

describe('peers', () => {
  it('without a certificate that is accepted get no server, and their hosts an error that says so', async () => {
    const starts = (): number => shared.stderr().match(/started process/g)?.length ?? 0;
    const before = starts();
    // One attempt: an initiator has a connection until it hears that the responder has refused it.
    const one = here.hostTo({ address: parseAddress(shared.address) }, { again: false }, 'mallory');
    expect(await one.ask(1, 'initialize')).toMatchObject({ error: { code: errorCodes.unreachable } });
    one.close();
    expect(await one.ended).toBe(1);
    await shared.told(/refused: unexpected-peer/);
    expect(starts()).toBe(before);
  });

  it('with files that are not there are answered too, in one line with a code', async () => {
    const options = ['--cert', 'absent.pem', '--key', 'absent.key', '--ca', 'absent.pem', '--expect', 'bob'];
    const wrong = host({ command: process.execPath, args: [program, 'connect', '127.0.0.1:1', ...options] });
    expect(await wrong.ask(1, 'initialize')).toMatchObject({
      error: { code: errorCodes.unreachable, message: expect.stringContaining('absent.pem') },
    });
    wrong.close();
    expect(await wrong.ended).toBe(1);
    expect(wrong.stderr()).toMatch(/^pquake: configuration: [^\n]*absent\.pem[^\n]*\n$/m);
  });

  it('whose certificate is revoked in the middle of a session are cut within the stated time', async () => {
    const pki = { suite, directory: here.place.directory };
    const to = { address: parseAddress(shared.address) };
    const [revoked, other] = [await here.peerTo(to, 'carol'), await here.peerTo(to)];
    for (const one of [revoked, other]) await one.ask(1, 'ping');
    const cut = closed(revoked.channel);
    revokeCertificates({ ...pki, which: 'carol' });
    writeRevocationList(pki);
    await shared.told(/closed: certificate-revoked/);
    await cut;
    expect(await other.ask(2, 'ping')).toMatchObject({ result: {} });
  });
});

// The last one: it ends the shared server.
describe('a server that is told to end', () => {
  it('finishes what is under way; connections without a request end before', async () => {
    const { address, child, ended, told } = shared;
    const to = { address: parseAddress(address) };
    const [busy, idle] = [await here.peerTo(to), await here.peerTo(to)];
    for (const one of [busy, idle]) await one.ask(1, 'ping');
    const file = join(here.place.directory, 'go on');
    const slow = busy.ask(2, 'tools/call', toolCall('slow', { file }));
    await busy.ask(3, 'ping');
    const idleClosed = closed(idle.channel).then(() => 'idle');
    child.kill('SIGTERM');
    expect(await Promise.race([idleClosed, slow])).toBe('idle');
    expect(await busy.ask(4, 'ping')).toMatchObject({ error: { code: errorCodes.denied } });
    writeFileSync(file, '');
    expect(returned(await slow)).toBe('late');
    expect(await ended).toBe(0);
    await told(/shutting-down/);
  });
});
