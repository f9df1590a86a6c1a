// Listeners without workers, with some, and two processes of node:cluster: handshakes a second when clients leave them no rest, what becomes of connections when
// more come than can be served, and how late the thread that listens is meanwhile. Clients are processes of their own on the same machine, of the lowest priority,
// and native. Beside a native listener they take its processors all the same, and workers can gain little there: handshakes for a second of CPU time say what
// a handshake costs. Beside a listener on noble they cost next to nothing: there it shows what workers gain.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SuiteName } from '../../src/crypto/suite.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { removeDirectory, temporaryDirectory } from '../../src/node/temporary/temporary.ts';
import { at } from './cost.ts';
import { type Plan, type Row, rowOf } from './rows.ts';
import type { Ask, Listening, Offered, Served } from './workers/messages.ts';

interface Kind {
  readonly name: string;
  readonly backEnd: SuiteName;
  readonly workers: number;
  readonly processes: number;
  /** How many times as many connections come as it serves at most. */
  readonly overloads: readonly number[];
}

const withWorkers = (backEnd: SuiteName, overloads: readonly number[]): readonly Kind[] =>
  [0, 1, 2, ...(availableParallelism() >= 4 ? [4] : [])].map((workers) => ({
    ...{ name: `${backEnd}, ${workers || 'no'} worker${workers === 1 ? '' : 's'}`, backEnd, workers, overloads },
    processes: 1,
  }));

const kinds: readonly Kind[] = [
  ...withWorkers('noble', [8]),
  ...withWorkers('native', [1, 2, 4, 8]),
  { name: 'native, node:cluster, 2 processes', backEnd: 'native', workers: 0, processes: 2, overloads: [8] },
];

const script = (name: string): string => join(import.meta.dirname, 'workers', name);

