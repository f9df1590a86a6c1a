// What an idle connection costs in memory: with a channel, with a session alone, or with TLS 1.3 of Node and certificates of ML-DSA-87 on both sides. Started by
// bench/memory.ts as a process of its own for each kind, with `--expose-gc`, as memory that one kind leaves behind would count for the other.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createSecureContext, createServer, connect as tlsConnect } from 'node:tls';
import { encodePem } from '../../src/keys/pem.ts';
import { encodeSignaturePrivateKey } from '../../src/keys/privateKey.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';
import { makePeers, time } from './peers.ts';

const suite = chooseSuite('native');
const { anchor, alice, bob, server } = makePeers(suite);
const held: unknown[] = [];
const [, , kind = '', many = ''] = process.argv;
const [warming, connections] = [300, Number(many)];

/** @returns what opens a connection, both ends in this process; with a channel, or with the session and the socket as the handshake leaves them */
async function connectionsOf(channel: boolean): Promise<() => Promise<void>> {
  const common = { suite, trustAnchors: [anchor], expectedPeer: 'anyone', time: () => time, channel } as const;
  let accepted: () => void = () => {};
  const onHandshake = (result: unknown): void => {
    held.push(result);
    accepted();
  };
  const listener = await listen({ ...common, credentials: bob, host: '127.0.0.1', port: 0, onHandshake });
  return async () => {
    const other = new Promise<void>((resolve) => {
      accepted = resolve;
    });
    const result = await connect({ ...common, ...listener.address, credentials: alice });
    if (!result.ok) throw new Error(result.failure.message);
    held.push(result);
    await other;
  };
}

/** As `connectionsOf`; the client makes its context once. */
async function connectionsOfTls(): Promise<() => Promise<void>> {
  const key = encodePem('PRIVATE KEY', encodeSignaturePrivateKey(server.seed));
  const own = { key, cert: encodePem('CERTIFICATE', server.certificate), ciphers: 'TLS_AES_256_GCM_SHA384' };
  const both = { requestCert: true, rejectUnauthorized: false, noDelay: true };
  const listener = createServer({ ...own, ...both, minVersion: 'TLSv1.3' }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const secureContext = createSecureContext({ ...own, minVersion: 'TLSv1.3' });
  return async () => {
    const near = tlsConnect({ ...both, host: '127.0.0.1', port, secureContext });
    const [far] = await once(listener, 'secureConnection');
    for (const one of [near, far]) one.on('data', () => {});
    held.push(near, far);
  };
}

async function resident(): Promise<number> {
  for (let i = 0; i < 4; i += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().rss;
}

const open = kind === 'tls' ? await connectionsOfTls() : await connectionsOf(kind === 'channel');
for (let i = 0; i < warming; i += 1) await open();
const before = await resident();
for (let i = 0; i < connections; i += 1) await open();
const octets = ((await resident()) - before) / connections / 2;
process.stdout.write(`${JSON.stringify({ connections, octets: Math.round(octets) })}\n`, () => process.exit(0));
