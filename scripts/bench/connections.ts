// What a handshake costs while more and more sessions are open in the process, both ends of each. Handshakes over TCP take turns with handshakes in memory, which
// do not know of sockets, so that what disturbs the one disturbs the other.
import type { Socket } from 'node:net';
import { chooseSuite } from '../../src/node/suite.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';
import { at, inTurns, medianOf, ratiosOf } from './cost.ts';
import { handshakeInMemory } from './inMemory.ts';
import { makePeers, time } from './peers.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

const levels = [1, 100, 1_000, 5_000];
const each = 8;

interface Opening {
  /** Opens a session; both of its ends stay open. */
  readonly open: () => Promise<readonly Socket[]>;
  readonly close: () => void;
}

async function opening(suite: ReturnType<typeof chooseSuite>, peers: ReturnType<typeof makePeers>): Promise<Opening> {
  const { anchor, alice, bob } = peers;
  const common = { suite, trustAnchors: [anchor], expectedPeer: 'anyone', time: () => time } as const;
  let accept: (far: Socket) => void = () => {};
  const listener = await listen({
    ...{ ...common, credentials: bob, host: '127.0.0.1', port: 0 },
    onHandshake: (result) => {
      if (!result.ok) throw new Error(result.failure.message);
      accept(result.stream);
    },
  });
  const open = async (): Promise<readonly Socket[]> => {
    const accepted = new Promise<Socket>((resolve) => {
      accept = resolve;
    });
    const result = await connect({ ...common, ...listener.address, credentials: alice });
    if (!result.ok) throw new Error(result.failure.message);
    return [result.stream, await accepted];
  };
  return { open, close: () => void listener.close() };
}

export async function measureConnections(plan: Plan): Promise<readonly Row[]> {
  const suite = chooseSuite('native');
  const peers = makePeers(suite);
  const anchors = [peers.anchor];
  const { open, close } = await opening(suite, peers);
  const held: Socket[] = [];
  const overTcp = async (): Promise<void> => {
    for (let i = 0; i < each; i += 1) for (const end of await open()) end.destroy();
  };
  const inMemory = (): void => {
    for (let i = 0; i < each; i += 1) handshakeInMemory(suite, peers, anchors, true);
  };
  const rounds = plan.rounds(60);
  await inTurns([overTcp, inMemory], 0, 2 * rounds); // so that what is measured is not the compiler
  const rows: { readonly level: number; readonly ratios: readonly number[]; readonly median: number }[] = [];
  const grown = levels.filter((one) => one <= plan.rounds(5_000));
  // The first level comes again at the end, when all but one are closed: what it differs by is not of the sessions.
  for (const level of [...grown, 1]) {
    for (const end of held.splice(2 * level)) end.destroy();
    while (held.length < 2 * level) held.push(...(await open()));
    const costs = await inTurns([overTcp, inMemory], Math.ceil(rounds / 3), rounds);
    rows.push({ level, ratios: ratiosOf(costs, 0, 1, 'worked'), median: medianOf(costs, 0, 'worked') / each });
  }
  close();
  for (const end of held) end.destroy();
  const alone = at(rows[0]?.ratios ?? [], 0.5);
  return rows.map(({ level, ratios, median }, which) => {
    const note = `both over handshakes in memory in turns; ${rounds} rounds of ${each}; median ${median.toFixed(2)} ms of CPU, both sides`;
    const told = {
      part: 'connections',
      name: `with ${level} sessions open${which === grown.length ? ' again' : ''}`,
      of: 'with one',
      unit: 'CPU time',
      note,
    };
    return rowOf(
      told,
      ratios.map((ratio) => ratio / alone),
    );
  });
}
