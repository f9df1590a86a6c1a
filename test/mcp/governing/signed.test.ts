// Signed manifests and models through the commands: `manifest read|sign|verify`, `serve --model --manifest` and `connect --manifest`.
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { manifestCommands } from '../../../src/mcp/command/manifest/index.ts';
import type { Message } from '../../../src/mcp/contract.ts';
import { errorCodes } from '../../../src/mcp/gate/index.ts';
import { verifyRecords } from '../../../src/mcp/record/verify.ts';
import { type CommandDefinition, runProgram } from '../../../src/node/terminal/command.ts';
import { signModel } from '../../../src/provenance/disk/signModel.ts';
import { pquake } from '../../cli/commands.ts';
import { eventually } from '../../waiting.ts';
import {
  endAll,
  entryFor,
  host,
  type Place,
  placeFor,
  returned,
  serving,
  testServer,
  toolCall,
} from '../bridge/bridge.ts';
import { keysIn, policyIn } from '../tools/signing.ts';

let place: Place;
let policy: string;
const file = (name: string): string => join(place.directory, name);
const bob = (...more: readonly string[]): readonly string[] => [...place.who('bob', 'alice'), ...more];
const alice = (...more: readonly string[]): readonly string[] => [...place.who('alice', 'bob'), ...more];
const forBob = ['--expect', 'bob', '--expect-issuer', 'CN=PQuAKE CA'];
const child = (): readonly string[] => [process.execPath, testServer, file('says.txt')];
const manifest = (...words: readonly string[]) => pquake('mcp', 'manifest', ...words);

beforeAll(async () => {
  place = placeFor('alice', 'bob');
  const keyOf = keysIn(place.directory, 'one', 'mallory');
  policy = policyIn(place.directory, 'trust.json', ['one']);
  writeFileSync(file('says.txt'), 'does what it says');
  mkdirSync(file('llama'));
  writeFileSync(file('llama/weights'), 'w'.repeat(1_000));
  expect((await signModel(file('llama'), { key: keyOf('one'), workers: 1 })).ok).toBe(true);
  expect(await manifest('read', '--out', file('bob.json'), '--', ...child())).toMatchObject({ status: 0 });
  const sign = (key: string, out: string, server: readonly string[]) =>
    manifest('sign', file('bob.json'), '--key', file(`${key}.key`), '--out', file(out), ...server);
  expect(await sign('one', 'bob.manifest', forBob)).toMatchObject({ status: 0 });
  expect(await sign('mallory', 'mallory.manifest', forBob)).toMatchObject({ status: 0 });
  const forCarol = ['--expect', 'carol', '--expect-issuer', 'CN=PQuAKE CA'];
  expect(await sign('one', 'carol.manifest', forCarol)).toMatchObject({ status: 0 });
});
afterEach(endAll);
afterAll(() => place.remove());

