// Resident memory of one end of an idle connection, over that of mutual TLS 1.3: each kind in processes of its own, which take turns.
import { execFileSync } from 'node:child_process';
import { at } from './cost.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

const kinds = { channel: 'a channel', session: 'a session and its socket', tls: 'mutual TLS 1.3' } as const;
type Kind = keyof typeof kinds;

/** Octets of one end. */
function idle(kind: Kind, connections: number): number {
  const words = ['--expose-gc', new URL('idle.ts', import.meta.url).pathname, kind, String(connections)];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })).octets;
}

export async function measureMemory(plan: Plan): Promise<readonly Row[]> {
  const connections = plan.rounds(1_000);
  const sizes: Record<Kind, number[]> = { channel: [], session: [], tls: [] };
  for (let round = 0; round < 3; round += 1)
    for (const kind of Object.keys(kinds) as Kind[]) sizes[kind].push(idle(kind, connections));
  const kibibytes = (kind: Kind): string => (at(sizes[kind], 0.5) / 1_024).toFixed(1);
  return (['channel', 'session'] as const).map((kind) => {
    const ratios = sizes[kind].map((size, round) => size / (sizes.tls[round] ?? Number.NaN));
    const note = `3 processes each of ${connections} connections; medians of an end ${kibibytes(kind)} KiB, ${kibibytes('tls')} KiB`;
    return rowOf({ part: 'memory', name: kinds[kind], of: kinds.tls, unit: 'resident memory', note }, ratios);
  });
}
