// How honest handshakes fare while hostile connections come: for each kind of these a responder (`pquake serve`, as it is),
// a process that attacks it from addresses of 127.0/16, and here honest initiators from 127.1/16, all bounded in time.
// The honest ones come at a fixed rate, whatever becomes of those before, so that waiting is not left out.
// Usage: npm run load -- [--seconds 10] [--rate 1000] [--addresses 200] [--honest 20] [--honest-addresses 20] [--crypto noble] [--kind silent ...]
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as tcpConnect } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { initiator } from '../src/handshake/handshake.ts';
import { createAuthority, issueCredentials } from '../src/node/authority/pki.ts';
import { readCredentials, readTrustAnchors } from '../src/node/files/files.ts';
import { chooseSuite } from '../src/node/suite.ts';
import { startChild } from '../src/node/temporary/child.ts';
import { temporaryDirectory } from '../src/node/temporary/temporary.ts';
import { handshakeOver } from '../src/node/transport/stream.ts';
import { kinds } from './load/kinds.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '1000' },
    addresses: { type: 'string', default: '200' },
    honest: { type: 'string', default: '20' },
    'honest-addresses': { type: 'string', default: '20' },
    crypto: { type: 'string' },
    kind: { type: 'string', multiple: true },
  },
});
const [seconds, rate] = [Number(values.seconds), Number(values.rate)];
const [addresses, perSecond] = [Number(values.addresses), Number(values.honest)];
const honestAddresses = Number(values['honest-addresses']);

const suite = chooseSuite();
const directory = temporaryDirectory('load');
const file = (name: string): string => join(directory, name);

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  /** Lines of overload that it wrote. */
  readonly told: () => number;
}

async function startServer(): Promise<Server> {
  const files = ['--cert', file('bob.pem'), '--key', file('bob.key'), '--ca', file('ca.pem'), '--expect', 'alice'];
  const crypto = values.crypto === undefined ? [] : ['--crypto', values.crypto];
  const words = ['src/cli/main.ts', 'serve', '--listen', '127.0.0.1:0', '--json', ...files, ...crypto];
  const child = startChild(process.execPath, words);
  child.stdout.resume();
  let told = 0;
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the responder ended before it listened')));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const [, found] = /^listening on .*:(\d+)$/.exec(line) ?? [];
      if (found !== undefined) resolve(Number(found));
      else if (line.startsWith('overload')) told += 1;
    });
  });
  return { child, port, told: () => told };
}

interface Attack {
  readonly stop: () => void;
  /** Connections that came about in a second, since it began. */
  readonly reached: () => number;
}

async function startAttack(port: number, kind: string): Promise<Attack> {
  const words = [port, kind, rate, addresses].map(String);
  const child = fork(join(import.meta.dirname, 'load', 'hostile.ts'), words); // ends when this process does
  const began = performance.now();
  let [connected, at] = [0, began];
  child.on('message', (message: { connected: number }) => {
    connected = message.connected;
    at = performance.now();
  });
  await once(child, 'message');
  return {
    stop: () => {
      child.kill('SIGKILL');
    },
    reached: () => (connected / Math.max(1, at - began)) * 1_000,
  };
}

/** Seconds of processor that a process has used; none where /proc is not. */
function processorOf({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** Seconds that a process was ready to run and another had the processor. */
function waitingOf({ pid }: { readonly pid?: number | undefined }): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e9;
  } catch {
    return Number.NaN;
  }
}

/** Milliseconds of an honest handshake, from before it connects; `Infinity` when it did not complete. */
async function honest(port: number, localAddress: string): Promise<number> {
  const began = performance.now();
  const socket = tcpConnect({ host: '127.0.0.1', port, localAddress, noDelay: true });
  const handshake = initiator({ suite, credentials, trustAnchors, expectedPeer: 'bob', time: new Date() });
  const result = await handshakeOver(socket, handshake);
  if (!result.ok) return Number.POSITIVE_INFINITY;
  result.session.wipe();
  result.stream.destroy();
  return performance.now() - began;
}

