// The channel against TLS of Node, over loopback, both sides in this process: throughput of one stream, messages to and fro, and memory. Beside them the
// same records without a channel (bareRecords.ts). All are measured in turns in one run, and compared round by round, so that what disturbs the one
// disturbs the others.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, connect as tlsConnect } from 'node:tls';
import type { Suite } from '../../src/crypto/suite.ts';
import { encodePem } from '../../src/keys/pem.ts';
import { encodeSignaturePrivateKey } from '../../src/keys/privateKey.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';
import { barePair, barePingPong, bareStream } from './bareRecords.ts';
import { at, type Cost, measured, spread } from './cost.ts';
import { type Peers, time } from './peers.ts';

interface Pair {
  readonly near: Duplex;
  readonly far: Duplex;
  readonly close: () => void;
}

async function channelPair(suite: Suite, { anchor, alice, bob }: Peers): Promise<Pair> {
  const common = { suite, trustAnchors: [anchor], expectedPeer: 'anyone', time: () => time, channel: true } as const;
  let accept: (far: Duplex) => void = () => {};
  const accepted = new Promise<Duplex>((resolve) => {
    accept = resolve;
  });
  const onHandshake = ({ channel }: { readonly channel?: Duplex }): void => channel && accept(channel);
  const listener = await listen({ ...common, credentials: bob, host: '127.0.0.1', port: 0, onHandshake });
  const result = await connect({ ...common, ...listener.address, credentials: alice });
  if (!result.ok) throw new Error(result.failure.message);
  const [near, far] = [result.channel, await accepted];
  for (const one of [near, far]) one.on('error', () => {});
  return {
    near,
    far,
    close: () => {
      near.destroy();
      listener.close();
    },
  };
}

async function tlsPair({ server }: Peers): Promise<Pair> {
  const key = encodePem('PRIVATE KEY', encodeSignaturePrivateKey(server.seed));
  const cert = encodePem('CERTIFICATE', server.certificate);
  const ciphers = 'TLS_AES_256_GCM_SHA384';
  const listener = createServer({ key, cert, ciphers, minVersion: 'TLSv1.3', noDelay: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const near = tlsConnect({ host: '127.0.0.1', port, ciphers, rejectUnauthorized: false });
  const [far] = await once(listener, 'secureConnection');
  near.setNoDelay(true);
  return {
    near,
    far,
    close: () => {
      near.destroy();
      listener.close();
    },
  };
}

const chunk = Buffer.alloc(65_536, 7);
const chunks = 512;

/** Writes of 64 KiB, until all has come. */
function stream({ near, far }: Pair): Promise<void> {
  return new Promise((resolve) => {
    let [left, due] = [chunks, chunks * chunk.length];
    const onData = (octets: Buffer): void => {
      due -= octets.length;
      if (due > 0) return;
      far.off('data', onData);
      resolve();
    };
    const write = (): void => {
      while (left > 0) {
        left -= 1;
        if (near.write(chunk)) continue;
        near.once('drain', write);
        return;
      }
    };
    far.on('data', onData);
    write();
  });
}

const message = Buffer.alloc(32, 3);
const messages = 1_000;

/** 32 octets to and fro. */
function pingPong({ near, far }: Pair): Promise<void> {
  return new Promise((resolve) => {
    let left = messages;
    const echo = (octets: Buffer): unknown => far.write(octets);
    const onData = (): void => {
      left -= 1;
      if (left > 0) near.write(message);
      else {
        near.off('data', onData);
        far.off('data', echo);
        resolve();
      }
    };
    far.on('data', echo);
    near.on('data', onData);
    near.write(message);
  });
}

const [warming, rounds] = [10, 60];

/** What each of several ways to do the same costs, round by round. */
async function inTurns(ways: readonly (() => Promise<void>)[]): Promise<readonly (readonly Cost[])[]> {
  const costs: Cost[][] = [];
  for (let round = 0; round < warming + rounds; round += 1) {
    const together: Cost[] = [];
    for (const way of ways) together.push(await measured(way));
    if (round >= warming) costs.push(together);
  }
  return costs;
}

type Quantity = keyof Cost;

/** How much more the one costs than the other, round by round: the median, and between which numbers nine of ten lie. */
const ratio = (costs: readonly (readonly Cost[])[], one: number, other: number, what: Quantity): string =>
  spread(
    costs.map((round) => (round[one]?.[what] ?? Number.NaN) / (round[other]?.[what] ?? Number.NaN)),
    0.05,
    3,
  );

/** The median of what one costs in each round, in another unit. */
const median = (costs: readonly (readonly Cost[])[], which: number, unit: (milliseconds: number) => number): string =>
  at(
    costs.map((round) => unit(round[which]?.elapsed ?? Number.NaN)),
    0.5,
  ).toFixed(3);

const [ours, theirs, bare] = [0, 1, 2];

function tellRatios(name: string, unit: string, costs: readonly (readonly Cost[])[], perRound: string): void {
  const lines = [
    `${name}: channel / TLS = ${ratio(costs, ours, theirs, 'elapsed')} of the time, ${ratio(costs, ours, theirs, 'worked')} of the processor's`,
    `  channel / bare records = ${ratio(costs, ours, bare, 'elapsed')}, ${ratio(costs, ours, bare, 'worked')}`,
    `  bare records / TLS = ${ratio(costs, bare, theirs, 'elapsed')}, ${ratio(costs, bare, theirs, 'worked')}`,
    `  medians in ${unit}; ${rounds} rounds of ${perRound}, in turns`,
  ];
  for (const line of lines) console.log(line);
}

/** The resident memory of one end of an idle connection, KiB, measured in a process of its own. */
function idle(kind: 'channel' | 'tls'): string {
  const words = ['--expose-gc', new URL('idle.ts', import.meta.url).pathname, kind];
  const { octets } = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }));
  return (octets / 1_024).toFixed(1);
}

/** Compares the channel with TLS 1.3 in TLS_AES_256_GCM_SHA384, and both with records that nothing but `node:crypto` makes. */
export async function compareChannel(suite: Suite, peers: Peers): Promise<void> {
  const [channel, tls, records] = [await channelPair(suite, peers), await tlsPair(peers), await barePair()];
  const mebibytes = (chunks * chunk.length) / 1_048_576;
  const throughput = await inTurns([
    () => stream(channel),
    () => stream(tls),
    () => bareStream(records, chunk, chunks),
  ]);
  const rate = (which: number): string => median(throughput, which, (elapsed) => (1_000 * mebibytes) / elapsed);
  const rates = `MiB/s: ${rate(ours)}, TLS ${rate(theirs)}, bare ${rate(bare)}`;
  tellRatios(`${suite.name} stream of 64 KiB writes`, rates, throughput, `${mebibytes} MiB`);
  const turns = await inTurns([
    () => pingPong(channel),
    () => pingPong(tls),
    () => barePingPong(records, message, messages),
  ]);
  const turn = (which: number): string => median(turns, which, (elapsed) => (1_000 * elapsed) / messages);
  const times = `us: ${turn(ours)}, TLS ${turn(theirs)}, bare ${turn(bare)}`;
  tellRatios(`${suite.name} 32 octets to and fro`, times, turns, `${messages}`);
  for (const { close } of [channel, tls, records]) close();
  const [mine, other] = [idle('channel'), idle('tls')];
  console.log(`memory of an idle end: channel ${mine} KiB, mutual TLS ${other} KiB (resident, of 1,000 connections)`);
}
