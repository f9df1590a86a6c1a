// A call of the protocol through a channel against the same transport over TCP, over TLS 1.3 with keys as strong, and over the same
// records without a channel (bareRecords.ts); and against TCP with the transport of the SDK. All take turns in one run, and are compared round by round, by time and by
// what the processor worked.
import type { Client } from '@modelcontextprotocol/client';
import { chooseSuite } from '../../src/node/suite.ts';
import { type Costs, inTurns, medianOf, ratiosOf } from './cost.ts';
import { clientThrough, overBareRecords, overChannel, overSdk, overTcp, overTls, type Way } from './mcpWays.ts';
import { makePeers } from './peers.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

const call = (client: Client, value: string): Promise<unknown> =>
  client.callTool({ name: 'echo', arguments: { value } });

type Compared = readonly [one: number, other: number];

function rowsOf(
  what: string,
  ways: readonly Way[],
  costs: Costs,
  calls: number,
  compared: readonly Compared[],
): readonly Row[] {
  const each = (which: number): string => ((1_000 * medianOf(costs, which, 'elapsed')) / calls).toFixed(0);
  return compared.flatMap(([one, other]) =>
    (['elapsed', 'worked'] as const).map((quantity) => {
      const note = `${costs[0]?.length} rounds of ${calls}; medians ${each(one)} us, ${each(other)} us`;
      const unit = quantity === 'elapsed' ? 'time' : 'CPU time';
      const [name = '', of = ''] = [one, other].map((which) => ways[which]?.name);
      return rowOf({ part: 'mcp', name: `${what}: ${name}`, of, unit, note }, ratiosOf(costs, one, other, quantity));
    }),
  );
}

const [channel, tcp, tls, bare, sdk] = [0, 1, 2, 3, 4];

/** Compares calls of 32 octets and of 64 KiB, and the way from connecting to the first answer. */
export async function measureMcp(plan: Plan): Promise<readonly Row[]> {
  const suite = chooseSuite('native');
  const peers = makePeers(suite);
  const rows: Row[] = [];
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
    const costs = await inTurns(runs, plan.rounds(warming), plan.rounds(rounds));
    rows.push(...rowsOf(what, ways, costs, calls, pairs));
  }
  const handshakes = ways.slice(0, bare);
  const first = handshakes.map((way) => async () => {
    const client = await clientThrough(way);
    await call(client, 'hello');
    client.close().catch(() => {});
  });
  const costs = await inTurns(first, plan.rounds(10), plan.rounds(60));
  rows.push(...rowsOf('connect to first answer', handshakes, costs, 1, pairs.slice(0, 2)));
  for (const client of clients) await client.close();
  for (const { close } of ways) close();
  return rows;
}