async function manyHonest(port: number): Promise<number[]> {
  const all: Promise<number>[] = [];
  const began = performance.now();
  for (let i = 0; i < seconds * perSecond; i += 1) {
    await sleep(Math.max(0, began + (i * 1_000) / perSecond - performance.now()));
    all.push(honest(port, `127.1.0.${1 + (i % honestAddresses)}`));
  }
  return (await Promise.all(all)).sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

interface Row {
  readonly kind: string;
  readonly reached: number;
  readonly times: readonly number[];
  /** Share of one processor that the responder used. */
  readonly processor: number;
  /** Shares of the time that the responder, and this process, were ready to run and others had the processor. */
  readonly waiting: readonly [number, number];
  readonly told: number;
  /** Milliseconds from SIGTERM, under load, to its end. */
  readonly ending: number;
}

async function measure(kind: string | undefined): Promise<Row> {
  const server = await startServer();
  // So that what is measured is not the compiler.
  for (let i = 0; i < 20; i += 1) await honest(server.port, '127.1.0.1');
  const attack = kind === undefined ? undefined : await startAttack(server.port, kind);
  if (attack !== undefined) await sleep(1_000);
  const facts = () => [
    processorOf(server.child),
    waitingOf(server.child),
    waitingOf(process),
    performance.now() / 1_000,
  ];
  const before = facts();
  const times = await manyHonest(server.port);
  const [processor = 0, theirs = 0, ours = 0, took = 0] = facts().map((now, i) => now - (before[i] ?? 0));
  const signalled = performance.now();
  server.child.kill('SIGTERM');
  await once(server.child, 'exit');
  const ending = performance.now() - signalled;
  attack?.stop();
  const reached = attack?.reached() ?? 0;
  const waiting = [theirs / took, ours / took] as const;
  return { kind: kind ?? '(none)', reached, times, processor: processor / took, waiting, told: server.told(), ending };
}

const column = (text: string | number, width: number): string => String(text).padStart(width);
const percent = (share: number): string => `${Math.round(share * 100)}%`;
const milliseconds = (value: number): string => (Number.isFinite(value) ? value.toFixed(1) : 'never');

createAuthority({ suite, directory });
for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
const credentials = readCredentials(suite, file('alice.pem'), file('alice.key'));
const trustAnchors = readTrustAnchors(suite, [file('ca.pem')]);
console.log(
  `${rate} hostile connections a second from ${addresses} addresses; ${perSecond} honest a second for ${seconds} s from ${honestAddresses} others; ` +
    `${availableParallelism()} processors, load ${loadavg()[0]?.toFixed(1)}, back end ${values.crypto ?? suite.name}`,
);
console.log(
  `${'kind'.padEnd(44)}${column('hostile/s', 10)}${column('honest', 7)}${column('failed', 7)}${column('p50 ms', 9)}${column('p99 ms', 9)}` +
    `${column('max ms', 9)}${column('p99/none', 9)}${column('cpu', 6)}${column('ms each', 8)}${column('waits', 10)}${column('told', 5)}${column('end ms', 7)}`,
);
let none: number | undefined;
let passed = true;
for (const kind of [undefined, ...(values.kind ?? Object.keys(kinds))]) {
  const row = await measure(kind);
  const failed = row.times.filter((took) => !Number.isFinite(took)).length;
  const p99 = at(row.times, 0.99);
  none ??= p99;
  passed &&= p99 < 1_000;
  console.log(
    `${row.kind.padEnd(44)}${column(Math.round(row.reached), 10)}${column(row.times.length, 7)}${column(failed, 7)}` +
      `${column(milliseconds(at(row.times, 0.5)), 9)}${column(milliseconds(p99), 9)}${column(milliseconds(at(row.times, 1)), 9)}` +
      `${column((p99 / none).toFixed(1), 9)}${column(percent(row.processor), 6)}${column(row.reached > 0 ? ((row.processor * 1_000) / row.reached).toFixed(2) : '', 8)}${column(row.waiting.map(percent).join('/'), 10)}${column(row.told, 5)}${column(Math.round(row.ending), 7)}`,
  );
}
console.log(passed ? 'p99 under 1 s for each kind' : 'p99 of 1 s or more, or never, for a kind');
process.exit(passed ? 0 : 1);
