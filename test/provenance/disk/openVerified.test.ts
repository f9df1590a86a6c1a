import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  openVerified,
  readVerified,
  type VerifiedFile,
  VerifiedFileError,
} from '../../../src/provenance/disk/openVerified.ts';
import { chunkFor } from '../../../src/provenance/disk/verifiedChunks.ts';
import { model } from './models.ts';

const mega = 1_048_576;
const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Octets that differ everywhere. */
const content = Buffer.from(Uint32Array.from({ length: 900_000 }, (_, at) => at).buffer);
const digest = sha256(content);

async function opened(root: string): Promise<VerifiedFile> {
  const found = await openVerified(root, 'd/file', digest);
  if (!found.ok) return expect.fail(found.detail);
  onTestFinished(() => found.value.close());
  return found.value;
}

function overwrite(file: string, at: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.of((content[at] ?? 0) ^ 1), 0, 1, at);
  closeSync(handle);
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describe('a file in memory', () => {
  it('is handed over when it has the digest', async () => {
    const root = model({ 'd/file': content, empty: '' });
    expect(await readVerified(root, 'd/file', digest)).toEqual({ ok: true, value: content });
    expect(await readVerified(root, 'empty', sha256(''))).toEqual({ ok: true, value: Buffer.alloc(0) });
  });

  it('is refused with another digest, when it is too large, and where it is not in the model', async () => {
    const root = model({ 'd/file': content });
    symlinkSync('d/file', join(root, 'link'));
    const before = openFiles();
    expect(await readVerified(root, 'd/file', sha256(''))).toMatchObject({
      ok: false,
      code: 'file-modified',
      path: 'd/file',
    });
    expect(await readVerified(root, 'd/file', digest, { maxOctets: 100 })).toMatchObject({ code: 'file-too-large' });
    expect(await readVerified(root, '../x', digest)).toMatchObject({ code: 'name-not-relative' });
    expect(await readVerified(root, 'none', digest)).toMatchObject({ code: 'file-vanished' });
    expect(await readVerified(root, 'd', digest)).toMatchObject({ code: 'file-changed' });
    expect(await readVerified(root, 'link', digest)).toMatchObject({ code: 'file-link' });
    expect(await readVerified(root, 'link', digest, { allowLinks: true })).toMatchObject({ ok: true });
    await expect(readVerified(root, 'd/file', digest, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(openFiles()).toBe(before);
  });
});

describe('a file that is open', () => {
  it('is read as a stream, in parts, and from any place', async () => {
    const file = await opened(model({ 'd/file': content }));
    expect(file.octets).toBe(content.length);
    expect(await buffer(file.stream())).toEqual(content);
    const parts = [
      [0, 0],
      [0, 1],
      [mega - 1, 2],
      [mega, mega],
      [5, 2 * mega],
      [content.length - 1, 1],
      [content.length, 0],
      [0, content.length],
    ] as const;
    for (const [offset, length] of parts) {
      const expected = content.subarray(offset, offset + length);
      expect(Buffer.compare(await file.read(offset, length), expected)).toBe(0);
      expect(Buffer.compare(await buffer(file.stream({ offset, length })), expected)).toBe(0);
    }
  });

  it('is refused with another digest, and is not left open', async () => {
    const root = model({ 'd/file': content });
    const before = openFiles();
    expect(await openVerified(root, 'd/file', sha256(''))).toMatchObject({ ok: false, code: 'file-modified' });
    expect(await openVerified(root, 'd//file', digest)).toMatchObject({ code: 'name-empty' });
    await expect(openVerified(root, 'd/file', digest, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(openFiles()).toBe(before);
  });

  it('hands over no octet of a chunk that changed since, and all of the others', async () => {
    const root = model({ 'd/file': content });
    const file = await opened(root);
    overwrite(join(root, 'd', 'file'), mega + 5);
    const left: Buffer[] = [];
    let failed: unknown;
    try {
      for await (const chunk of file.stream()) left.push(chunk as Buffer);
    } catch (error) {
      failed = error;
    }
    expect(failed).toBeInstanceOf(VerifiedFileError);
    expect(failed).toMatchObject({ code: 'file-changed', path: 'd/file' });
    expect(Buffer.concat(left)).toEqual(content.subarray(0, mega));
    await expect(file.read(mega, 1)).rejects.toThrow(VerifiedFileError);
    await expect(file.read(mega + 100, 1)).rejects.toMatchObject({ code: 'file-changed' });
    expect(await file.read(2 * mega, 3)).toEqual(content.subarray(2 * mega, 2 * mega + 3));
    overwrite(join(root, 'd', 'file'), mega + 5);
  });

  it.each([0, mega - 1, 3 * mega, content.length - 1])('sees one bit at octet %i', async (at) => {
    const root = model({ 'd/file': content });
    const file = await opened(root);
    overwrite(join(root, 'd', 'file'), at);
    await expect(file.read(at, 1)).rejects.toMatchObject({ code: 'file-changed' });
  });

  it('keeps its octets when the file is replaced or grows, and refuses when it becomes shorter', async () => {
    const root = model({ 'd/file': content });
    const path = join(root, 'd', 'file');
    const file = await opened(root);
    appendFileSync(path, 'more');
    expect(await buffer(file.stream())).toEqual(content);
    truncateSync(path, content.length - 1);
    await expect(file.read(content.length - 1, 1)).rejects.toMatchObject({ code: 'file-changed' });
    writeFileSync(path, '');
    await expect(file.read(0, 1)).rejects.toMatchObject({ code: 'file-changed' });
  });

  it('has no part outside of it, and none after it was closed', async () => {
    const file = await opened(model({ 'd/file': content }));
    for (const [offset, length] of [
      [-1, 1],
      [0, content.length + 1],
      [content.length, 1],
      [0.5, 1],
      [0, Number.NaN],
    ] as const)
      await expect(file.read(offset, length)).rejects.toThrow(RangeError);
    await file.close();
    await file.close();
    await expect(file.read(0, 1)).rejects.toThrow('it was closed');
  });
});

it('larger files have larger chunks, so that what is kept of them is bounded', () => {
  expect(chunkFor(0)).toBe(mega);
  expect(chunkFor(16_384 * mega)).toBe(mega);
  expect(chunkFor(16_384 * mega + 1)).toBe(2 * mega);
});
