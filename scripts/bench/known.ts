// A handshake of peers that know each other over one of peers that meet first, in memory, both sides, one thread: what two signature checks cost.
import type { Suite } from '../../src/crypto/suite.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { inTurns, medianOf, ratiosOf } from './cost.ts';
import { handshakeInMemory } from './inMemory.ts';
import { makePeers } from './peers.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

const sizes = { native: { each: 8, rounds: 200 }, noble: { each: 1, rounds: 40 } } as const;

async function compare(suite: Suite, plan: Plan): Promise<readonly Row[]> {
  const { anchor, ...two } = makePeers(suite);
  const anchors = [anchor];
  const { each, rounds } = sizes[suite.name];
  const way = (knownPeers: boolean) => (): void => {
    for (let i = 0; i < each; i += 1) handshakeInMemory(suite, two, anchors, knownPeers);
  };
  const full = plan.rounds(rounds);
  const costs = await inTurns([way(true), way(false)], Math.ceil(full / 2), full);
  return (['worked', 'elapsed'] as const).map((what) => {
    const [known, first] = [0, 1].map((which) => (medianOf(costs, which, what) / each).toFixed(2));
    const note = `${full} rounds of ${each}; medians of a handshake ${known} ms, ${first} ms`;
    const unit = what === 'worked' ? 'CPU time' : 'time';
    const told = { part: 'known', name: `known peers, ${suite.name}`, of: 'peers that meet first', unit, note };
    return rowOf(told, ratiosOf(costs, 0, 1, what));
  });
}

export async function measureKnown(plan: Plan): Promise<readonly Row[]> {
  return [...(await compare(chooseSuite('native'), plan)), ...(await compare(chooseSuite('noble'), plan))];
}
