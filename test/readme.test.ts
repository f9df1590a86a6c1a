import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('the library example of the README runs, has at most 20 lines, and exports a key', async () => {
  const readme = readFileSync('README.md', 'utf8');
  const [, example] = /<!-- example: test\/readme\.test\.ts runs this -->\n```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  if (example === undefined) throw new Error('the README has no example');
  expect(example.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
  const directory = mkdtempSync(join(tmpdir(), 'pquake-readme-'));
  const before = process.cwd();
  try {
    const file = join(before, 'test', `readme-example-${process.pid}.ts`);
    writeFileSync(file, example.replaceAll("'pki", `'${directory}/pki`));
    try {
      const { key } = await import(/* @vite-ignore */ file);
      expect(key).toHaveLength(32);
    } finally {
      rmSync(file);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
