// The parts of a bridge by themselves.
import { basename, dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { startServer } from '../../../src/mcp/bridge/child.ts';
import { environmentOf, parseVariable } from '../../../src/mcp/bridge/environment.ts';
import { isCommand } from '../../../src/mcp/bridge/findCommand.ts';
import { places } from '../../../src/mcp/bridge/places.ts';
import { tellLines } from '../../../src/mcp/bridge/stderr.ts';
import { nurse } from '../gate/parts.ts';
import { gone } from './bridge.ts';

describe.runIf(process.platform !== 'win32')('a command', () => {
  it('is a file that may be executed, by its path or in a folder of PATH', () => {
    const [folder, name] = [dirname(process.execPath), basename(process.execPath)];
    expect(isCommand(process.execPath)).toBe(true);
    expect(isCommand(name, `/nowhere:${folder}`)).toBe(true);
    expect(isCommand(name, '/nowhere')).toBe(false);
    expect(isCommand(name)).toBe(false);
    expect(isCommand('./package.json')).toBe(false); // no file to execute
    expect(isCommand(folder)).toBe(false);
    expect(isCommand('./nowhere', folder, 'win32')).toBe(true);
  });
});

describe('places for servers', () => {
  it('are so many at a time, and filled so many in a second', () => {
    let time = 0;
    const { take } = places({ servers: 3, startsPerSecond: 2, perPeer: 3 }, () => time);
    const [first, second] = [take(), take()];
    expect([first.ok, second.ok]).toStrictEqual([true, true]);
    expect(take()).toStrictEqual({ ok: false, code: 'too-many-starts' });
    time = 500;
    expect(take().ok).toBe(true);
    time = 10_000;
    expect(take()).toStrictEqual({ ok: false, code: 'too-many-servers' });
    if (first.ok) {
      first.leave();
      first.leave();
    }
    expect(take().ok).toBe(true);
    expect(take()).toStrictEqual({ ok: false, code: 'too-many-servers' });
  });
});

describe('places for the servers of one peer', () => {
  it('are half of all where nothing else is said, so that it takes none from others', () => {
    const { take } = places({ servers: 4, startsPerSecond: 100 }, () => 0);
    const own = [take('alice'), take('alice')];
    expect(own.map(({ ok }) => ok)).toStrictEqual([true, true]);
    expect(take('alice')).toStrictEqual({ ok: false, code: 'too-many-servers-of-peer' });
    expect(take('carol').ok).toBe(true);
    const [first] = own;
    if (first?.ok) first.leave();
    expect(take('alice').ok).toBe(true);
  });
});

describe('variables', () => {
  it('are passed on by name, or set, and never say who the peer is', () => {
    expect(parseVariable('A=b=c\nd')).toStrictEqual({ name: 'A', value: 'b=c\nd' });
    expect(parseVariable('PATH')).toStrictEqual({ name: 'PATH', value: process.env['PATH'] });
    for (const word of ['', '=x', 'A B=c', 'NOT_SET_ANYWHERE', 'PQUAKE_PEER_IDENTITY=root', 'PQUAKE_CHANNEL_BINDING=0'])
      expect(() => parseVariable(word), word).toThrow(InvalidArgumentError);
  });

  it('show the name of a peer as one line, without characters that end one', () => {
    const environment = environmentOf([], { ...nurse, identity: 'a\nb\0c\u001b[0m' });
    expect(environment['PQUAKE_PEER_IDENTITY']).toBe('a\\u000ab\\u0000c\\u001b[0m');
    expect(environmentOf([], undefined)).not.toHaveProperty('PQUAKE_PEER_IDENTITY');
  });
});

describe('standard error of a server', () => {
  it('is told line by line, so many in a second, so long each', async () => {
    let time = 0;
    const told: string[] = [];
    const source = new PassThrough();
    tellLines(
      source,
      '[7] ',
      (line) => told.push(line),
      () => time,
    );
    source.write(`first\r\nsec`);
    source.write(`ond\n${'x'.repeat(5_000)}\n`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told.slice(0, 2)).toStrictEqual(['[7] first', '[7] second']);
    expect(Math.max(...told.map(({ length }) => length))).toBeLessThanOrEqual(2_004);
    source.write('y\n'.repeat(500));
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toHaveLength(50);
    time = 1_000;
    source.end('last');
    await new Promise((resolve) => source.once('close', resolve));
    expect(told.slice(50)).toStrictEqual(['[7] 453 lines or parts of lines were left out', '[7] last']);
  });
});

describe('a server as a process', () => {
  const run = (script: string) =>
    startServer({ command: process.execPath, words: ['-e', script], env: process.env, grace: 100 });

  it('ends with all that it started', async () => {
    const forever = 'setInterval(() => {}, 1000)';
    const script = `const { pid } = require('node:child_process').spawn(process.execPath, ['-e', '${forever}'], { stdio: 'inherit' });
      process.on('SIGTERM', () => {}); console.log(pid); ${forever}`;
    const server = await run(script);
    const grandchild = Number(
      await new Promise((resolve) => server.output.once('data', (chunk) => resolve(String(chunk)))),
    );
    server.stop();
    expect(await server.exited).toStrictEqual({ signal: 'SIGKILL' });
    await gone(server.process);
    await gone(grandchild);
  });

  it('that is not there, or whose words cannot be, is an error with its reason', async () => {
    const options = { words: [], env: {}, grace: 100 };
    await expect(startServer({ ...options, command: '/nonexistent' })).rejects.toMatchObject({
      ...{ code: 'server-not-started', message: '/nonexistent: no such command' },
    });
    await expect(startServer({ ...options, command: '/etc/passwd' })).rejects.toMatchObject({
      message: '/etc/passwd: it may not be executed',
    });
    await expect(startServer({ ...options, command: 'true', words: ['\0'] })).rejects.toMatchObject({
      code: 'server-not-started',
    });
  });
});