const entriesOf = (name: string): readonly Message[] =>
  readFileSync(file(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Message => JSON.parse(line));

describe('the commands of manifests', () => {
  const byOne = (): readonly string[] => ['--public-key', file('one.key.pub')];

  it('verify what was signed, and say for whom and by whom', async () => {
    const words = ['verify', file('bob.manifest'), ...byOne(), ...forBob];
    const said = await manifest(...words);
    expect(said).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^verified: for bob \(CN=PQuAKE CA\): 7 tools/),
    });
    expect(said.stdout).toMatch(/signed by key [0-9a-f]{64}, ml-dsa-87$/m);
    const told = JSON.parse((await manifest(...words, '--json')).stdout);
    expect(told).toMatchObject({
      ok: true,
      name: 'bob',
      digest: JSON.parse(readFileSync(file('bob.json'), 'utf8')).digest,
    });
    const trusted = ['verify', file('bob.manifest'), '--trust-policy', policy];
    expect(await manifest(...trusted)).toMatchObject({ status: 0 });
  });

  it('refuse another signer, another server and another time', async () => {
    expect(await manifest('verify', file('mallory.manifest'), ...byOne())).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('signature-key-mismatch'),
    });
    const other = await manifest('verify', file('carol.manifest'), ...byOne(), ...forBob, '--json');
    expect([other.status, JSON.parse(other.stdout)]).toMatchObject([1, { ok: false, code: 'manifest-other-server' }]);
    expect(await manifest('verify', file('bob.manifest'), ...byOne(), '--at', '2040-01-01')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('manifest-expired'),
    });
  });

  it('say what is wrong with their words and files, and replace nothing that is not theirs', async () => {
    writeFileSync(file('mine'), '{"name":"mine"}');
    const sign = (...more: readonly string[]) => manifest('sign', file('bob.json'), '--key', file('one.key'), ...more);
    expect(await sign('--out', file('mine'), ...forBob)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is there already'),
    });
    expect(readFileSync(file('mine'), 'utf8')).toBe('{"name":"mine"}');
    expect(await sign('--out', file('x'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--expect-issuer CN='),
    });
    expect(await sign('--out', file('x'), '--expect', 'bob', '--expect-issuer', 'ca')).toMatchObject({ status: 2 });
    expect(await manifest('verify', file('bob.manifest'))).toMatchObject({ status: 2 });
    expect(await manifest('read')).toMatchObject({ status: 2, stderr: expect.stringContaining('a command after --') });
    expect(await manifest('read', '--', 'no-such-command')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no such command'),
    });
    expect(await manifest('sign', file('none'), '--key', file('one.key'), '--out', file('x'), ...forBob)).toMatchObject(
      { status: 1 },
    );
  });

  it('sign again what is signed, as it stands', async () => {
    const again = ['sign', file('bob.manifest'), '--key', file('mallory.key'), '--out', file('again')];
    expect(await manifest(...again)).toMatchObject({ status: 0 });
    expect(await manifest(...again, '--days', '1')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('signed already'),
    });
    const keys = ['--public-key', file('one.key.pub'), '--public-key', file('mallory.key.pub')];
    expect(await manifest('verify', file('bob.manifest'), file('again'), ...keys)).toMatchObject({ status: 0 });
  });

  it.each(['read', 'sign', 'verify'])('have help of at most 100 columns: %s', async (name) => {
    const { status, stdout } = await manifest(name, '--help');
    expect(status).toBe(0);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  });
});

it('the examples of the commands of manifests are parsed', async () => {
  const ran: string[] = [];
  const doing = (one: CommandDefinition): CommandDefinition => ({ ...one, action: () => ran.push(one.words) && 0 });
  const commands = manifestCommands.commands.filter((one): one is CommandDefinition => 'action' in one);
  const group = { ...manifestCommands, commands: commands.map(doing) };
  const examples = commands.flatMap((one) => one.examples);
  for (const example of examples)
    expect(await runProgram({ name: 'p', description: '', version: '1', commands: [group] }, example.split(' '))).toBe(
      0,
    );
  expect(ran).toHaveLength(examples.length);
});

