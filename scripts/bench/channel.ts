// The channel against TLS of Node, over loopback, both sides in this process: throughput of one stream, and messages to and fro. Beside them the
// same records without a channel (bareRecords.ts). All are measured in turns in one run, and compared round by round, so that what disturbs the one
// disturbs the others.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, connect as tlsConnect } from 'node:tls';
import type { Suite } from '../../src/crypto/suite.ts';
import { encodePem } from '../../src/keys/pem.ts';
import { encodeSignaturePrivateKey } from '../../src/keys/privateKey.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';
import { barePair, barePingPong, bareStream } from './bareRecords.ts';
import { type Costs, inTurns, medianOf, ratiosOf } from './cost.ts';
import { makePeers, type Peers, time } from './peers.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

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

const [ours, theirs, bare] = [0, 1, 2];
const names = ['channel', 'TLS 1.3', 'bare records'] as const;

function rowsOf(what: string, costs: Costs, noteOf: (milliseconds: number) => string): readonly Row[] {
  const pairs = [
    [ours, theirs],
    [ours, bare],
    [bare, theirs],
  ] as const;
  return pairs.flatMap(([one, other]) =>
    (['elapsed', 'worked'] as const).map((quantity) => {
      const medians = [one, other].map((which) => noteOf(medianOf(costs, which, 'elapsed')));
      const note = `${costs[0]?.length} rounds; medians ${medians.join(', ')}`;
      const unit = quantity === 'elapsed' ? 'time' : 'CPU time';
      const told = { part: 'channel', name: `${what}: ${names[one]}`, of: names[other] ?? '', unit, note };
      return rowOf(told, ratiosOf(costs, one, other, quantity));
    }),
  );
}

/** Compares the channel with TLS 1.3 in TLS_AES_256_GCM_SHA384, and both with records that nothing but `node:crypto` makes. */
export async function measureChannel(plan: Plan): Promise<readonly Row[]> {
  const suite = chooseSuite('native');
  const peers = makePeers(suite);
  const [channel, tls, records] = [await channelPair(suite, peers), await tlsPair(peers), await barePair()];
  const mebibytes = (chunks * chunk.length) / 1_048_576;
  const [warming, rounds] = [plan.rounds(10), plan.rounds(60)];
  const throughput = await inTurns(
    [() => stream(channel), () => stream(tls), () => bareStream(records, chunk, chunks)],
    warming,
    rounds,
  );
  const turns = await inTurns(
    [() => pingPong(channel), () => pingPong(tls), () => barePingPong(records, message, messages)],
    warming,
    rounds,
  );
  for (const { close } of [channel, tls, records]) close();
  return [
    ...rowsOf(
      `${mebibytes} MiB in writes of 64 KiB`,
      throughput,
      (elapsed) => `${((1_000 * mebibytes) / elapsed).toFixed(0)} MiB/s`,
    ),
    ...rowsOf('32 octets to and fro', turns, (elapsed) => `${((1_000 * elapsed) / messages).toFixed(1)} us`),
  ];
}
