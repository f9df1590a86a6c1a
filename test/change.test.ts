// A change of the protocol, as CONTRIBUTING.md tells it: its commands run in a copy of the checkout in which a formula was changed.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const copy = mkdtempSync(join(tmpdir(), 'pquake-change-'));
const leftOut = new Set(['node_modules', '.git', 'dist', 'coverage', 'reports']);
const minutes = 60_000;

const [, block = ''] =
  /<!-- sequence: test\/change\.test\.ts runs this -->\n```sh\n([\s\S]*?)```/.exec(
    readFileSync('CONTRIBUTING.md', 'utf8'),
  ) ?? [];
/** The commands of the page, without their comments. */
const sequence = block
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');

/** Runs a command in the copy, as a shell of its reader would. */
const run = (command: string): SpawnSyncReturns<string> =>
  spawnSync(command, { cwd: copy, encoding: 'utf8', shell: true, maxBuffer: 1 << 26 });

function edit(file: string, from: string, to: string): void {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replaceAll(from, to));
}

const python = spawnSync('python3', ['--version']).status === 0;

/** Each command of the sequence, and its answer in the copy. */
const answers: Readonly<Record<string, (command: string) => void>> = {
  'npm run -s generate': (command) => {
    const { status, stdout } = run(command);
    expect(status).toBe(0);
    const written = [...stdout.matchAll(/(\d+) written/g)].map(([, count]) => Number(count));
    expect(written).toHaveLength(2);
    expect(Math.min(...written)).toBeGreaterThan(1);
  },
  'npm run -s vectors': (command) => {
    const { status, stdout } = run(command);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^\d+ vectors in \d+ files, [1-9]\d* files written\n\d+ vectors of proposals, [1-9]\d* files written\n$/,
    );
  },
  'npm run -s vectors:verify': (command) => {
    const before = run(command);
    if (!python) return expect(before.stdout).toContain('NOT checked');
    expect(before.status).toBe(1);
    expect(before.stderr).toMatch(/^key-schedule\/default: S: computed /m);
    expect(before.stderr).toMatch(/^handshakes\/default: /m);
    edit('src/lab/vectors/verify-vectors.py', 'S = ss_e + ss_i + ss_r', 'S = ss_e + ss_r + ss_i');
    const after = run(command);
    expect([after.status, after.stderr]).toEqual([0, '']);
  },
  'npm run -s draft': (command) => {
    const [name = ''] = readdirSync(join(copy, 'spec/draft'));
    const index = JSON.parse(readFileSync(join(copy, 'spec/vectors/v1/index.json'), 'utf8'));
    const { digest }: { digest: string } = index.files.find(({ kind }: { kind: string }) => kind === 'key-schedule');
    const quoted = (): boolean => readFileSync(join(copy, 'spec/draft', name), 'utf8').includes(digest);
    expect(quoted()).toBe(false);
    expect(run(command)).toMatchObject({ status: 0, stderr: '' });
    expect(quoted()).toBe(true);
  },
  'npm run -s prove -- --recorded --quiet': (command) => {
    const { status, stdout } = run(command);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^secrecy\.psk \(proverif\)/m);
    expect(stdout).toContain('model changed since');
  },
};

describe('a change of the protocol', () => {
  beforeAll(() => {
    for (const name of readdirSync('.').filter((one) => !leftOut.has(one))) {
      cpSync(name, join(copy, name), { recursive: true, filter: (path) => !leftOut.has(path.split('/').at(-1) ?? '') });
    }
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    expect(run('git init --quiet').status).toBe(0);
    edit(
      'spec/pquake.yaml',
      'concat: [ephemeralSecret, initiatorSecret, responderSecret',
      'concat: [ephemeralSecret, responderSecret, initiatorSecret',
    );
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it('CONTRIBUTING.md has these commands, in this order', () => {
    expect(sequence).toEqual(Object.keys(answers));
  });

  it.each(sequence)('%s', (command) => answers[command]?.(command), 10 * minutes);
});
