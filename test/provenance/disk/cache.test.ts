import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { digestCache } from '../../../src/provenance/disk/cache.ts';
import { hashModel } from '../../../src/provenance/disk/hash.ts';
import { folder, model } from './models.ts';

/** Some seconds after the files of a model were made. */
const later = 10_000;

function setting(files: Readonly<Record<string, string>>) {
  const [root, directory] = [model(files), folder()];
  const notes: string[] = [];
  const run = async (key = 'key', after = later) => {
    const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + after);
    try {
      const cache = digestCache({ directory, key, onNote: (note) => notes.push(note) });
      const found = await hashModel(root, { cache, workers: 1 });
      return found.ok ? found.value : expect.fail(found.detail);
    } finally {
      now.mockRestore();
    }
  };
  const only = (): string => join(directory, readdirSync(directory)[0] ?? '');
  return { root, directory, notes, run, only };
}

it('a model that did not change is not read again, and has the same digests', async () => {
  const { run, only, notes } = setting({ a: 'abc', 'b c/d': '', '\u{1f600}': 'x' });
  const first = await run();
  expect(first.cachedFiles).toBe(0);
  expect(statSync(only()).mode & 0o777).toBe(0o600);
  const second = await run();
  expect(second).toEqual({ ...first, cachedFiles: 3 });
  expect(notes).toEqual([]);
});

it('what changed is read again: octets, a time that was set back, a file that was replaced, one that is new', async () => {
  const { run, root } = setting({ a: 'abc', b: 'abc', c: 'abc', d: 'abc' });
  const first = await run();
  const { mtime, atime } = statSync(join(root, 'a'));
  const handle = openSync(join(root, 'a'), constants.O_WRONLY);
  writeSync(handle, 'abd');
  closeSync(handle);
  utimesSync(join(root, 'a'), atime, mtime);
  rmSync(join(root, 'b'));
  writeFileSync(join(root, 'b'), 'xyz');
  writeFileSync(join(root, 'e'), 'new');
  const second = await run('key', 2 * later);
  expect(second.cachedFiles).toBe(2);
  expect(second.files.map(({ digest }, at) => digest === first.files[at]?.digest)).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
  expect(await run('key', 2 * later)).toEqual({ ...second, cachedFiles: 5 });
});

it('a file that changed shortly before it was read is not kept', async () => {
  const { run } = setting({ a: 'abc' });
  await run('key', 0);
  expect((await run('key', 0)).cachedFiles).toBe(0);
  await run();
  expect((await run()).cachedFiles).toBe(1);
});

it('results of another key or another model are not taken', async () => {
  const { run, directory } = setting({ a: 'abc' });
  await run('one');
  expect((await run('two')).cachedFiles).toBe(0);
  expect((await run('two')).cachedFiles).toBe(1);
  expect(readdirSync(directory)).toHaveLength(2);
});

it('a file of the cache that was damaged, is foreign or is a link is told and not used, and written again', async () => {
  const { run, only, directory, notes } = setting({ a: 'abc' });
  await run();
  const good = readFileSync(only(), 'utf8');
  for (const bad of [good.slice(0, -9), good.replace(' a\n', ' b\n'), '', 'x', `${good}x`]) {
    writeFileSync(only(), bad);
    expect((await run()).cachedFiles).toBe(0);
    expect(notes.splice(0)).toEqual([`${only()}: not used: it is damaged`]);
    expect((await run()).cachedFiles).toBe(1);
  }
  const one = only();
  await run('other');
  const other = readdirSync(directory).find((name) => join(directory, name) !== one) ?? '';
  writeFileSync(one, readFileSync(join(directory, other)));
  expect((await run()).cachedFiles).toBe(0);
  expect(notes.splice(0)).toEqual([`${one}: not used: it is of another model or key`]);
  writeFileSync(join(directory, 'elsewhere'), good, { mode: 0o600 });
  rmSync(one);
  symlinkSync('elsewhere', one);
  expect((await run()).cachedFiles).toBe(0);
  expect(notes.splice(0)[0]).toContain(`${one}: not used`);
});

it('a folder in which others can write is not used, nor one that is not there', async () => {
  const { run, directory, notes } = setting({ a: 'abc' });
  chmodSync(directory, 0o777);
  expect((await run()).cachedFiles).toBe(0);
  expect(notes.splice(0)[0]).toContain('the cache is not used');
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
  expect((await run()).cachedFiles).toBe(0);
  expect(notes.splice(0)[0]).toContain('the cache is not used');
  mkdirSync(directory);
});
