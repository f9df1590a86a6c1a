// The report of the public API is compared with the declarations, and a difference fails.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const copy = mkdtempSync(join(tmpdir(), 'pquake-api-'));
afterAll(() => rmSync(copy, { recursive: true }));

const api = (...words: string[]) =>
  spawnSync(process.execPath, ['scripts/api.ts', ...words], { cwd: copy, encoding: 'utf8' });

it('a changed declaration fails the check, which names the report', () => {
  mkdirSync(join(copy, 'scripts'));
  cpSync('scripts/api.ts', join(copy, 'scripts/api.ts'));
  for (const name of ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(name, join(copy, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  const words = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--emitDeclarationOnly'];
  expect(spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  expect(api()).toMatchObject({ status: 0 });
  expect(readFileSync(join(copy, 'spec/api/pquake.api.md'), 'utf8')).toContain('readonly identifier: ');
  expect(api('--check')).toMatchObject({ status: 0, stderr: '' });

  const declarations = join(copy, 'dist/handshake/session.d.ts');
  const text = readFileSync(declarations, 'utf8');
  writeFileSync(declarations, text.replace('readonly identifier:', 'readonly identity:'));
  const { status, stderr } = api('--check');
  expect(status).toBe(1);
  expect(stderr).toContain('spec/api/pquake.api.md');
  expect(stderr).not.toContain('spec/api/pquake-node.api.md');
}, 180_000);
