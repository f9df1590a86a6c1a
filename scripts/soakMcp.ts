// Many clients for a long time through `serve` of pquake-mcp, with policy and record: calls in sequence whose answers are checked, denied calls,
// inner handshakes, and clients that leave off reading for a while. Fails where a call or an answer is lost, doubled or overtaken, a channel ends,
// the heap grows, too much gathers for those who do not read, or the record does not verify.
// Usage: npm run soak:mcp -- [--connections 1000] [--seconds 600] [--every 4] [--again 120] [--stalling 20]
// (seconds between calls and between inner handshakes of a connection, on average; every so many-th connection stalls)
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createAuthority, issueCredentials } from '../src/node/authority/pki.ts';
import { readCredentials, readTrustAnchors } from '../src/node/files/files.ts';
import { chooseSuite } from '../src/node/suite.ts';
import { temporaryDirectory } from '../src/node/temporary/temporary.ts';
import { connect } from '../src/node/transport/tcp.ts';
import { type SoakClient, soakClient } from './soakMcp/client.ts';
import { governed } from './soakMcp/governed.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '600' },
    every: { type: 'string', default: '4' },
    again: { type: 'string', default: '120' },
    stalling: { type: 'string', default: '20' },
  },
});
const [connections, seconds] = [Number(values.connections), Number(values.seconds)];
const [every, again, stalling] = [Number(values.every), Number(values.again), Number(values.stalling)];

/** What one that does not read asks for meanwhile, and for how long it does not, in milliseconds. */
const stall = { calls: 30, octets: 60_000, milliseconds: 5_000 };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const suite = chooseSuite();
const directory = temporaryDirectory('soak');
const keys = join(directory, 'keys');
mkdirSync(keys);
createAuthority({ suite, directory: keys });
for (const name of ['alice', 'bob']) issueCredentials({ suite, directory: keys, name });
const peer = (name: string, expectedPeer: string) => ({
  suite,
  credentials: readCredentials(suite, join(keys, `${name}.pem`), join(keys, `${name}.key`)),
  trustAnchors: readTrustAnchors(suite, [join(keys, 'ca.pem')]),
  expectedPeer,
  host: '127.0.0.1',
});

const problems: string[] = [];
const totals = { calls: 0, denied: 0, inner: 0, stalls: 0 };

const listening = { ...peer('bob', 'alice'), port: 0, channel: {}, maximumHandshakesPerAddress: connections };
const served = await governed(listening, directory, problems);
const clients: SoakClient[] = [];
for (let i = 0; i < connections; i += 1) {
  const result = await connect({ ...peer('alice', 'bob'), port: served.bridge.address.port, channel: true });
  if (!result.ok) throw new Error(result.failure.message);
  clients.push(soakClient(result.channel, i, (message) => problems.push(message)));
}
console.log(`${connections} connections are open`);

/** Asks for much, and reads nothing for a while; then all of it is there. */
async function stallOnce({ channel, call }: SoakClient): Promise<void> {
  channel.pause();
  const calls = Array.from({ length: stall.calls }, () => call(stall.octets));
  const done = Promise.all(calls);
  done.catch(() => {});
  await sleep(stall.milliseconds);
  channel.resume();
  await done;
  totals.calls += calls.length;
  totals.stalls += 1;
}

/** What one client does in one turn: two calls under way together, and now and then something else. */
async function turn(client: SoakClient, which: number): Promise<void> {
  await sleep(Math.random() * 4_000 * every); // on average two calls in twice the time
  if (which % stalling === 0 && Math.random() < 0.05) await stallOnce(client);
  await Promise.all([client.call(32), client.call(1 + Math.floor(Math.random() * 4_000))]);
  totals.calls += 2;
  if (Math.random() < 0.02) {
    await client.callForbidden();
    totals.denied += 1;
  }
  if (Math.random() >= (2 * every) / again) return;
  await client.channel.rehandshake();
  totals.inner += 1;
}

interface Sample {
  readonly heap: number;
  readonly buffers: number;
  readonly resident: number;
}

const mebibytes = (octets: number): number => octets / 2 ** 20;
const samples: Sample[] = [];
function measure(): Sample {
  collect();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: mebibytes(heapUsed), buffers: mebibytes(arrayBuffers), resident: mebibytes(rss) };
}

const idle = measure();
const end = performance.now() + seconds * 1_000;
const measuring = setInterval(
  () => {
    const sample = measure();
    samples.push(sample);
    const words = Object.entries(sample).map(([name, value]) => `${name} ${value.toFixed(1)} MiB`);
    const at = Math.round(seconds - (end - performance.now()) / 1_000);
    console.log(`${at} s: ${words.join(', ')}, ${JSON.stringify(totals)}, problems ${problems.length}`);
  },
  Math.min(15_000, seconds * 100),
);
await Promise.all(
  clients.map(async (client, which) => {
    while (performance.now() < end && problems.length === 0) await turn(client, which);
  }),
).catch((error: Error) => problems.push(error.message));
clearInterval(measuring);

if (problems.length === 0 && clients.some(({ waiting }) => waiting() > 0)) problems.push('calls have no answer');
for (const { channel } of clients) channel.end();
const record = await served.close();
problems.push(...record.problems);
const due = 2 * (totals.calls + totals.denied);
if (record.entries < due) problems.push(`the record has ${record.entries} entries; expected ${due} or more`);

const quarter = Math.ceil(samples.length / 4);
const mean = (of: readonly Sample[]): number => of.reduce((sum, { heap }) => sum + heap, 0) / of.length;
const [first, last] = [mean(samples.slice(0, quarter)), mean(samples.slice(-quarter))];
if (last > first * 1.1) problems.push(`the heap grew from ${first.toFixed(1)} to ${last.toFixed(1)} MiB`);
const most = Math.max(...samples.map(({ buffers }) => buffers));
// All that every stalling client can have asked for, held in two places at the most.
const bound = idle.buffers + 2 * Math.ceil(connections / stalling) * mebibytes(stall.calls * stall.octets) + 64;
if (most > bound) problems.push(`buffers grew to ${most.toFixed(1)} MiB; expected ${bound.toFixed(1)} at the most`);
console.log(
  `heap: first quarter ${first.toFixed(1)} MiB, last ${last.toFixed(1)} MiB; buffers: idle ${idle.buffers.toFixed(1)} MiB, most ` +
    `${most.toFixed(1)} MiB; record: ${record.entries} entries in ${record.files} files; ${JSON.stringify(totals)}`,
);
for (const one of problems.slice(0, 10)) console.log(`problem: ${one}`);
process.exit(problems.length === 0 ? 0 : 1);
