// Files that change are seen by the watches of the system alone, and by comparison alone: each change, and the next.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { factsOf } from '../../../src/node/files/facts.ts';
import { type Watch, type WatchTiming, watchFiles } from '../../../src/node/files/watch.ts';
import { eventually } from '../../waiting.ts';
import { type Shape, shapes } from './shapes.ts';

vi.mock('node:fs', async (actual) => {
  const real = await actual<typeof fs>();
  return { ...real, watch: vi.fn(real.watch) };
});

const never = 2 ** 30;
const watchesAlone: Partial<WatchTiming> = { quiet: 20, poll: never };
const comparisonAlone: Partial<WatchTiming> = { quiet: 20, poll: 50 };

let root = '';
let watched: Watch | undefined;
/** The facts of the files at each change that was reported. */
let seen: string[] = [];
let troubles: string[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pquake-watch-'));
  [seen, troubles] = [[], []];
});
afterEach(() => {
  watched?.close();
  vi.mocked(fs.watch).mockReset();
  rmSync(root, { recursive: true });
});

function begin(files: readonly string[], timing: Partial<WatchTiming>, before?: string): void {
  const onChange = (): void => void seen.push(factsOf(files));
  watched = watchFiles({ files, seen: before, onChange, onTrouble: (reason) => troubles.push(reason), timing });
}

/** Makes the system refuse watches, as a network file system or a limit does. */
function refuseWatches(code: string): void {
  vi.mocked(fs.watch).mockImplementation(() => {
    throw Object.assign(new Error('refused'), { code });
  });
}

const isSeen = (files: readonly string[]): Promise<void> => eventually(() => expect(seen.at(-1)).toBe(factsOf(files)));

/** Long enough for events under way, on a machine that stops now and then too. */
async function quiet(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function changeTwice(shape: Shape, timing: Partial<WatchTiming>): Promise<void> {
  const file = shape.begin(root, 'content 0');
  begin([file], timing);
  for (const turn of [1, 2]) {
    const before = factsOf([file]);
    await shape.change(root, `content ${turn}`, turn);
    expect(factsOf([file])).not.toBe(before);
    await isSeen([file]);
  }
}

describe.runIf(process.platform === 'linux')('watches alone see it, and see it again, when', () => {
  it.each(shapes)('$words', (shape) => changeTwice(shape, watchesAlone));
});

describe('comparison alone sees it, and sees it again, when', () => {
  it.each(shapes)('$words', async (shape) => {
    refuseWatches('ENOSPC');
    await changeTwice(shape, comparisonAlone);
    expect(troubles).toEqual([expect.stringMatching(/: ENOSPC$/)]);
  });
});

it('a change between the first reading and the watches is seen', async () => {
  const file = join(root, 'ca.crl');
  writeFileSync(file, 'one');
  const before = factsOf([file]);
  writeFileSync(`${file}.new`, 'two');
  renameSync(`${file}.new`, file);
  begin([file], watchesAlone, before);
  await isSeen([file]);
  expect(seen).toHaveLength(1);
});

it('a file that changes all the time is looked at nevertheless, and files beside it are nothing', async () => {
  const file = join(root, 'ca.crl');
  writeFileSync(file, 'x');
  begin([file], { quiet: 5_000, longest: 50, poll: never });
  const busy = setInterval(() => writeFileSync(file, 'x'), 5);
  try {
    await eventually(() => expect(seen.length).toBeGreaterThan(1));
  } finally {
    clearInterval(busy);
  }
  await quiet();
  const { length } = vi.mocked(fs.watch).mock.calls;
  for (const name of ['beside', 'other']) writeFileSync(join(root, name), 'x');
  await quiet();
  expect(vi.mocked(fs.watch).mock.calls).toHaveLength(length);
});

it('links that lead in a circle, and files that are not there, can be awaited', async () => {
  for (const [from, to] of [
    ['one', 'two'],
    ['two', 'one'],
  ] as const)
    symlinkSync(to, join(root, from));
  const files = [join(root, 'one'), join(root, 'not', 'yet', 'there')];
  begin(files, watchesAlone);
  rmSync(join(root, 'one'));
  writeFileSync(join(root, 'one'), 'x');
  await isSeen(files);
  mkdirSync(join(root, 'not', 'yet'), { recursive: true });
  writeFileSync(join(root, 'not', 'yet', 'there'), 'x');
  await isSeen(files);
  expect(troubles).toEqual([]);
});

it.each([
  ['watches', watchesAlone],
  ['comparison', comparisonAlone],
])('a journal beside a file, which gives it another content before its name is, is seen by %s', async (_by, timing) => {
  const files = [join(root, 'ca.crl')];
  writeFileSync(join(root, 'ca.crl'), 'one');
  if (timing === comparisonAlone) refuseWatches('ENOSPC');
  begin(files, timing);
  writeFileSync(join(root, '.pquake.pending'), '[]');
  await isSeen(files);
});

it.skipIf(process.platform === 'win32')('a pipe is the same after it was read', () => {
  const pipe = join(root, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const before = factsOf([pipe]);
  const handle = openSync(pipe, 'r+');
  writeSync(handle, 'x');
  closeSync(handle);
  expect(factsOf([pipe])).toBe(before);
});

it('nothing is reported after the end', async () => {
  const file = join(root, 'ca.crl');
  writeFileSync(file, 'one');
  begin([file], comparisonAlone);
  watched?.close();
  writeFileSync(file, 'two');
  await quiet();
  expect(seen).toEqual([]);
});
