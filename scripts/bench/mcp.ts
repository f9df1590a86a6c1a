// A call of the protocol through a channel against the same transport over TCP, over TLS 1.3 with keys as strong, and over the same
// records without a channel (bareRecords.ts); and against TCP with the transport of the SDK. All take turns in one run, and are compared round by round, by time and by
// what the processor worked.
import type { Client } from '@modelcontextprotocol/client';
import type { Suite } from '../../src/crypto/suite.ts';
import { type Cost, measured, spread } from './cost.ts';
import { clientThrough, overBareRecords, overChannel, overSdk, overTcp, overTls, type Way } from './mcpWays.ts';
import type { Peers } from './peers.ts';

const call = (client: Client, value: string): Promise<unknown> =>
  client.callTool({ name: 'echo', arguments: { value } });

/** Costs of all ways, round by round, in turn: nobody is always first. */
async function inTurns(
  runs: readonly (() => Promise<unknown>)[],
  warming: number,
  rounds: number,
): Promise<readonly (readonly Cost[])[]> {
  const costs: Cost[][] = runs.map(() => []);
  for (let round = -warming; round < rounds; round += 1)
    for (let turn = 0; turn < runs.length; turn += 1) {
      const which = (round + warming + turn) % runs.length;
      const run = runs[which];
      if (run === undefined) continue;
      const cost = await measured(run);
      if (round >= 0) costs[which]?.push(cost);
    }
  return costs;
}

type Compared = readonly [one: number, other: number];

function report(
  what: string,
  ways: readonly Way[],
  costs: readonly (readonly Cost[])[],
  calls: number,
  compared: readonly Compared[],
): void {
  const ratio = ([one, other]: Compared, quantity: keyof Cost): string => {
    const others = costs[other] ?? [];
    const each = (costs[one] ?? []).map((cost, round) => cost[quantity] / (others[round]?.[quantity] ?? Number.NaN));
    return spread(each, 0.25, 2);
  };
  console.log(`MCP ${what}; medians with quartiles of ${costs[0]?.length} rounds of ${calls}, in turns`);
  for (const pair of compared) {
    const [one, other] = pair.map((which) => ways[which]?.name);
    console.log(
      `  ${one} / ${other} = ${ratio(pair, 'elapsed')} of the time, ${ratio(pair, 'worked')} of the processor's`,
    );
  }
  const times = costs.map((some, which) => {
    const each = some.map(({ elapsed }) => (1_000 * elapsed) / calls);
    return `${ways[which]?.name} ${spread(each, 0.25, 0)}`;
  });
  console.log(`  us: ${times.join(', ')}`);
}

const [channel, tcp, tls, bare, sdk] = [0, 1, 2, 3, 4];

/** Compares calls of 32 octets and of 64 KiB, and the way from connecting to the first answer. */
export async function compareMcp(suite: Suite, peers: Peers): Promise<void> {
  const ways = [
    await overChannel(suite, peers),
    await overTcp(),
    await overTls(peers),
    await overBareRecords(),
    await overSdk(),
  ];
  const clients = await Promise.all(ways.map(clientThrough));
  const pairs: readonly Compared[] = [
    [channel, tcp],
    [channel, tls],
    [channel, bare],
    [bare, tcp],
    [bare, tls],
    [channel, sdk],
  ];
  for (const [what, octets, together, calls, warming, rounds] of [
    ['call of 32 octets', 32, 1, 50, 80, 150],
    ['call of 32 octets, 16 at a time', 32, 16, 64, 40, 100],
    ['call of 64 KiB', 65_536, 1, 20, 40, 100],
  ] as const) {
    const value = 'x'.repeat(octets);
    const runs = clients.map((client) => async () => {
      for (let i = 0; i < calls; i += together)
        await Promise.all(Array.from({ length: together }, () => call(client, value)));
    });
    report(what, ways, await inTurns(runs, warming, rounds), calls, pairs);
  }
  const handshakes = ways.slice(0, bare);
  const first = handshakes.map((way) => async () => {
    const client = await clientThrough(way);
    await call(client, 'hello');
    client.close().catch(() => {});
  });
  report('connect to first answer', handshakes, await inTurns(first, 10, 60), 1, pairs.slice(0, 2));
  for (const client of clients) await client.close();
  for (const { close } of ways) close();
}
