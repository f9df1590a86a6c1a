// Output that cannot be written: a full disk, a terminal that is gone, nobody who reads.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { endGroup, keepGroup } from '../../src/node/temporary/temporary.ts';
import { eventually } from '../waiting.ts';
import { pquake } from './commands.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-output-'));
const file = (name: string): string => join(directory, name);
const who = (name: string): string[] => [
  ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem'), '--expect', 'anyone'],
];
const serve = (...more: readonly string[]): string[] => ['serve', '--listen', '127.0.0.1:0', ...who('bob'), ...more];
const children: ChildProcess[] = [];

beforeAll(() => {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
});
afterAll(() => {
  for (const { pid } of children) if (pid !== undefined) endGroup(pid);
  rmSync(directory, { recursive: true });
});

interface Running {
  readonly address: Promise<string>;
  readonly said: () => string;
  /** The status. */
  readonly ended: Promise<number | null>;
  readonly child: ChildProcess;
}

/** Starts a program with standard output to a file, and takes down its standard error. */
function start(words: readonly string[], stdout: 'pipe' | number): Running {
  const child = spawn(words[0] ?? '', words.slice(1), { detached: true, stdio: ['pipe', stdout, 'pipe'] });
  children.push(child);
  if (child.pid !== undefined) keepGroup(child.pid);
  let said = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const address = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr as NonNullable<typeof child.stderr> }).on('line', (line) => {
      said += `${line}\n`;
      if (line.startsWith('listening on ')) resolve(line.slice('listening on '.length));
    });
    ended.then(() => reject(new Error(`ended before it listened: ${said}`)));
  });
  address.catch(() => {});
  return { address, said: () => said, ended, child };
}

const own = (...words: readonly string[]): string[] => [process.execPath, 'src/cli/main.ts', ...words];
const connects = async (address: string): Promise<void> =>
  expect(await pquake('connect', address, ...who('alice'))).toMatchObject({ status: 0 });

describe.runIf(existsSync('/dev/full'))('standard output on a full disk', () => {
  const onFullDisk = (...words: readonly string[]): Running => start(own(...words), openSync('/dev/full', 'w'));

  it('serve goes on, and says once that output is lost', async () => {
    const server = onFullDisk(...serve('--json'));
    for (let i = 0; i < 3; i += 1) await connects(await server.address);
    await eventually(() => expect(server.said()).toMatch(/is lost/));
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(server.said().replace(/^listening on .*\n/, '')).toMatch(
      /^pquake: warning: standard output cannot be written, what is printed there is lost: ENOSPC[^\n]*\n$/,
    );
  });

  it('serve --once has not reported its result: status 1, in words', async () => {
    const server = onFullDisk(...serve('--once', '--json'));
    await connects(await server.address);
    expect(await server.ended).toBe(1);
    expect(server.said()).toMatch(/\npquake: standard output cannot be written: ENOSPC[^\n]*\n$/);
  });

  it.each([
    'cert show bob.pem',
    'key inspect bob.key --json',
    'cert verify bob.pem --ca ca.pem --json',
    '--help',
    'serve --help',
    'demo',
    'conformance responder --list',
    'prove --recorded',
  ])('%s: status 1, one line', async (line) => {
    const run = onFullDisk(...line.split(' ').map((word) => (/\.(pem|key)$/.test(word) ? file(word) : word)));
    expect(await run.ended).toBe(1);
    expect(run.said()).toMatch(/^pquake: standard output cannot be written: ENOSPC[^\n]*\n$/);
  });

  it('a connection of which nothing can be told is status 1', async () => {
    const server = start(own(...serve()), 'pipe');
    const run = onFullDisk('connect', await server.address, ...who('alice'), '--json');
    expect(await run.ended).toBe(1);
    expect(run.said()).toMatch(/^pquake: standard output cannot be written/);
  });
});

describe.runIf(spawnSync('python3', ['--version']).status === 0)('a terminal that goes away', () => {
  /** Runs the words on a terminal of which it hands on what is written there, until its input ends: then the terminal goes. */
  const onTerminal = `import os, subprocess, sys, threading
master, slave = os.openpty()
child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=slave)
os.close(slave)
def copy():
    try:
        while True: os.write(2, os.read(master, 4096).replace(b'\\r', b''))
    except OSError: pass
threading.Thread(target=copy, daemon=True).start()
sys.stdin.read()
os.close(master)
sys.exit(child.wait())`;

  it('serve goes on without it', async () => {
    const server = start(['python3', '-c', onTerminal, ...own(...serve('--json'))], 'pipe');
    const address = await server.address;
    await connects(address);
    await eventually(() => expect(server.said()).toMatch(/"ok":true/));
    server.child.stdin?.end();
    for (let i = 0; i < 3; i += 1) await connects(address);
    if (server.child.pid !== undefined) process.kill(-server.child.pid, 'SIGTERM');
    await server.ended;
  });
});
