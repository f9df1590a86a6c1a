// `serve` besides handshakes: files that change, signals, a reader that went away.
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type Socket, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Handshake, initiator } from '../../src/handshake/handshake.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { readCredentials, readTrustAnchors } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { startChild } from '../../src/node/temporary/child.ts';
import { handshakeOver } from '../../src/node/transport/stream.ts';
import { connect } from '../../src/node/transport/tcp.ts';
import { eventually } from '../waiting.ts';
import { pquake, type Running, resultOf, start } from './commands.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-serve-'));
const file = (...names: readonly string[]): string => join(directory, ...names);
const servers: Running[] = [];

beforeAll(() => {
  for (const [pki, names] of [
    ['one', ['alice', 'bob', 'carol', 'dave']],
    ['two', ['alice', 'bob']],
  ] as const) {
    createAuthority({ suite, directory: file(pki) });
    for (const name of names) issueCredentials({ suite, directory: file(pki), name });
  }
});
afterEach(async () => {
  for (const { child, ended } of servers.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Copies of bob's files, which a test changes. */
function copies(name: string): string[] {
  mkdirSync(file(name));
  for (const end of ['pem', 'key']) copyFileSync(file('one', `bob.${end}`), file(name, `own.${end}`));
  copyFileSync(file('one', 'ca.pem'), file(name, 'ca.pem'));
  const own = ['--cert', file(name, 'own.pem'), '--key', file(name, 'own.key'), '--ca', file(name, 'ca.pem')];
  return [...own, '--expect', 'anyone'];
}

async function serve(words: readonly string[]): Promise<Running & { host: string; port: number }> {
  const running = start(['serve', '--listen', '127.0.0.1:0', '--json', ...words]);
  servers.push(running);
  const [host = '', port] = (await running.address).split(':');
  return { ...running, host, port: Number(port) };
}

const peerOptions = (pki = 'one') => ({
  ...{ suite, credentials: readCredentials(suite, file(pki, 'alice.pem'), file(pki, 'alice.key')) },
  expectedPeer: 'anyone',
  trustAnchors: readTrustAnchors(suite, [file('one', 'ca.pem'), file('two', 'ca.pem')]),
});

/** Who answers, or why nobody does. */
async function answering({ host, port }: { host: string; port: number }, pki?: string): Promise<string | undefined> {
  const result = await connect({ ...peerOptions(pki), host, port });
  if (!result.ok) return result.failure.code;
  result.stream.destroy();
  return result.session.peer.commonName;
}

/** Puts a file in the place of another one, as editors and deployments do. */
function replace(from: string, to: string): void {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

/** Standard error from now on, once it tells that files could not be used. */
const refusal = ({ child }: Running): Promise<string> =>
  new Promise((resolve) => {
    let told = '';
    child.stderr?.on('data', (chunk) => {
      told += chunk;
      if (/not reloaded.*\n/.test(told)) resolve(told);
    });
  });

describe('serve reads its files again', () => {
  it('on SIGHUP, while a handshake under way goes on with what it started with', async () => {
    const server = await serve(copies('hangup'));
    const socket = tcpConnect(server);
    const alice = initiator({ ...peerOptions(), time: new Date() });
    // Message 1 is answered under the old certificate; the rest comes after the reload.
    const [first] = alice.start().send;
    socket.write(first?.octets ?? '');
    await once(socket, 'readable');
    for (const end of ['pem', 'key'])
      writeFileSync(file('hangup', `own.${end}`), readFileSync(file('one', `carol.${end}`)));
    server.child.kill('SIGHUP');
    await eventually(async () => expect(await answering(server)).toBe('carol'));
    const rest: Handshake = { ...alice, start: () => ({ ...alice.receive(new Uint8Array(0)) }) };
    const old = await handshakeOver<Socket>(socket, rest);
    expect(old.ok && old.session.peer.commonName).toBe('bob');
    await server.lines(2);
    socket.destroy();
    server.child.kill('SIGTERM');
    const { status, stderr, stdout } = await server.ended;
    expect(status).toBe(0);
    expect(stderr).toMatch(/^reloaded: CN=carol, valid until \d{4}-/m);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).ok),
    ).not.toContain(false);
  });

  it('for its workers, too, which end with it', async () => {
    const server = await serve([...copies('workers'), '--workers', '2']);
    expect(await answering(server)).toBe('bob');
    for (const end of ['pem', 'key'])
      writeFileSync(file('workers', `own.${end}`), readFileSync(file('one', `carol.${end}`)));
    server.child.kill('SIGHUP');
    await eventually(async () => expect(await answering(server)).toBe('carol'));
    expect(await answering(server, 'two')).toBe('connection-closed');
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ status: 0 });
    const refused = await pquake('serve', '--listen', '127.0.0.1:0', ...copies('many'), '--workers', '65');
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('workers: a whole number from 1 to 64'),
    });
  });

  it('when they were replaced: certificate and key, then the trust anchors', async () => {
    const server = await serve(copies('replaced'));
    expect(await answering(server)).toBe('bob');
    expect(await answering(server, 'two')).toBe('connection-closed');
    // Certificate first and, after the server looked, the key: half of a pair changes nothing.
    const told = refusal(server);
    replace(file('one', 'dave.pem'), file('replaced', 'own.pem'));
    await told;
    expect(await answering(server)).toBe('bob');
    replace(file('one', 'dave.key'), file('replaced', 'own.key'));
    await eventually(async () => expect(await answering(server)).toBe('dave'));
    replace(file('two', 'ca.pem'), file('replaced', 'ca.pem'));
    await eventually(async () => expect(await answering(server, 'two')).toBe('dave'));
    expect(await answering(server)).toBe('connection-closed');
    server.child.kill('SIGTERM');
    const { stderr } = await server.ended;
    expect(stderr).toMatch(/^not reloaded, .*own\.key: not the private key of the certificate/m);
    expect(stderr.match(/^reloaded: CN=dave/gm)?.length).toBe(2);
  });

  it('when a symbolic link leads elsewhere', async () => {
    const words = copies('linked');
    for (const [name, end] of [
      ['bob', 'pem'],
      ['bob', 'key'],
      ['carol', 'pem'],
      ['carol', 'key'],
    ] as const) {
      mkdirSync(file('linked', name), { recursive: true });
      copyFileSync(file('one', `${name}.${end}`), file('linked', name, `own.${end}`));
    }
    symlinkSync('bob', file('linked', 'now'));
    for (const end of ['pem', 'key']) {
      rmSync(file('linked', `own.${end}`));
      symlinkSync(join('now', `own.${end}`), file('linked', `own.${end}`));
    }
    const server = await serve(words);
    expect(await answering(server)).toBe('bob');
    symlinkSync('carol', file('linked', 'next'));
    renameSync(file('linked', 'next'), file('linked', 'now'));
    await eventually(async () => expect(await answering(server)).toBe('carol'));
  });

  it.each<[string, (name: string) => void, RegExp]>([
    ['a certificate that is none', (name) => writeFileSync(file(name, 'own.pem'), 'none'), /own\.pem: PEM/],
    ['a key that is gone', (name) => rmSync(file(name, 'own.key')), /own\.key: there is no such file/],
    ['the authority’s key', (name) => replace(file('one', 'ca.key'), file(name, 'own.key')), /own\.key: ML-KEM/],
    ['an empty trust anchor', (name) => writeFileSync(file(name, 'ca.pem'), ''), /ca\.pem: PEM/],
  ])('%s keeps what was read before, and is told', async (title, spoil, reason) => {
    const name = title.replace(/\W/g, '-');
    const server = await serve(copies(name));
    const told = refusal(server);
    spoil(name);
    server.child.kill('SIGHUP');
    expect(await told).toMatch(reason);
    expect(await answering(server)).toBe('bob');
    server.child.kill('SIGTERM');
    const { stderr, status } = await server.ended;
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/at .*:\d+:\d+|BEGIN/);
  });
});

