// Files of any kind are read again when they change: a value that has nothing to do with handshakes is kept as fresh.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readTexts } from '../../../src/node/files/files.ts';
import { type Fresh, keepFresh } from '../../../src/node/transport/reload.ts';

let directory = '';
let fresh: Fresh;
let inForce = 'one';
let release: () => void = () => {};
const [wiped, reloaded, refused]: [string[], string[], string[]] = [[], [], []];
const file = (): string => join(directory, 'menu');

function put(text: string): void {
  writeFileSync(`${file()}.new`, text);
  renameSync(`${file()}.new`, file());
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pquake-fresh-'));
  put('one');
  for (const told of [wiped, reloaded, refused]) told.length = 0;
  inForce = 'one';
  fresh = keepFresh({
    first: 'one',
    files: [file()],
    keyFiles: [],
    read: () => {
      const [text = ''] = readTexts([file()]);
      if (text === 'bad') throw new Error('not to be read');
      return text;
    },
    replace: (next) => {
      if (next === 'unfit') throw new Error('not to be used');
      inForce = next;
      return {
        retired: new Promise<void>((resolve) => {
          release = resolve;
        }),
      };
    },
    wipe: (value) => wiped.push(value),
    reloaded: (value) => reloaded.push(value),
    refused: (error) => refused.push(String(error)),
    postponed: () => {},
    unwatched: (reason) => refused.push(reason),
  });
});
afterEach(() => {
  fresh.close();
  rmSync(directory, { recursive: true });
});

it('the value before is wiped when its last user left, the one in force at the end', async () => {
  put('two');
  await vi.waitFor(() => expect(reloaded).toEqual(['two']), 10_000);
  expect([inForce, wiped]).toEqual(['two', []]);
  release();
  await vi.waitFor(() => expect(wiped).toEqual(['one']));
  fresh.close();
  expect(wiped).toEqual(['one', 'two']);
  put('three');
  process.emit('SIGHUP');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(reloaded).toEqual(['two']);
});

it('what cannot be read or used changes nothing; SIGHUP reads as well', async () => {
  put('bad');
  await vi.waitFor(() => expect(refused).toEqual(['Error: not to be read']), 10_000);
  put('unfit');
  await vi.waitFor(() => expect(refused).toHaveLength(2), 10_000);
  expect([inForce, wiped, reloaded]).toEqual(['one', ['unfit'], []]);
  process.emit('SIGHUP');
  expect(refused).toHaveLength(3);
});
