// The README and spec/library.md show what runs: the commands, the examples, and the packages that get installed.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Listener } from '../src/node/transport/tcp.ts';
import { pquake, type Running, resultOf, start } from './cli/commands.ts';

const readme = readFileSync('README.md', 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'pquake-readme-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The block behind a marker. */
function blockOf(text: string, marker: string): string {
  const [, block] = new RegExp(`<!-- ${marker}[^\n]*-->\n\`\`\`\\w+\n([\\s\\S]*?)\`\`\``).exec(text) ?? [];
  if (block === undefined) throw new Error(`there is no block behind ${marker}`);
  return block;
}

const linesOf = (block: string): string[] => block.split('\n').filter((line) => line.trim() !== '');

/** Runs an example as a module of its own, with its files in the directory. */
async function runExample(name: string, example: string): Promise<Record<string, unknown>> {
  const file = join(directory, name);
  const source = example
    .replaceAll("'pki", `'${directory}/pki`)
    .replaceAll("from 'pquake'", `from '${resolve('src/index.ts')}'`)
    .replaceAll("from 'pquake/node'", `from '${resolve('src/node/index.ts')}'`);
  writeFileSync(file, source);
  return await import(/* @vite-ignore */ file);
}

describe('the README', () => {
  const lines = linesOf(blockOf(readme, 'commands:')).map((line) => line.replace(/ #.*/, '').trim());
  const example = blockOf(readme, 'example:');
  let [server, port]: [Running | undefined, string] = [undefined, ''];
  const wordsOf = (line: string): string[] =>
    line
      .replace(/^pquake /, '')
      .replaceAll('pki', `${directory}/pki`)
      .split(/\s+/);

  beforeAll(async () => {
    for (const line of lines.filter((one) => !/^pquake (serve|connect) /.test(one))) {
      expect(await pquake(...wordsOf(line))).toMatchObject({ status: 0 });
    }
    const serve = lines.find((line) => line.startsWith('pquake serve ')) ?? '';
    server = start(wordsOf(serve.replace(/ &$/, '').replace('4433', '0')));
    port = (await server.address).split(':').at(-1) ?? '';
  });
  afterAll(() => {
    server?.child.kill();
  });

  it('shows the command line in at most ten lines, which run', async () => {
    expect(lines.length).toBeLessThanOrEqual(10);
    const connect = lines.find((line) => line.startsWith('pquake connect ')) ?? '';
    const ended = await pquake(...wordsOf(connect.replace('4433', port)));
    expect(ended.status).toBe(0);
    expect(resultOf(ended)).toMatchObject({ ok: true, session: expect.stringMatching(/^[0-9a-f]{96}$/) });
  });

  it('shows the library in at most ten lines, which run against that server', async () => {
    expect(linesOf(example).length).toBeLessThanOrEqual(10);
    const { send, receive } = await runExample('readme.ts', example.replace('4433', port));
    expect(send).toHaveLength(32);
    expect(receive).toHaveLength(32);
    expect(send).not.toEqual(receive);
  });

  it('has the two commands for a fresh clone', () => {
    for (const command of ['npm ci && npm start', 'npm ci && npm test']) expect(readme).toContain(`\n${command} `);
  });
});

describe('spec/library.md', () => {
  const page = readFileSync('spec/library.md', 'utf8');
  const inOwnFiles = (source: string): string => source.replaceAll("'pki", "'pki-of-library");

  it('has an example of at most 20 lines, which exports a key', async () => {
    const example = blockOf(page, 'example:');
    expect(linesOf(example).length).toBeLessThanOrEqual(20);
    const { key } = await runExample('library.ts', inOwnFiles(example));
    expect(key).toHaveLength(32);
  });

  it('has a channel over TCP, whose example gets its answer', async () => {
    const { answer } = await runExample('channel.ts', inOwnFiles(blockOf(page, 'channel:')));
    expect(Buffer.concat(answer as Buffer[]).toString()).toBe('a message');
  });

  it('has a listener, to which the example of the README connects', async () => {
    const client = blockOf(readme, 'example:');
    const source = [blockOf(page, 'listener:').replace('4433', '0'), 'export { listener };'];
    const { listener } = (await runExample('listener.ts', inOwnFiles(source.join('\n')))) as { listener: Listener };
    try {
      const { send } = await runExample('client.ts', inOwnFiles(client.replace('4433', `${listener.address.port}`)));
      expect(send).toHaveLength(32);
    } finally {
      listener.close();
    }
  });
});

interface LockEntry {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: Readonly<Record<string, LockEntry>> = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;

/** Where the lock file has a package that another one, at `from`, asks for. */
function placeOf(from: string, name: string): string {
  const own = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (lock[own] !== undefined) return own;
  if (from === '') throw new Error(`package-lock.json has no ${name}`);
  return placeOf(from.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, ''), name);
}

/** Every place that an installation of `pquake` fills. */
function installed(from = '', places = new Set<string>()): Set<string> {
  const { dependencies, optionalDependencies } = lock[from] ?? {};
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const place = placeOf(from, name);
    if (places.has(place)) continue;
    places.add(place);
    installed(place, places);
  }
  return places;
}

describe('the packages that pquake installs', () => {
  const places = [...installed()];

  it('are named in the README, and no other is', () => {
    const [, table = ''] = /<!-- packages: [^\n]*-->\n([\s\S]*?)\n\n/.exec(readme) ?? [];
    const named = [...table.matchAll(/`((?:@[\w-]+\/)?[\w-]+)`/g)].map(([, name]) => name);
    const names = new Set(places.map((place) => place.replace(/^.*node_modules\//, '')));
    expect(named.sort()).toEqual([...names].sort());
  });

  it('are at most 14', () => {
    expect(places.length).toBeLessThanOrEqual(14);
  });
});

it('the commands of the README that are about models run, as they stand', async () => {
  const lines = [...readme.matchAll(/^pquake (model .*)$/gm)].map(([, words = '']) => words.replace(/ #.*/, '').trim());
  expect(lines).toHaveLength(3);
  mkdirSync(join(directory, 'my-model'));
  writeFileSync(join(directory, 'my-model', 'weights.bin'), 'weights');
  for (const line of lines) {
    const words = line
      .split(/\s+/)
      .map((word) => (/^(my-model|release\.key)/.test(word) ? join(directory, word) : word));
    expect(await pquake(...words), line).toMatchObject({ status: 0 });
  }
});
