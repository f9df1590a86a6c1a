// Files of any kind are read again when they change: a value that has nothing to do with handshakes is kept as fresh.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { factsOf } from '../../../src/node/files/facts.ts';
import { readTexts } from '../../../src/node/files/files.ts';
import { type Fresh, keepFresh } from '../../../src/node/transport/reload.ts';
import { eventually } from '../../waiting.ts';

let directory = '';
let fresh: Fresh;
let inForce = 'one';
let [attempts, unreadable] = [0, false];
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
  [attempts, unreadable] = [0, false];
  fresh = keepFresh({
    first: 'one',
    files: [file()],
    seen: factsOf([file()]),
    keyFiles: [],
    timing: { firstRetry: 50, longestRetry: 100 },
    read: () => {
      attempts += 1;
      if (unreadable) throw new Error('too many open files');
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
  await eventually(() => expect(reloaded).toEqual(['two']));
  expect([inForce, wiped]).toEqual(['two', []]);
  release();
  await eventually(() => expect(wiped).toEqual(['one']));
  fresh.close();
  expect(wiped).toEqual(['one', 'two']);
  put('three');
  process.emit('SIGHUP');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(reloaded).toEqual(['two']);
});

it('what cannot be read or used changes nothing; SIGHUP reads as well', async () => {
  put('bad');
  await eventually(() => expect(refused).toEqual(['Error: not to be read']));
  put('unfit');
  await eventually(() => expect(refused).toHaveLength(2));
  expect([inForce, new Set(wiped), reloaded]).toEqual(['one', new Set(['unfit']), []]);
  process.emit('SIGHUP');
  expect(refused).toHaveLength(3);
});

it('what could not be read for a while is read when it can, though its file did not change; it is told once', async () => {
  unreadable = true;
  put('two');
  await eventually(() => expect(attempts).toBeGreaterThan(3));
  expect([inForce, refused, reloaded]).toEqual(['one', ['Error: too many open files'], []]);
  unreadable = false;
  await eventually(() => expect(reloaded).toEqual(['two']));
  expect(refused).toHaveLength(1);
});

it('a look before a handshake reads what changed, once, and tells what it finds but not what it refuses', async () => {
  fresh.look();
  expect(attempts).toBe(0);
  put('two');
  fresh.look();
  expect([inForce, reloaded, attempts]).toEqual(['two', ['two'], 1]);
  put('bad');
  fresh.look();
  fresh.look();
  expect([inForce, refused, attempts]).toEqual(['two', [], 2]);
  await eventually(() => expect(refused).toEqual(['Error: not to be read']));
  expect(reloaded).toEqual(['two']);
});
