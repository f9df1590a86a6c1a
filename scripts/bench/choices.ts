// Handshakes with something that may be chosen over those without it, in memory, both sides, one thread: hedged coins, proposals.
import type { Suite } from '../../src/crypto/suite.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import { proposedProtocol } from '../../src/handshake/proposed.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { profile } from '../../src/proposals/index.ts';
import { inTurns, medianOf, ratiosOf } from './cost.ts';
import { handshakeInMemory } from './inMemory.ts';
import { makePeers } from './peers.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

type Choice = Pick<HandshakeOptions, 'hedgedCoins' | 'proposals'>;

/** What is compared: the first choice is what the others are measured over. */
interface Compared {
  readonly part: string;
  readonly of: string;
  readonly choices: readonly (readonly [name: string, choice: Choice])[];
}

const sizes = { native: { each: 8, rounds: 200 }, noble: { each: 2, rounds: 60 } } as const;

async function compare(suite: Suite, { part, of, choices }: Compared, plan: Plan): Promise<readonly Row[]> {
  const { anchor, ...two } = makePeers(suite);
  const anchors = [anchor];
  const { each, rounds } = sizes[suite.name];
  const ways = choices.map(([, choice]) => (): void => {
    for (let i = 0; i < each; i += 1) handshakeInMemory(suite, two, anchors, false, choice);
  });
  const full = plan.rounds(rounds);
  const costs = await inTurns(ways, Math.ceil(full / 2), full);
  return choices.slice(1).map(([name], index) => {
    const milliseconds = (medianOf(costs, index + 1, 'worked') / each).toFixed(2);
    const note = `${full} rounds of ${each}; median of a handshake ${milliseconds} ms of CPU`;
    const told = { part, name: `${name}, ${suite.name}`, of, unit: 'CPU time', note };
    return rowOf(told, ratiosOf(costs, index + 1, 0, 'worked'));
  });
}

export async function measureHedged(plan: Plan): Promise<readonly Row[]> {
  const choices = (['none', 'where-cheap', 'all'] as const).map((way) => [way, { hedgedCoins: way }] as const);
  const compared = { part: 'hedged', of: 'coins that are not hedged', choices };
  return [
    ...(await compare(chooseSuite('native'), compared, plan)),
    ...(await compare(chooseSuite('noble'), compared, plan)),
  ];
}

/** With hedged coins switched off, whose cost is that of `measureHedged`; and the draft over itself, which shows the noise. */
export async function measureProposals(plan: Plan): Promise<readonly Row[]> {
  const hedgedCoins = 'none';
  const choices = [
    ['the draft', { hedgedCoins }],
    ['the draft again', { hedgedCoins }],
    ['the profile', { hedgedCoins, proposals: proposedProtocol() }],
    ...profile.map((id) => [id, { hedgedCoins, proposals: proposedProtocol({ ids: [id] }) }] as const),
  ] as const;
  return await compare(chooseSuite('native'), { part: 'proposals', of: 'the draft', choices }, plan);
}
