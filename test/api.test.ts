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
  for (const name of ['scripts', 'dist/node', 'dist/provenance']) mkdirSync(join(copy, name), { recursive: true });
  cpSync('scripts/api.ts', join(copy, 'scripts/api.ts'));
  cpSync('package.json', join(copy, 'package.json'));
  writeFileSync(
    join(copy, 'tsconfig.json'),
    '{ "compilerOptions": { "module": "nodenext", "types": [], "lib": ["es2022"], "skipLibCheck": true }, "include": ["dist"] }',
  );
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  const declare = (name: string, member: string): void =>
    writeFileSync(
      join(copy, 'dist', name),
      `/** A session. */\nexport interface Session {\n  readonly ${member}: Uint8Array;\n}\n`,
    );
  for (const name of ['index.d.ts', 'node/index.d.ts', 'provenance/index.d.ts']) declare(name, 'identifier');
  expect(api()).toMatchObject({ status: 0 });
  expect(readFileSync(join(copy, 'spec/api/pquake.api.md'), 'utf8')).toContain('readonly identifier: ');
  expect(api('--check')).toMatchObject({ status: 0, stderr: '' });

  declare('index.d.ts', 'identity');
  const { status, stderr } = api('--check');
  expect(status).toBe(1);
  expect(stderr).toContain('spec/api/pquake.api.md');
  expect(stderr).not.toContain('spec/api/pquake-node.api.md');
}, 180_000);
