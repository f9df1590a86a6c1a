// Handshakes over loopback TCP, both sides in this process, each on a new connection: PQuAKE between peers that meet first and between peers that know each
// other, and mutual TLS 1.3. They take turns, and are compared round by round, by CPU time and by time that passed.
import type { Socket } from 'node:net';
import { chooseSuite } from '../../src/node/suite.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';
import { inTurns, medianOf, ratiosOf } from './cost.ts';
import { makePeers, time } from './peers.ts';
import { type Plan, type Row, rowOf } from './rows.ts';
import { tlsListener } from './tls.ts';
import { mlDsaPeers, p256Peers, type TlsPeers } from './tlsPeers.ts';

export interface Way {
  readonly name: string;
  /** One handshake on a new connection, which is then closed. */
  readonly run: () => Promise<void>;
  readonly close: () => void;
}

/** PQuAKE over TCP. Both sides have completed when `run` ends, as with TLS. */
export async function overTcp(name: string, knownPeers: boolean): Promise<Way> {
  const suite = chooseSuite('native');
  const { anchor, alice, bob } = makePeers(suite);
  const common = { suite, trustAnchors: [anchor], expectedPeer: 'anyone', time: () => time, knownPeers } as const;
  let accept: (far: Socket) => void = () => {};
  const listener = await listen({
    ...{ ...common, credentials: bob, host: '127.0.0.1', port: 0 },
    onHandshake: (result) => {
      if (!result.ok) throw new Error(result.failure.message);
      result.session.wipe();
      accept(result.stream);
    },
  });
  const run = async (): Promise<void> => {
    const accepted = new Promise<Socket>((resolve) => {
      accept = resolve;
    });
    const result = await connect({ ...common, ...listener.address, credentials: alice });
    if (!result.ok) throw new Error(result.failure.message);
    result.session.wipe();
    const far = await accepted;
    result.stream.destroy();
    far.destroy();
  };
  return { name, run, close: () => void listener.close() };
}

export async function overTls(name: string, peers: TlsPeers): Promise<Way> {
  const listener = await tlsListener(peers);
  const run = async (): Promise<void> => {
    for (const end of await listener.handshake()) end.destroy();
  };
  return { name, run, close: listener.close };
}

const each = 8;
const [first, known, tls] = [0, 1, 2];

export async function measureTcp(plan: Plan): Promise<readonly Row[]> {
  const ways = [
    await overTcp('PQuAKE, peers that meet first', false),
    await overTcp('PQuAKE, known peers', true),
    await overTls('TLS 1.3, MLKEM1024, ML-DSA-87', mlDsaPeers(chooseSuite('native'), 'MLKEM1024')),
    await overTls(
      'TLS 1.3, X25519MLKEM768, ML-DSA-65',
      mlDsaPeers(chooseSuite('native', 'mlkem768-mldsa65'), 'X25519MLKEM768'),
    ),
    await overTls('TLS 1.3, X25519, P-256', p256Peers('X25519')),
  ];
  const runs = ways.map(({ run }) => async () => {
    for (let i = 0; i < each; i += 1) await run();
  });
  const rounds = plan.rounds(120);
  const costs = await inTurns(runs, Math.max(4, Math.round(rounds / 4)), rounds);
  for (const { close } of ways) close();
  const compare = (one: number, other: number, what: 'worked' | 'elapsed'): Row => {
    const medians = [one, other].map((which) => `${(medianOf(costs, which, what) / each).toFixed(2)} ms`);
    const note = `${rounds} rounds of ${each}; medians of a handshake, both sides: ${medians.join(', ')}`;
    const [name = '', of = ''] = [one, other].map((which) => ways[which]?.name ?? '');
    const unit = what === 'worked' ? 'CPU time' : 'time';
    return rowOf({ part: 'tcp', name, of, unit, note }, ratiosOf(costs, one, other, what));
  };
  const pairs = [
    [first, tls],
    [known, tls],
    [known, first],
    ...[3, 4].flatMap((other) => [
      [first, other],
      [known, other],
    ]),
  ];
  return (['worked', 'elapsed'] as const).flatMap((what) =>
    pairs.map(([one = 0, other = 0]) => compare(one, other, what)),
  );
}