/** Starts a process that says when it is ready. */
async function started(name: string, words: readonly (string | number)[]): Promise<readonly [ChildProcess, unknown]> {
  const child = fork(script(name), words.map(String));
  const [told] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with exit ${code}`))),
  ]);
  return [child, told];
}

async function ask<T>(child: ChildProcess): Promise<T> {
  const answer = once(child, 'message');
  child.send('end' satisfies Ask);
  const [told] = await answer;
  return told as T;
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}

interface Measured extends Served {
  readonly offered: number;
}

/** Lets clients come for some seconds, after half as many that are not counted. */
async function during(server: ChildProcess, clients: readonly ChildProcess[], seconds: number): Promise<Measured> {
  for (const client of clients) client.send('begin' satisfies Ask);
  await sleep(500 * seconds);
  for (const one of [server, ...clients]) one.send('begin' satisfies Ask);
  await sleep(1_000 * seconds);
  const [served, ...offers] = await Promise.all([
    ask<Served>(server),
    ...clients.map((client) => ask<Offered>(client)),
  ]);
  await Promise.all(clients.map(ended));
  return { ...(served as Served), offered: (offers as Offered[]).reduce((sum, { begun }) => sum + begun, 0) };
}

const clientProcesses = 2;

const clientsFor = async (directory: string, port: number, most: number, rate: number): Promise<ChildProcess[]> => {
  const words = [directory, port, most / clientProcesses, rate / clientProcesses];
  const all = await Promise.all(Array.from({ length: clientProcesses }, () => started('client.ts', words)));
  for (const [{ pid = 0 }] of all) setPriority(pid, constants.priority.PRIORITY_LOW);
  return all.map(([child]) => child);
};

const perSecond = ({ completed, elapsed }: Served): number => (1_000 * completed) / elapsed;
const perWork = ({ completed, worked }: Served): number => (1_000 * completed) / worked;

interface Round {
  readonly saturated: Measured;
  readonly overloaded: readonly Measured[];
}

async function measure(
  directory: string,
  { workers, processes, backEnd, overloads }: Kind,
  seconds: number,
): Promise<Round> {
  const [server, told] = await started('server.ts', [directory, workers, processes, backEnd]);
  const { port } = told as Listening;
  const saturated = await during(server, await clientsFor(directory, port, 16, 0), seconds);
  const overloaded: Measured[] = [];
  for (const times of overloads) {
    const rate = Math.max(1, times * perSecond(saturated));
    overloaded.push(await during(server, await clientsFor(directory, port, 8_000, rate), seconds));
  }
  await ended(server);
  return { saturated, overloaded };
}

const part = 'workers';
const median = (rounds: readonly Round[], of: (round: Round) => number): number => at(rounds.map(of), 0.5);

function saturation(name: string, own: readonly Round[], other: string, others: readonly Round[]): readonly Row[] {
  const [rate, work] = [median(own, (one) => perSecond(one.saturated)), median(own, (one) => perWork(one.saturated))];
  const ticks = [0, 1].map((which) => median(own, (one) => one.saturated.ticks[which as 0 | 1]).toFixed(1));
  const note = `median ${rate.toFixed(0)} a second; timer of 10 ms: median ${ticks[0]} ms, 99 of 100 within ${ticks[1]} ms; clients on the same machine`;
  const ratios = (of: (one: Served) => number): number[] =>
    own.map((one, round) => of(one.saturated) / of((others[round] as Round).saturated));
  const told = { part, name: `${name}: saturated`, of: other };
  const cpu = {
    unit: 'handshakes for a second of CPU time',
    note: `median ${work.toFixed(0)}, of the responder alone`,
  };
  return [
    rowOf({ ...told, unit: 'handshakes a second', note }, ratios(perSecond)),
    rowOf({ ...told, ...cpu }, ratios(perWork)),
  ];
}

function overload({ name, overloads }: Kind, own: readonly Round[], which: number): readonly Row[] {
  const all = own.map(({ overloaded }) => overloaded[which] as Measured);
  const number = (of: (one: Measured) => number): string =>
    at(
      all.map((one) => (1_000 * of(one)) / one.elapsed),
      0.5,
    ).toFixed(0);
  const note =
    `a second: ${number(({ offered }) => offered)} offered, ${number(({ completed }) => completed)} completed, ` +
    `${number(({ turnedAway }) => turnedAway)} turned away, ${number(({ failed }) => failed)} failed`;
  const told = { part, name: `${name}: ${overloads[which]} times as many` };
  const completed = own.map(({ saturated }, round) => perSecond(all[round] as Measured) / perSecond(saturated));
  const ticks = all.map((one) => one.ticks[1] / 10);
  return [
    rowOf({ ...told, of: 'saturated', unit: 'handshakes a second', note }, completed),
    rowOf({ ...told, of: '10 ms', unit: 'gap of a timer, 99 of 100', note: 'on the thread that listens' }, ticks),
  ];
}

export async function measureWorkers(plan: Plan): Promise<readonly Row[]> {
  const directory = temporaryDirectory('bench');
  const suite = chooseSuite();
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
  const rounds: Round[][] = kinds.map(() => []);
  for (let round = 0; round < (plan.quick ? 1 : 3); round += 1)
    for (const [which, kind] of kinds.entries())
      rounds[which]?.push(await measure(directory, kind, plan.quick ? 1 : 4));
  removeDirectory(directory);
  const roundsOf = (backEnd: SuiteName, workers: number): readonly Round[] =>
    rounds[kinds.findIndex((one) => one.backEnd === backEnd && one.workers === workers)] ?? [];
  return kinds.flatMap((kind, which) => {
    const { name, backEnd, workers, processes, overloads } = kind;
    const own = rounds[which] ?? [];
    const others = processes === 1 && workers > 1 ? 1 : 0; // what further workers gain over one
    const against = others === 0 ? 'no workers' : '1 worker';
    return [
      ...saturation(name, own, against, roundsOf(backEnd, others)),
      ...overloads.flatMap((_, index) => overload(kind, own, index)),
    ];
  });
}
