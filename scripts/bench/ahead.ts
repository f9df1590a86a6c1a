// How long the first message of an initiator takes, with an ephemeral key that was made before and with one that is made then.
import { keysAhead } from '../../src/crypto/keysAhead.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { initiator } from '../../src/handshake/handshake.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { type Cost, measured, medianOf, ratiosOf } from './cost.ts';
import { makePeers, time } from './peers.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

const each = 8;

/** With `noble` coins are not hedged here: hedged ones make the key of the handshake, and none is taken from a stock. */
async function compare(suite: Suite, full: number, plan: Plan): Promise<readonly Row[]> {
  const { anchor, alice } = makePeers(suite);
  const keys = keysAhead(suite, each);
  const common = {
    credentials: alice,
    trustAnchors: [anchor],
    time,
    expectedPeer: 'anyone',
    hedgedCoins: 'none',
  } as const;
  const begin = (of: Suite): void => {
    const handshake = initiator({ ...common, suite: of });
    handshake.start();
    handshake.fail('connection-closed');
  };
  const costs: Cost[][] = [[], []];
  const rounds = plan.rounds(full);
  const ways = [keys.suite, suite].map((of) => () => {
    for (let i = 0; i < each; i += 1) begin(of);
  });
  for (let round = -Math.ceil(rounds / 4); round < rounds; round += 1) {
    while (keys.make()); // idle time
    for (const turn of [0, 1]) {
      const which = (round + turn) & 1;
      const cost = await measured(() => ways[which]?.());
      if (round >= 0) costs[which]?.push(cost);
    }
  }
  keys.close();
  const [ahead, then] = [0, 1].map((which) => (1_000 * medianOf(costs, which, 'elapsed')) / each);
  const note = `${rounds} rounds of ${each}; medians ${ahead?.toFixed(0)} and ${then?.toFixed(0)} microseconds; no connection, no certificate`;
  const told = {
    part: 'ahead',
    name: `first message, key made ahead, ${suite.name}`,
    of: 'key made then',
    unit: 'time',
  };
  return [rowOf({ ...told, note }, ratiosOf(costs, 0, 1, 'elapsed'))];
}

export async function measureAhead(plan: Plan): Promise<readonly Row[]> {
  return [...(await compare(chooseSuite('native'), 400, plan)), ...(await compare(chooseSuite('noble'), 60, plan))];
}
