// From the start of the process `pquake connect` to its first octet at a listener: the built package, and the sources; over `node -e 0`, over a command that
// does nothing (`--version`), and over each other. The package is built first.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { removeDirectory, temporaryDirectory } from '../../src/node/temporary/temporary.ts';
import { type Costs, medianOf, ratiosOf } from './cost.ts';
import { type Plan, type Row, rowOf } from './rows.ts';
import { portOf } from './tls.ts';

const built = 'dist/cli/main.js';
const sources = 'src/cli/main.ts';

/** Milliseconds until a process has ended. */
async function untilEnd(words: readonly string[]): Promise<number> {
  const begun = performance.now();
  await once(spawn(process.execPath, words, { stdio: 'ignore' }), 'exit');
  return performance.now() - begun;
}

/** Milliseconds until the first octet of a process has come; then the connection is closed, and the process ends. */
async function untilOctet(server: ReturnType<typeof createServer>, words: readonly string[]): Promise<number> {
  const begun = performance.now();
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const child = spawn(process.execPath, words, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const [socket] = await Promise.race([
    accepted,
    ended.then(([code]) => Promise.reject(new Error(`pquake connect ended with exit ${code} before it connected`))),
  ]);
  await once(socket, 'data');
  const elapsed = performance.now() - begun;
  socket.destroy();
  await ended;
  return elapsed;
}

const [fromBuilt, fromSources, version, nothing] = [0, 1, 2, 3];
const names = ['connect, first octet, built', 'connect, first octet, sources', 'pquake --version, built', 'node -e 0'];

export async function measureStartup(plan: Plan): Promise<readonly Row[]> {
  execFileSync('npm', ['run', '-s', 'build'], { stdio: 'inherit' });
  const directory = temporaryDirectory('bench');
  const suite = chooseSuite();
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
  const file = (name: string): string => join(directory, name);
  const server = createServer({ noDelay: true });
  const port = await portOf(server);
  const own = ['--cert', file('alice.pem'), '--key', file('alice.key'), '--ca', file('ca.pem'), '--expect', 'bob'];
  const connect = ['connect', `127.0.0.1:${port}`, ...own];
  const ways = [
    () => untilOctet(server, [built, ...connect]),
    () => untilOctet(server, [sources, ...connect]),
    () => untilEnd([built, '--version']),
    () => untilEnd(['-e', '0']),
  ];
  const rounds = plan.rounds(40);
  const costs: { elapsed: number; worked: number }[][] = ways.map(() => []);
  for (let round = -3; round < rounds; round += 1)
    for (const [which, way] of ways.entries()) {
      const elapsed = await way();
      if (round >= 0) costs[which]?.push({ elapsed, worked: Number.NaN });
    }
  server.close();
  removeDirectory(directory);
  const pairs = [
    [fromBuilt, nothing],
    [fromBuilt, version],
    [fromSources, nothing],
    [fromSources, fromBuilt],
    [version, nothing],
  ];
  return pairs.map(([one = 0, other = 0]) => rowFor(costs, one, other));
}

function rowFor(costs: Costs, one: number, other: number): Row {
  const medians = [one, other].map((which) => `${medianOf(costs, which, 'elapsed').toFixed(0)} ms`);
  const note = `${costs[0]?.length} rounds; medians ${medians.join(', ')}`;
  const told = { part: 'startup', name: names[one] ?? '', of: names[other] ?? '', unit: 'time', note };
  return rowOf(told, ratiosOf(costs, one, other, 'elapsed'));
}
