// `serve` when there are more connections than it takes on.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { eventually } from '../waiting.ts';
import { pquake, type Running, resultOf, start } from './commands.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-overload-'));
const who = (name: string): string[] =>
  ['cert', 'key', 'ca'].flatMap((option) => [
    `--${option}`,
    join(directory, { cert: `${name}.pem`, key: `${name}.key`, ca: 'ca.pem' }[option] ?? ''),
  ]);
const open: (() => unknown)[] = [];

beforeAll(() => {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function serve(...words: readonly string[]): Promise<Running & { readonly at: string }> {
  const server = start(['serve', '--listen', '127.0.0.1:0', '--json', ...who('bob'), ...words]);
  open.push(() => {
    server.child.kill('SIGKILL');
    return server.ended;
  });
  return { ...server, at: await server.address };
}

async function silent(at: string): Promise<Socket> {
  const [host = '', port] = at.split(':');
  const socket = tcpConnect({ host, port: Number(port) }).on('error', () => {});
  open.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Until those that say nothing may be displaced by others of their address. */
const patience = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, limits.patience + 100));

it('tells of it in one line on standard error; who was displaced has no line of JSON, and the handshake completes', async () => {
  const { at, child, lines, ended } = await serve('--max-handshakes', '3', '--first-octet-timeout', '600');
  const begun = performance.now();
  for (let i = 0; i < 30; i += 1) await silent(at);
  await patience();
  expect(resultOf(await pquake('connect', at, '--json', ...who('alice')))).toMatchObject({ ok: true });
  await lines(1);
  child.kill('SIGTERM');
  const end = await ended;
  const seconds = (performance.now() - begun) / 1_000;
  expect(end.status).toBe(0);
  expect(end.stdout.split('\n').filter((line) => line.includes('"ok":true'))).toHaveLength(1);
  const told = end.stderr.split('\n').filter((line) => line.startsWith('overload: '));
  const sumOf = (count: RegExp): number => told.reduce((sum, line) => sum + Number(count.exec(line)?.[1]), 0);
  // Three got in; where connecting took long, some of the others did later, for one of these.
  expect(sumOf(/(\d+) silent ones/)).toBeGreaterThan(0);
  expect(sumOf(/(\d+) silent ones/) + sumOf(/(\d+) connections without room/)).toBe(28);
  expect(told.length).toBeLessThanOrEqual(2 + seconds); // at most one a second, however slow the machine is
});

it('--once waits on when the silent are displaced, and ends with the handshake', async () => {
  const { at, ended } = await serve('--once', '--max-handshakes-per-address', '1', '--first-octet-timeout', '600');
  for (let i = 0; i < 5; i += 1) await silent(at);
  await patience();
  expect(await pquake('connect', at, ...who('alice'))).toMatchObject({ status: 0 });
  const end = await ended;
  expect(end.status).toBe(0);
  expect(resultOf(end)).toMatchObject({ ok: true });
});

it.each(['--max-handshakes', '--max-handshakes-per-address', '--max-connections'])(
  'connections that never send an octet shut nobody out: %s is reached by them',
  async (bound) => {
    const { at } = await serve(bound, '4', '--first-octet-timeout', '600', '--message-timeout', '600');
    const sockets: Socket[] = [];
    for (let i = 0; i < 4; i += 1) sockets.push(await silent(at));
    await patience();
    for (let i = 0; i < 3; i += 1)
      expect(resultOf(await pquake('connect', at, '--json', ...who('alice')))).toMatchObject({ ok: true });
    // Whoever came first made room. Each newcomer displaces one at the most: fewer, when one before it has left its place by then.
    for (const socket of sockets) socket.resume();
    await eventually(() => expect(sockets[0]?.destroyed).toBe(true));
    expect(sockets[3]?.destroyed).toBe(false);
  },
);

it('the silent are ended after --first-octet-timeout', async () => {
  const { at, ended } = await serve('--once', '--first-octet-timeout', '0.2');
  const socket = await silent(at);
  await once(socket, 'close');
  expect(resultOf(await ended)).toMatchObject({ ok: false, code: 'message-timeout', step: 1, section: '3.6' });
});

it('SIGTERM ends it while many connections come and wait', async () => {
  const { at, child, ended } = await serve();
  const sockets = await Promise.all(Array.from({ length: 300 }, () => silent(at)));
  const coming = setInterval(() => silent(at).catch(() => {}), 5);
  child.kill('SIGTERM');
  expect((await ended).status).toBe(0);
  clearInterval(coming);
  await Promise.all(sockets.map((socket) => socket.destroyed || once(socket, 'close')));
});

it('each bound is in --help; what is no count is a usage error', async () => {
  const { stdout } = await pquake('serve', '--help');
  for (const option of [
    'max-handshakes',
    'max-handshakes-per-address',
    'max-connections',
    'max-rate',
    'first-octet-timeout',
    'message-timeout',
    'handshake-timeout',
  ]) {
    expect(stdout).toMatch(new RegExp(`--${option} <`));
  }
  for (const [option, word, expected] of [
    ['--max-handshakes <n>', '0', 'Expected a whole number, at least 1.'],
    ['--max-handshakes-per-address <n>', '-1', 'Expected a whole number, at least 1.'],
    ['--max-connections <n>', '1.5', 'Expected a whole number, at least 1.'],
    ['--max-rate <n>', 'many', 'Expected a whole number, at least 1.'],
    ['--first-octet-timeout <seconds>', '0', 'Expected seconds, from 0.001 to 2147483.647.'],
    ['--message-timeout <seconds>', '2147484', 'Expected seconds, from 0.001 to 2147483.647.'],
    ['--handshake-timeout <seconds>', '-1', 'Expected seconds, from 0.001 to 2147483.647.'],
  ] as const) {
    const words = [...who('bob'), option.split(' ')[0] ?? '', word];
    const end = await pquake('serve', '--listen', '127.0.0.1:0', ...words);
    expect(end).toMatchObject({ status: 2, stdout: '' });
    expect(end.stderr).toContain(`option '${option}' argument '${word}' is invalid. ${expected}`);
  }
});
