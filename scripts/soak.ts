// Many channels for a long time in one process, both ends of each, with traffic, ratchets and inner handshakes. Fails where an octet is
// lost or comes out of order, a channel ends otherwise than in order, or the heap grows.
// Usage: npm run soak -- [--connections 1000] [--seconds 600] [--again 60] (seconds between inner handshakes of a channel, on average)
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createAuthority, issueCredentials } from '../src/node/authority/pki.ts';
import { readCredentials, readTrustAnchors } from '../src/node/files/files.ts';
import { chooseSuite } from '../src/node/suite.ts';
import { temporaryDirectory } from '../src/node/temporary/temporary.ts';
import type { SecuredStream } from '../src/node/transport/secured.ts';
import { connect, listen } from '../src/node/transport/tcp.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '600' },
    again: { type: 'string', default: '60' },
  },
});
const [connections, seconds, again] = [Number(values.connections), Number(values.seconds), Number(values.again)];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const suite = chooseSuite();
const directory = temporaryDirectory('soak');
const file = (name: string): string => join(directory, name);
createAuthority({ suite, directory });
for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
const peer = (name: string, expectedPeer: string) => ({
  suite,
  credentials: readCredentials(suite, file(`${name}.pem`), file(`${name}.key`)),
  trustAnchors: readTrustAnchors(suite, [file('ca.pem')]),
  expectedPeer,
  host: '127.0.0.1',
});

const problems: string[] = [];
const totals = { octets: 0, ratchets: 0, inner: 0 };

/** The octet at a position of a stream: lost, repeated or reordered octets are seen. */
const octetAt = (position: number): number => (position * 31 + (position >>> 8) * 17) & 0xff;

/** One end of a channel: writes the pattern, and checks the one that comes. */
function play(channel: SecuredStream): { write: () => void; sent: () => number; received: () => number } {
  let [sent, received] = [0, 0];
  channel.on('error', (error) => problems.push(error.message));
  channel.on('data', (chunk: Buffer) => {
    for (let i = 0; i < chunk.length; i += 1)
      if (chunk[i] !== octetAt(received + i)) {
        problems.push(`an octet at ${received + i} is another one`);
        break;
      }
    received += chunk.length;
    totals.octets += chunk.length;
  });
  return {
    write: () => {
      const octets = Buffer.alloc(1 + Math.floor(Math.random() * 2_000));
      for (let i = 0; i < octets.length; i += 1) octets[i] = octetAt(sent + i);
      sent += octets.length;
      channel.write(octets);
    },
    sent: () => sent,
    received: () => received,
  };
}

/** A second of one pair, at a random moment of it. */
async function second(ends: readonly SecuredStream[], players: readonly ReturnType<typeof play>[]): Promise<void> {
  await sleep(Math.random() * 1_000);
  players.forEach((player, i) => {
    player.write();
    if (Math.random() < 0.05) {
      ends[i]?.ratchet();
      totals.ratchets += 1;
    }
  });
  if (Math.random() >= 1 / again) return;
  const one = ends[Math.random() < 0.5 ? 0 : 1];
  await one?.rehandshake();
  totals.inner += 1;
}

const accepted = new Map<number, SecuredStream>();
const listener = await listen({
  ...{ ...peer('bob', 'alice'), port: 0, channel: true, maximumHandshakesPerAddress: connections },
  onHandshake: (result) => {
    if (result.ok && result.channel && result.connection) accepted.set(result.connection.remote.port, result.channel);
    else problems.push('a handshake failed at the responder');
  },
});
const mine = peer('alice', 'bob');
const pairs: (readonly SecuredStream[])[] = [];
for (let i = 0; i < connections; i += 1) {
  const result = await connect({ ...mine, port: listener.address.port, channel: true });
  if (!result.ok) throw new Error(result.failure.message);
  const port = result.connection?.local.port ?? 0;
  while (!accepted.has(port)) await sleep(1);
  pairs.push([result.channel, accepted.get(port) as SecuredStream]);
}
accepted.clear();
console.log(`${connections} channels are open`);

const players = pairs.map((pair) => pair.map(play));
const heaps: number[] = [];
const end = performance.now() + seconds * 1_000;
const measuring = setInterval(() => {
  collect();
  heaps.push(process.memoryUsage().heapUsed / 2 ** 20);
  const minute = Math.round(seconds - (end - performance.now()) / 1_000);
  console.log(
    `${minute} s: heap ${heaps.at(-1)?.toFixed(1)} MiB, ${JSON.stringify(totals)}, problems ${problems.length}`,
  );
}, 15_000);
await Promise.all(
  pairs.map(async (pair, i) => {
    while (performance.now() < end && problems.length === 0) await second(pair, players[i] ?? []);
  }),
).catch((error: Error) => problems.push(error.message));
clearInterval(measuring);

if (problems.length === 0)
  await Promise.all(
    pairs.map(async (pair) => {
      const over = pair.map((one) => once(one, 'end'));
      for (const one of pair) one.end();
      await Promise.all(over);
    }),
  ).catch((error: Error) => problems.push(error.message));
players.forEach(([one, other], i) => {
  if (one?.sent() !== other?.received() || other?.sent() !== one?.received())
    problems.push(`channel ${i}: what was sent and what came differ`);
});
await listener.close();

const quarter = Math.ceil(heaps.length / 4);
const mean = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0) / of.length;
const [first, last] = [mean(heaps.slice(0, quarter)), mean(heaps.slice(-quarter))];
if (last > first * 1.1) problems.push(`the heap grew from ${first.toFixed(1)} to ${last.toFixed(1)} MiB`);
console.log(`heap: first quarter ${first.toFixed(1)} MiB, last ${last.toFixed(1)} MiB; ${JSON.stringify(totals)}`);
for (const one of problems.slice(0, 10)) console.log(`problem: ${one}`);
process.exit(problems.length === 0 ? 0 : 1);
