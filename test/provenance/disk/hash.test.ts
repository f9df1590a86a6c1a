import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import { RefusedFile } from '../../../src/provenance/disk/codes.ts';
import { type HashProgress, hashModel } from '../../../src/provenance/disk/hash.ts';
import { chunkOctets, hashFile } from '../../../src/provenance/disk/hashFile.ts';
import { portionsOf } from '../../../src/provenance/disk/portions.ts';
import { model } from './models.ts';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Threads of this process. */
const threads = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'MessagePort' || resource === 'Worker').length;

describe('the digests of a model', () => {
  it('are those of its files, in the order of names, however many threads there are', async () => {
    const large = Buffer.alloc(5_000_000, 'large');
    const files: Record<string, string | Uint8Array> = { empty: '', large, 'b/exact': Buffer.alloc(chunkOctets, 7) };
    for (let at = 0; at < 600; at += 1) files[`small/${at}`] = `content ${at}`;
    const root = model(files);
    const expected = Object.entries(files).map(([name, content]) => ({ name, digest: sha256(content) }));
    expected.sort((one, other) => (one.name < other.name ? -1 : 1));
    const before = threads();
    for (const workers of [1, 3]) {
      const told: HashProgress[] = [];
      const found = await hashModel(root, { workers, onProgress: (progress) => told.push(progress) });
      expect(found).toMatchObject({ ok: true, value: { name: 'model', files: expected, cachedFiles: 0 } });
      const octets = found.ok ? found.value.octets : 0;
      expect(told.at(-1)).toEqual({ files: 603, allFiles: 603, octets, allOctets: octets });
      expect(threads()).toBe(before);
    }
  });

  it('are those of one file, and of sparse files', async () => {
    const root = model({ a: 'abc' });
    const handle = openSync(join(root, 'sparse'), 'w');
    ftruncateSync(handle, 3_000_000);
    writeSync(handle, 'x', 2_999_999);
    closeSync(handle);
    expect(await hashModel(join(root, 'a'))).toMatchObject({
      value: { name: 'a', files: [{ name: 'a', digest: sha256('abc') }] },
    });
    const sparse = Buffer.alloc(3_000_000);
    sparse.write('x', 2_999_999);
    expect(await hashModel(join(root, 'sparse'))).toMatchObject({ value: { files: [{ digest: sha256(sparse) }] } });
  });

  it('follow links that stay in the model, under their own names', async () => {
    const root = model({ 'a/x': 'abc' });
    symlinkSync('a/x', join(root, 'link'));
    symlinkSync('a', join(root, 'z'));
    const digest = sha256('abc');
    expect(await hashModel(root, { allowLinks: true })).toMatchObject({
      value: { files: ['a/x', 'link', 'z/x'].map((name) => ({ name, digest })) },
    });
  });

  it('are refused as its files are', async () => {
    expect(await hashModel(join(model({ a: '' }), 'none'))).toMatchObject({ ok: false, code: 'model-absent' });
  });

  it.each([0, 1.5, -1, Number.NaN, 100_000])('need a number of workers that can be: not %j', async (workers) => {
    await expect(hashModel(model({ a: '' }), { workers })).rejects.toThrow(ConfigurationError);
  });

  it('may be cancelled before and meanwhile, and no thread stays', async () => {
    const root = model({ a: '' });
    await expect(hashModel(root, { signal: AbortSignal.abort(new Error('no more')) })).rejects.toThrow('no more');
    const handle = openSync(join(root, 'huge'), 'w');
    ftruncateSync(handle, 1e12);
    closeSync(handle);
    const controller = new AbortController();
    const before = threads();
    const onProgress = ({ octets }: HashProgress): void => {
      if (octets > 0) controller.abort(new Error('no more'));
    };
    await expect(hashModel(root, { signal: controller.signal, onProgress })).rejects.toThrow('no more');
    expect(threads()).toBe(before);
  });
});

describe('one pass over a file', () => {
  /** Hashes a file; `change` is called once after its first chunk. */
  function pass(root: string, change: () => void, allowLinks = false): unknown {
    let isChanged = false;
    try {
      return hashFile('d/file', { root, allowLinks }, Buffer.alloc(chunkOctets), () => {
        if (!isChanged) change();
        isChanged = true;
      });
    } catch (error) {
      return error instanceof RefusedFile ? error.refusal : error;
    }
  }
  const content = Buffer.alloc(2 * chunkOctets, 1);
  const changed = { ok: false, code: 'file-changed', path: 'd/file' };

  it('takes what it reads', () => {
    expect(pass(model({ 'd/file': content }), () => undefined)).toMatchObject({ digest: sha256(content) });
  });

  it('refuses a file that grows, shrinks, or gets other octets', () => {
    const change = (how: (file: string) => void): unknown => {
      const root = model({ 'd/file': content });
      const file = join(root, 'd', 'file');
      utimesSync(file, 1, 1);
      return pass(root, () => how(file));
    };
    expect(change((file) => appendFileSync(file, 'x'))).toMatchObject(changed);
    expect(change((file) => writeFileSync(file, 'x'))).toMatchObject(changed);
    const overwrite = (file: string): void => {
      const handle = openSync(file, constants.O_WRONLY);
      writeSync(handle, 'x', 0);
      closeSync(handle);
      utimesSync(file, 1, 1); // hides it, but for the time of the facts
    };
    expect(change(overwrite)).toMatchObject(changed);
  });

  it('refuses what became a link, a folder or nothing, and a link in a folder on the way', () => {
    const root = model({ 'd/file': 'abc', 'e/file': 'other' });
    const file = join(root, 'd', 'file');
    renameSync(file, `${file}1`);
    expect(pass(root, () => undefined)).toMatchObject({ code: 'file-vanished' });
    symlinkSync('file1', file);
    expect(pass(root, () => undefined)).toMatchObject({ code: 'file-link' });
    expect(pass(root, () => undefined, true)).toMatchObject({ digest: sha256('abc') });
    rmSync(file);
    mkdirSync(file);
    expect(pass(root, () => undefined)).toMatchObject(changed);
    rmSync(join(root, 'd'), { recursive: true });
    symlinkSync('e', join(root, 'd'));
    expect(pass(root, () => undefined)).toMatchObject(changed);
    expect(pass(root, () => undefined, true)).toMatchObject({ digest: sha256('other') });
  });

  it('refuses a link that leads out, where links are allowed', () => {
    const root = model({ 'd/x': '' });
    writeFileSync(join(root, '..', 'outside'), 'secret');
    symlinkSync('../../outside', join(root, 'd', 'file'));
    expect(pass(root, () => undefined, true)).toMatchObject({ ok: false });
  });
});

it('large files are a piece each, the largest first, and small ones share pieces', () => {
  const files = Array.from({ length: 300 }, (_, at) => ({ name: `${at}`, octets: 10 }));
  const portions = portionsOf(
    [...files, { name: 'l', octets: 5_000_000 }, { name: 'm', octets: 9_000_000 }],
    (at) => at !== 1,
  );
  expect(portions.map((one) => one.length)).toEqual([1, 1, 256, 43]);
  expect(portions.slice(0, 2)).toEqual([[301], [300]]);
  expect(portions.flat().sort((one, other) => one - other)).toEqual([
    0,
    ...Array.from({ length: 300 }, (_, at) => at + 2),
  ]);
});
