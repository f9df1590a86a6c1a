// A process of its own: a listener, with so many workers, or in a cluster of two processes that share a port. It counts, and tells its parent.
// Peers are judged as strangers. Arguments: directory of credentials, workers, processes (1, or more for a cluster), back end.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SuiteName } from '../../../src/crypto/suite.ts';
import { readCredentials, readTrustAnchors } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { listen } from '../../../src/node/transport/tcp.ts';
import { at } from '../cost.ts';
import type { Ask, Listening, Served } from './messages.ts';

const [directory = '', workers = '0', processes = '1', backEnd] = process.argv.slice(2);

async function serve(): Promise<void> {
  const suite = chooseSuite(backEnd as SuiteName);
  let counts = { completed: 0, failed: 0, turnedAway: 0 };
  let [before, began, ticked] = [process.cpuUsage(), performance.now(), performance.now()];
  let ticks: number[] = [];
  setInterval(() => {
    const now = performance.now();
    ticks.push(now - ticked);
    ticked = now;
  }, 10);
  const listener = await listen({
    ...{ suite, expectedPeer: 'alice', host: '127.0.0.1', port: 0, knownPeers: false },
    credentials: readCredentials(suite, join(directory, 'bob.pem'), join(directory, 'bob.key')),
    trustAnchors: readTrustAnchors(suite, [join(directory, 'ca.pem')]),
    ...(workers !== '0' && { workers: Number(workers) }),
    onOverload: ({ refused, evicted, limited }) => {
      counts.turnedAway += refused + evicted + limited;
    },
    onHandshake: (result) => {
      counts[result.ok ? 'completed' : 'failed'] += 1;
      if (!result.ok) return;
      result.session.wipe();
      result.stream.destroy();
    },
  });
  process.on('message', (ask: Ask) => {
    if (ask === 'begin') {
      counts = { completed: 0, failed: 0, turnedAway: 0 };
      [before, began, ticks] = [process.cpuUsage(), performance.now(), []];
      return;
    }
    const { user, system } = process.cpuUsage(before);
    const worked = (user + system) / 1_000;
    const elapsed = performance.now() - began;
    const served: Served = { kind: 'served', ...counts, worked, elapsed, ticks: [at(ticks, 0.5), at(ticks, 0.99)] };
    process.send?.(served);
  });
  const told: Listening = { kind: 'listening', port: Number(listener.address.port) };
  process.send?.(told);
}

/** The counts of all processes; of the ticks the worst. */
const together = (all: readonly Served[]): Served =>
  all.reduce((one, other) => ({
    kind: 'served',
    completed: one.completed + other.completed,
    failed: one.failed + other.failed,
    turnedAway: one.turnedAway + other.turnedAway,
    worked: one.worked + other.worked,
    elapsed: Math.max(one.elapsed, other.elapsed),
    ticks: [Math.max(one.ticks[0], other.ticks[0]), Math.max(one.ticks[1], other.ticks[1])],
  }));

async function lead(): Promise<void> {
  const own = Array.from({ length: Number(processes) }, () => cluster.fork());
  const answers = (): Promise<(Listening | Served)[]> =>
    Promise.all(own.map(async (one) => (await once(one, 'message'))[0]));
  const [first] = await answers();
  process.send?.(first);
  process.on('message', (ask: Ask) => {
    if (ask === 'end') answers().then((all) => process.send?.(together(all as Served[])));
    for (const one of own) one.send(ask);
  });
}

process.on('disconnect', () => process.exit(0));
await (processes !== '1' && cluster.isPrimary ? lead() : serve());
