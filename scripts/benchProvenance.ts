// How fast models are hashed, beside `openssl dgst -sha256`, and beside the Python tool of OpenSSF Model Signing where its
// Python is named. Everything is measured in turns in one run, so that what disturbs the one disturbs the other; medians.
// SHA-256 of one file is computed by one thread, as each block needs the one before. So two workers are measured on a
// model of two files, and are as fast as one on a model of one.
// Usage: npm run bench:provenance -- [--megabytes 2048] [--rounds 5] [--sparse-gigabytes 10] [--small 100000] [--python PYTHON]
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { temporaryDirectory } from '../src/node/temporary/temporary.ts';
import type { Hashing } from './benchProvenance/hashing.ts';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '2048' },
    rounds: { type: 'string', default: '5' },
    'sparse-gigabytes': { type: 'string', default: '0' },
    small: { type: 'string', default: '0' },
    python: { type: 'string' },
  },
});
const [megabytes, rounds] = [Number(values.megabytes), Number(values.rounds)];
const directory = temporaryDirectory('bench');
const mega = 1_048_576;

async function hashing(path: string, workers: number, cache?: string): Promise<Hashing> {
  const words = [path, String(workers), ...(cache === undefined ? [] : [cache])];
  const child = fork(join(import.meta.dirname, 'benchProvenance/hashing.ts'), words);
  const [told] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the child ended with exit ${code}`))),
  ]);
  return told as Hashing;
}

/** Hashes files with openssl. @returns seconds, and the digest of the last one */
function openssl(...files: string[]): { readonly seconds: number; readonly digest: string } {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync('openssl', ['dgst', '-sha256', ...files], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return { seconds: (performance.now() - began) / 1000, digest: stdout.trim().slice(-64) };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** Writes octets that are nowhere sparse. */
function writeLarge(file: string, megas: number): void {
  const chunk = Buffer.alloc(mega, 'octets of a model; ');
  const handle = openSync(file, 'w');
  for (let at = 0; at < megas; at += 1) {
    chunk.writeUInt32LE(at);
    writeSync(handle, chunk);
  }
  closeSync(handle);
}

const rate = (megas: number, seconds: number): string => `${(megas / seconds).toFixed(0)} MiB/s`;
const shownMemory = (octets: number | undefined): string =>
  octets === undefined ? 'unknown' : `${(octets / mega).toFixed(0)} MiB`;

/** One file, and a model of two, with one and two workers, beside openssl. */
async function compareLarge(): Promise<void> {
  const [one, two] = [join(directory, 'one.bin'), join(directory, 'two')];
  mkdirSync(two);
  writeLarge(one, megabytes);
  for (const name of ['a.bin', 'b.bin']) writeLarge(join(two, name), megabytes / 2);
  const ways = {
    'one file: openssl': async () => openssl(one),
    'one file: one worker': () => hashing(one, 1),
    'one file: two workers': () => hashing(one, 2),
    'two files: openssl': async () => openssl(join(two, 'b.bin'), join(two, 'a.bin')),
    'two files: one worker': () => hashing(two, 1),
    'two files: two workers': () => hashing(two, 2),
  } satisfies Record<string, () => Promise<{ seconds: number; digest: string | undefined }>>;
  type Way = keyof typeof ways;
  const names = Object.keys(ways) as Way[];
  const seconds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Way, number[]>;
  for (const name of names) await ways[name](); // the files are in the memory of the system now
  for (let round = 0; round < rounds; round += 1) {
    const digests = new Map<string, string | undefined>();
    for (const name of names) {
      const told = await ways[name]();
      seconds[name].push(told.seconds);
      const group = name.slice(0, name.indexOf(':'));
      if ((digests.get(group) ?? told.digest) !== told.digest) throw new Error(`${name}: another digest`);
      digests.set(group, told.digest);
    }
  }
  for (const name of names) console.log(`${name.padEnd(24)} ${rate(megabytes, median(seconds[name]))}`);
  const ratio = (of: Way, to: Way): string =>
    median(seconds[of].map((one, at) => one / (seconds[to][at] ?? 0))).toFixed(2);
  console.log(
    `one worker over openssl, one file: ${ratio('one file: openssl', 'one file: one worker')} (expected: at least 0.9)`,
  );
  console.log(`one worker over openssl, two files: ${ratio('two files: openssl', 'two files: one worker')}`);
  console.log(
    `two workers over one, two files: ${ratio('two files: one worker', 'two files: two workers')} (expected: at least 1.6)`,
  );
  console.log(`two workers over openssl, two files: ${ratio('two files: openssl', 'two files: two workers')}`);
  console.log(
    `two workers over one, one file: ${ratio('one file: one worker', 'one file: two workers')} (expected: 1, as one file is hashed by one)`,
  );
  const processor = async (workers: number): Promise<number> => (await hashing(two, workers)).processorSeconds;
  const spent = ((await processor(2)) / (await processor(1))).toFixed(2);
  console.log(`processor time of two workers over that of one: ${spent} (1: what they lack to twice is the machine)`);
  await compareCache(one);
}

/** The second pass over a model that did not change. */
async function compareCache(path: string): Promise<void> {
  const cache = join(directory, 'cache');
  mkdirSync(cache, { mode: 0o700 });
  await sleep(2_500); // files that changed that shortly before are not kept
  const first = await hashing(path, 1, cache);
  const again: Hashing[] = [];
  for (let round = 0; round < rounds; round += 1) again.push(await hashing(path, 1, cache));
  if (again.some(({ cachedFiles, files }) => cachedFiles !== files)) throw new Error('not from the cache');
  const seconds = median(again.map((one) => one.seconds));
  const percent = ((100 * seconds) / first.seconds).toFixed(2);
  console.log(
    `from the cache: ${(1000 * seconds).toFixed(1)} ms of ${first.seconds.toFixed(2)} s: ${percent} % (expected: under 1)`,
  );
}

/** The memory that a large sparse file needs. */
async function measureSparse(gigabytes: number): Promise<void> {
  const file = join(directory, 'sparse.bin');
  const handle = openSync(file, 'w');
  ftruncateSync(handle, gigabytes * 1e9);
  closeSync(handle);
  const { seconds, peak } = await hashing(file, 1);
  console.log(
    `${gigabytes} GB, sparse: ${seconds.toFixed(1)} s, memory at most ${shownMemory(peak)} (expected: under 200 MB)`,
  );
}

/** Hashes with the Python tool, in a process of its own. @returns seconds without the start of the process */
function withPython(python: string, path: string): number {
  const program =
    'import sys,time\nimport model_signing\nt=time.perf_counter()\nmodel_signing.hashing.hash(sys.argv[1])\nprint(time.perf_counter()-t)';
  const { status, stdout, stderr } = spawnSync(python, ['-c', program, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

/** Many small files. */
async function compareSmall(count: number): Promise<void> {
  const root = join(directory, 'small');
  for (let at = 0; at < count; at += 1) {
    const folder = join(root, `part-${Math.floor(at / 1_000)}`);
    if (at % 1_000 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${at}.bin`), `a small file, number ${at}`);
  }
  const perSecond = (seconds: number): string => `${seconds.toFixed(2)} s, ${(count / seconds).toFixed(0)} files/s`;
  const seconds: Record<string, number[]> = {};
  const note = (way: string, took: number): void => {
    seconds[way] ??= [];
    seconds[way].push(took);
  };
  let peak: number | undefined;
  for (let round = 0; round < Math.min(rounds, 3); round += 1) {
    for (const workers of [1, 2]) {
      const told = await hashing(root, workers);
      note(`${workers === 1 ? 'one worker' : 'two workers'}`, told.seconds);
      peak = Math.max(peak ?? 0, told.peak ?? 0);
    }
    if (values.python !== undefined) note('the Python tool', withPython(values.python, root));
  }
  for (const [way, took] of Object.entries(seconds))
    console.log(`${count} small files, ${way}: ${perSecond(median(took))}`);
  console.log(`${count} small files: memory at most ${shownMemory(peak)}`);
  const [python, ours] = [seconds['the Python tool'], seconds['two workers'] ?? []];
  if (python !== undefined)
    console.log(`two workers over the Python tool: ${(median(python) / median(ours)).toFixed(1)}`);
  const cache = join(directory, 'cache-small');
  mkdirSync(cache, { mode: 0o700 });
  const first = await hashing(root, 2, cache);
  const again = await hashing(root, 2, cache);
  console.log(`${count} small files from the cache: ${again.seconds.toFixed(2)} s of ${first.seconds.toFixed(2)} s`);
}

console.log(
  `Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, ${megabytes} MiB, ${rounds} rounds`,
);
await compareLarge();
if (Number(values['sparse-gigabytes']) > 0) await measureSparse(Number(values['sparse-gigabytes']));
if (Number(values.small) > 0) await compareSmall(Number(values.small));