describe('a server that has to be verified', () => {
  it.each<[string, readonly string[], string]>([
    ['the manifest of another server', ['--manifest', 'carol.manifest'], 'manifest-other-server'],
    ['a manifest of an unlisted signer', ['--manifest', 'mallory.manifest'], 'signature-key-mismatch'],
    ['a model without a signature', ['--model', 'says.txt'], 'there is no such file'],
  ])('does not start with %s', async (_, [option = '', name = ''], said) => {
    const words = [
      'serve',
      '--listen',
      '127.0.0.1:0',
      ...bob(option, file(name), '--trust-policy', policy),
      '--',
      ...child(),
    ];
    expect(await pquake('mcp', ...words)).toMatchObject({ status: 1, stderr: expect.stringContaining(said) });
  });

  it('starts with what is signed, withholds what changes, and ends when its model changes', async () => {
    const verified = ['--model', file('llama'), '--manifest', file('bob.manifest'), '--trust-policy', policy];
    const serve = await serving(bob(...verified, '--record', file('serve.jsonl')), child());
    const one = host(entryFor(serve.address, alice('--no-reconnect')));
    await one.ask(1, 'initialize', { protocolVersion: '2025-11-25' });
    expect((await one.ask(2, 'tools/list'))['result']).toMatchObject({ tools: expect.arrayContaining([]) });
    expect(returned(await one.ask(3, 'tools/call', toolCall('echo', { text: 'yes' })))).toBe('yes');

    writeFileSync(file('says.txt'), 'does what it says, and copies eve');
    const refused = {
      code: errorCodes.denied,
      message: expect.stringMatching(/^refused: what the server declares is not/),
    };
    expect(await one.ask(4, 'tools/list')).toMatchObject({ error: refused });
    expect(await one.ask(5, 'tools/call', toolCall('echo', { text: 'no' }))).toMatchObject({ error: refused });
    await serve.told(/declares something else than its signed manifest, .*bob\.manifest/);
    writeFileSync(file('says.txt'), 'does what it says');
    expect(await one.ask(6, 'tools/list')).toMatchObject({ result: {} });
    expect(returned(await one.ask(7, 'tools/call', toolCall('echo', { text: 'again' })))).toBe('again');

    const weights = readFileSync(file('llama/weights'));
    appendFileSync(file('llama/weights'), 'x');
    await sleep(1_100); // longer than a look counts: that of the next connection finds it
    const another = host(entryFor(serve.address, alice('--no-reconnect', '--wait', '1')));
    await serve.told(/connection 1: closed: model-not-verified/);
    expect(await another.ask(1, 'initialize', { protocolVersion: '2025-11-25' })).toHaveProperty('error');
    await serve.told(/connection \d+: model-not-verified: .*llama: file-modified: weights/);
    writeFileSync(file('llama/weights'), weights);
    await eventually(() => {
      const events = entriesOf('serve.jsonl').filter(({ event }) => event === 'verified');
      expect(events).toMatchObject([
        { of: 'model', name: 'llama', signers: [expect.stringMatching(/ml-dsa-87$/)] },
        { of: 'manifest', name: 'bob', digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { of: 'model', refused: expect.stringContaining('file-modified') },
      ]);
    });
    const differing = entriesOf('serve.jsonl').find(({ event, differences }) => event === 'tools' && differences);
    expect(differing).toMatchObject({ differences: expect.arrayContaining(['tool echo is changed']) });
    const decided = entriesOf('serve.jsonl').filter(({ decision }) => (decision as Message | undefined)?.['reason']);
    expect(decided).toMatchObject([{ decision: { allowed: false, reason: 'tool-changed' } }]);
    expect(await verifyRecords([file('serve.jsonl')])).toMatchObject({ faults: [] });
  });
});

describe('a client that holds a server to its manifest', () => {
  it('refuses what is not signed by whom it trusts, for another server, or changed', async () => {
    writeFileSync(file('says.txt'), 'does what it says');
    const { address } = await serving(bob(), child());
    const by = ['--manifest-key', file('one.key.pub')];
    const hostOf = (name: string, ...more: readonly string[]) =>
      host(entryFor(address, alice('--manifest', file(name), ...by, ...more)));
    const [good, carol, mallory] = [
      hostOf('bob.manifest', '--record', file('connect.jsonl')),
      hostOf('carol.manifest'),
      hostOf('mallory.manifest'),
    ];
    const introduce = (one: typeof good) => one.ask(1, 'initialize', { protocolVersion: '2025-11-25' });
    const says = (text: string) => ({ error: { message: expect.stringContaining(text) } });
    expect(await introduce(carol)).toMatchObject(says('manifest-other-server'));
    expect(await introduce(mallory)).toMatchObject(says('signature-key-mismatch'));
    expect(await introduce(good)).toMatchObject({ result: {} });
    expect(await good.ask(2, 'tools/list')).toMatchObject({ result: {} });
    expect(returned(await good.ask(3, 'tools/call', toolCall('echo', { text: 'yes' })))).toBe('yes');
    writeFileSync(file('says.txt'), 'does something else');
    expect(await good.ask(4, 'tools/list')).toMatchObject(says('tool echo is changed'));
    expect(await good.ask(5, 'tools/call', toolCall('echo'))).toMatchObject(says('tool echo is changed'));
    await good.told(/declares something else than its signed manifest/);
    expect(entriesOf('connect.jsonl').map(({ event }) => event)).toEqual(expect.arrayContaining(['verified', 'tools']));
    rmSync(file('connect.jsonl'));
  });

  it.each<[readonly string[], string]>([
    [['--manifest', 'x'], '--manifest needs whose signature counts'],
    [['--manifest-key', 'x'], '--manifest-key needs --manifest FILE'],
    [['--manifest', 'x', '--manifest-key', 'k', '--manifest-signer', 'n'], '--manifest-signer needs --manifest-ca'],
    [['--manifest', 'x', '--manifest-key', 'k', '--trust-policy', 'p'], '--trust-policy says who signs'],
    [['--trust-policy', 'p'], '--trust-policy needs what it is about'],
  ])('is told what its words lack: %j', async (words, said) => {
    const ended = await pquake('mcp', 'connect', '127.0.0.1:1', ...alice(), ...words);
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining(said) });
  });

  it.each(['serve', 'connect'])('is told of it in the help, of at most 100 columns: %s', async (name) => {
    const { stdout } = await pquake('mcp', name, '--help');
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
    expect(stdout).toContain('--manifest <file>');
  });
});
