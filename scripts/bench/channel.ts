// The channel against TLS of Node, over loopback, both sides in this process: throughput of one stream, and messages to and fro. Both are measured
// in turns in one run, and compared round by round, so that what disturbs the one disturbs the other.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, connect as tlsConnect } from 'node:tls';
import type { TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import type { Credentials } from '../../src/handshake/options.ts';
import { encodePem } from '../../src/keys/pem.ts';
import { encodeSignaturePrivateKey } from '../../src/keys/privateKey.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';

export interface ChannelPeers {
  readonly anchor: TrustAnchor;
  readonly alice: Credentials;
  readonly bob: Credentials;
  /** DER of a certificate with an ML-DSA key, and its seed: for TLS, where it is not checked. */
  readonly server: { readonly certificate: Uint8Array; readonly seed: Uint8Array };
}

interface Pair {
  readonly near: Duplex;
  readonly far: Duplex;
  readonly close: () => void;
}

async function channelPair(suite: Suite, { anchor, alice, bob }: ChannelPeers, time: Date): Promise<Pair> {
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

async function tlsPair({ server }: ChannelPeers): Promise<Pair> {
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

interface Cost {
  /** Milliseconds. */
  readonly elapsed: number;
  /** Milliseconds of all processors. */
  readonly worked: number;
}

async function measured(run: () => Promise<void>): Promise<Cost> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  return { elapsed: performance.now() - begun, worked: (user + system) / 1_000 };
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

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);
const at = (values: readonly number[], share: number): string =>
  (sorted(values)[Math.floor(share * (values.length - 1))] ?? Number.NaN).toFixed(3);
/** The median, and between which numbers nine of ten lie. */
const spread = (values: readonly number[]): string => `${at(values, 0.5)} (${at(values, 0.05)} to ${at(values, 0.95)})`;

const [warming, rounds] = [10, 60];

async function compare(run: (pair: Pair) => Promise<void>, channel: Pair, tls: Pair): Promise<readonly [Cost, Cost][]> {
  const costs: [Cost, Cost][] = [];
  for (let round = 0; round < warming + rounds; round += 1) {
    const both: [Cost, Cost] = [await measured(() => run(channel)), await measured(() => run(tls))];
    if (round >= warming) costs.push(both);
  }
  return costs;
}

/** Compares the channel with TLS 1.3 in TLS_AES_256_GCM_SHA384. @param time at which the certificates are valid */
export async function compareChannel(suite: Suite, peers: ChannelPeers, time: Date): Promise<void> {
  const [channel, tls] = [await channelPair(suite, peers, time), await tlsPair(peers)];
  const throughput = await compare(stream, channel, tls);
  const mebibytes = (chunks * chunk.length) / 1_048_576;
  const rates = (which: 0 | 1): string =>
    at(
      throughput.map((both) => (1_000 * mebibytes) / both[which].elapsed),
      0.5,
    );
  const worked = (costs: readonly [Cost, Cost][]): string =>
    spread(costs.map(([mine, theirs]) => mine.worked / theirs.worked));
  console.log(
    `${suite.name.padEnd(7)} channel / TLS throughput = ${spread(throughput.map(([mine, theirs]) => theirs.elapsed / mine.elapsed))}   (64 KiB writes; ` +
      `medians: ${rates(0)} / ${rates(1)} MiB/s; processor time ${worked(throughput)}; ${rounds} rounds of ${mebibytes} MiB, in turns)`,
  );
  const turns = await compare(pingPong, channel, tls);
  const times = (which: 0 | 1): string =>
    at(
      turns.map((both) => (1_000 * both[which].elapsed) / messages),
      0.5,
    );
  console.log(
    `${suite.name.padEnd(7)} channel / TLS ping-pong = ${spread(turns.map(([mine, theirs]) => mine.elapsed / theirs.elapsed))}   (32 octets to and fro; ` +
      `medians: ${times(0)} / ${times(1)} us; processor time ${worked(turns)}; ${rounds} rounds of ${messages}, in turns)`,
  );
  for (const { close } of [channel, tls]) close();
}
