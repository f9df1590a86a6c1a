import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const copy = mkdtempSync(join(tmpdir(), 'pquake-generate-'));
const generate = (...words: string[]) =>
  spawnSync(process.execPath, ['scripts/generate.ts', ...words], { cwd: copy, encoding: 'utf8' });
const edit = (file: string, from: string, to: string): void => {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(copy, file), text.replace(from, to));
};

beforeAll(() => {
  const parts = ['spec', 'scripts', 'src', 'models', 'properties', 'test', 'biome.json', '.gitignore', 'package.json'];
  for (const name of parts) {
    cpSync(name, join(copy, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
});
afterAll(() => rmSync(copy, { recursive: true }));

it('--check passes on fresh files', () => {
  expect(generate('--check')).toMatchObject({ status: 0 });
});

it('--check fails on an edited generated file, and names it', () => {
  edit('src/generated/codec.ts', 'data.length === 48', 'data.length >= 48');
  edit('spec/wireshark/pquake.lua', 'minimum = 1568', 'minimum = 1567');
  const { status, stderr } = generate('--check');
  for (const name of ['src/generated', 'spec']) cpSync(name, join(copy, name), { recursive: true });
  expect(status).toBe(1);
  expect(stderr).toContain('src/generated/codec.ts');
  expect(stderr).toContain('spec/wireshark/pquake.lua');
});

it('a change of the key schedule in the specification changes the code and the documentation', () => {
  edit(
    'spec/pquake.yaml',
    'concat: [ephemeralSecret, initiatorSecret, responderSecret',
    'concat: [ephemeralSecret, responderSecret, initiatorSecret',
  );
  const { status, stderr } = generate('--check');
  cpSync('spec', join(copy, 'spec'), { recursive: true });
  expect(status).toBe(1);
  expect(stderr).toContain('src/generated/keySchedule.ts');
  expect(stderr).toContain('spec/README.md');
});

it('one call reaches the fixed point: after a changed formula a second call writes nothing', () => {
  edit(
    'spec/pquake.yaml',
    'concat: [ephemeralSecret, initiatorSecret, responderSecret',
    'concat: [ephemeralSecret, responderSecret, initiatorSecret',
  );
  const first = generate();
  expect(first.status).toBe(0);
  const written = [...first.stdout.matchAll(/(\d+) written/g)].map(([, count]) => Number(count));
  expect(written).toHaveLength(2);
  for (const count of written) expect(count).toBeGreaterThan(1);
  const second = generate();
  for (const name of ['spec', 'src', 'models']) cpSync(name, join(copy, name), { recursive: true });
  expect(second.stdout.match(/ 0 written/g)).toHaveLength(2);
});

it('a change of the order of two arguments in src/protocol changes the models, and their verdicts no longer count', () => {
  edit(
    'src/protocol/steps.ts',
    '    initiatorSecret,\n    responderSecret,\n    initiatorHash,',
    '    initiatorSecret: responderSecret,\n    responderSecret: initiatorSecret,\n    initiatorHash,',
  );
  expect(generate()).toMatchObject({ status: 0 });
  for (const name of ['proverif/default.psk.traces.pvl', 'verifpal/default.psk.vp']) {
    const file = `models/generated/${name}`;
    expect(readFileSync(join(copy, file), 'utf8')).not.toBe(readFileSync(file, 'utf8'));
  }
  const words = ['src/cli/main.ts', 'prove', '--recorded', '--quiet', '--only', 'secrecy.psk'];
  const proved = spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8' });
  for (const name of ['src', 'models']) cpSync(name, join(copy, name), { recursive: true });
  expect(proved.status).toBe(1);
  expect(proved.stdout).toContain('model changed since');
});

it.each([
  ['a field of unknown kind', 'kind: Ciphertext }', 'kind: Cipher }', 'unknown kind Cipher'],
  ['a type stated twice', 'type: 2\n', 'type: 1\n', 'message type stated twice: 1'],
  ['an unknown requirement', 'requirements: [PQ-', 'requirements: [PQ-0-0, PQ-', 'cites PQ-0-0'],
  ['a word that the schema does not have', 'sender: initiator', 'sender: somebody', 'does not follow'],
])('%s in the specification is refused', (_, from, to, reason) => {
  edit('spec/pquake.yaml', from, to);
  const { status, stderr } = generate();
  cpSync('spec', join(copy, 'spec'), { recursive: true });
  expect(status).not.toBe(0);
  expect(stderr).toContain(reason);
});

it.each([
  ['an axis that it does not mention', '    axis: transcript\n', '', 'does not tell of transcript'],
  [
    'a query that no model asks',
    'fallback fallback-secrecy-initiator',
    'fallback no-such-query',
    'which no model asks',
  ],
  ['an unknown requirement', 'requirements: [PQ-P-24]', 'requirements: [PQ-0-0]', 'cites PQ-0-0'],
])('%s in the ambiguities is refused', (_, from, to, reason) => {
  edit('spec/ambiguities.yaml', from, to);
  const { status, stderr } = generate();
  cpSync('spec', join(copy, 'spec'), { recursive: true });
  expect(status).not.toBe(0);
  expect(stderr).toContain(reason);
});
