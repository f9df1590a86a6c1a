// The long run of the properties: npm run properties:long [-- --scripts N --streams N --handshakes N --seed S]
// 100,000 scripts, 100,000 streams of a channel and 10,000 pairs of handshakes on as many workers as there are cores, and every interleaving of two sessions, with any number of messages that
// the adversary makes. Prints seeds and counts; a violation is printed as a ladder and as a line for `npm run replay`.
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { defaultChoice, readingOf } from '../src/generated/keySchedule.ts';
import type { Move } from '../src/lab/adversary/moves.ts';
import { chooseSuite } from '../src/node/suite.ts';
import { print } from '../src/node/terminal/output.ts';
import { checkStreams } from './channelStreams.ts';
import { type Checked, check, describe } from './check.ts';
import { type Compared, compare, joined, tellsApart } from './deniability.ts';
import { type Searched, search } from './exhaustive.ts';

interface Job {
  readonly what: 'scripts' | 'streams' | 'handshakes';
  readonly seed: number;
  readonly runs: number;
}

const variant = { reading: readingOf(defaultChoice), schedule: 'eager' } as const;
const options = {
  scripts: { type: 'string' },
  streams: { type: 'string' },
  handshakes: { type: 'string' },
  seed: { type: 'string' },
} as const;

const work = <T>(job: Job): Promise<T> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: job });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function jobsOf(what: Job['what'], runs: number, seed: number): Job[] {
  const cores = availableParallelism();
  return Array.from({ length: cores }, (_, index) => ({ what, seed: seed + index, runs: Math.ceil(runs / cores) }));
}

async function streams(runs: number, seed: number): Promise<boolean> {
  const started = performance.now();
  const jobs = jobsOf('streams', runs, seed);
  const faults = (await Promise.all(jobs.map(work<string | undefined>))).filter((one) => one !== undefined);
  for (const fault of faults) print(fault);
  const count = jobs.reduce((sum, job) => sum + job.runs, 0);
  print(`${count} streams of a channel from seed ${seed}: ${faults.length} faults, ${seconds(started)}`);
  return faults.length === 0;
}

async function handshakes(runs: number, seed: number): Promise<boolean> {
  const started = performance.now();
  const jobs = jobsOf('handshakes', runs, seed);
  const told = tellsApart(joined(await Promise.all(jobs.map(work<Compared>))));
  for (const one of told) print(one);
  const count = jobs.reduce((sum, job) => sum + job.runs, 0);
  print(
    `${count} handshakes of two peers and ${count} simulated from seed ${seed}: ${told.length} differences, ${seconds(started)}`,
  );
  return told.length === 0;
}

async function scripts(runs: number, seed: number): Promise<boolean> {
  const started = performance.now();
  const jobs = jobsOf('scripts', runs, seed);
  const done = await Promise.all(jobs.map(work<Checked>));
  for (const { seed: of, runs: count, moves, completed, found } of done) {
    print(
      `seed ${of}: ${count} scripts, ${moves} moves, ${completed} sessions completed, ${found === undefined ? 'no violation' : 'VIOLATED'}`,
    );
    if (found !== undefined) print(describe(found));
  }
  print(`${jobs.reduce((sum, job) => sum + job.runs, 0)} scripts in ${seconds(started)}`);
  return done.every(({ found }) => found === undefined);
}

const before: Readonly<Record<string, readonly Move[]>> = {
  'nothing leaks': [],
  'the adversary has a certificate': [{ move: 'certify', key: 0 }],
  'the static key of the initiator leaks': [{ move: 'corrupt', agent: 0 }],
};

function interleavings(): boolean {
  const results = Object.entries(before).map(([name, leaks]): Searched => {
    const started = performance.now();
    const making = leaks.length === 0 ? 8 : 5;
    const result = search({ variant, preSharedSecret: 'none', listed: ['alice', 'bob'] }, { making, leaks });
    const { states, ends, completed } = result;
    print(
      `two sessions, ${name}, up to ${making} messages made: ${states} states, ${ends} ends, ${completed} sessions completed, ${seconds(started)}`,
    );
    return result;
  });
  return results.every(({ counterexample }) => counterexample === undefined);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const seed = Number(values.seed ?? randomInt(2 ** 31));
  const good = await scripts(Number(values.scripts ?? 100_000), seed);
  const whole = await streams(Number(values.streams ?? 100_000), seed);
  const alike = await handshakes(Number(values.handshakes ?? 10_000), seed);
  process.exitCode = interleavings() && good && whole && alike ? 0 : 1;
}

if (isMainThread) await main();
else {
  const { what, seed, runs } = workerData as Job;
  const checks = {
    scripts: () => check(variant, { seed, runs }),
    streams: () => checkStreams({ seed, runs, suite: chooseSuite() }),
    handshakes: () => compare({ seed, runs }),
  };
  parentPort?.postMessage(checks[what]());
}