describe('serve is ended', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('--once by %s: one line of JSON, status 1', async (signal) => {
    const server = await serve(['--once', ...copies(`once-${signal}`)]);
    const silent = tcpConnect(server).on('error', () => {});
    await once(silent, 'connect');
    server.child.kill(signal);
    const end = await server.ended;
    expect(end.status).toBe(1);
    expect(resultOf(end)).toMatchObject({
      ...{ ok: false, code: 'interrupted', step: null, section: null, remoteAddress: null },
      message: `ended by ${signal} before a handshake ended`,
    });
    silent.destroy();
  });

  it('by SIGINT: status 0, nothing on standard output', async () => {
    const server = await serve(copies('interrupted'));
    server.child.kill('SIGINT');
    expect(await server.ended).toMatchObject({ status: 0, stdout: '' });
  });

  it('quietly when nobody reads its standard output', async () => {
    const words = ['src/cli/main.ts', 'serve', '--listen', '127.0.0.1:0', '--json', ...copies('unread')];
    const child = startChild(process.execPath, words);
    let stderr = '';
    const address = new Promise<string>((resolve) => {
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
        const [, found] = /listening on (\S+)\n/.exec(stderr) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    const [host = '', port] = (await address).split(':');
    child.stdout.destroy();
    const ended = once(child, 'close');
    expect(await answering({ host, port: Number(port) })).toBe('bob');
    expect((await ended)[0]).toBe(1);
    expect(stderr).toMatch(/^listening on \S+\n$/);
  });

  it('over IPv6 too', async () => {
    const server = start(['serve', '--listen', '[::1]:0', '--once', '--json', ...copies('six')]);
    servers.push(server);
    expect(await server.address).toMatch(/^\[::1\]:\d+$/);
    const own = ['--cert', file('one', 'alice.pem'), '--key', file('one', 'alice.key'), '--ca', file('one', 'ca.pem')];
    expect(await pquake('connect', await server.address, '--json', ...own)).toMatchObject({ status: 0 });
  });
});
