// Places nodes in layers: each below all that link to it, as far as a lineage has no cycles.
import { grouped } from '../grouped.ts';
import type { Lineage } from '../lineage.ts';

/** The most nodes and links that are placed. */
export const layerBounds = { nodes: 500, links: 2_000 } as const;

/** Ids of nodes by layers, the root in the first. Nodes within a layer stand near the middle of those that link to them. */
export function layersOf({ root, nodes, links }: Lineage): readonly (readonly string[])[] {
  const ids = nodes.slice(0, layerBounds.nodes).map(({ id }) => id);
  const known = new Set(ids);
  const edges = links
    .filter(({ from, to }) => known.has(from) && known.has(to) && from !== to)
    .slice(0, layerBounds.links);
  const layer = new Map(ids.map((id) => [id, id === root ? 0 : 1]));
  // Longest ways by repeated relaxation. As many rounds as nodes are enough without a cycle, and end one with it.
  for (let round = 0, moved = true; moved && round < ids.length; round += 1) {
    moved = false;
    for (const { from, to, failures } of edges) {
      const below = (layer.get(from) ?? 0) + 1;
      const closes = failures.some(({ code }) => code === 'cycle');
      if (closes || below <= (layer.get(to) ?? 0) || below >= ids.length) continue;
      layer.set(to, below);
      moved = true;
    }
  }
  const places = new Map<string, number>();
  const found: string[][] = [];
  const all = grouped(ids, (id) => String(layer.get(id) ?? 0));
  for (const depth of [...all.keys()].sort((one, other) => Number(one) - Number(other))) {
    const middle = (id: string): number => {
      const above = edges.filter(({ to }) => to === id).map(({ from }) => places.get(from) ?? 0);
      return above.length === 0 ? 0 : above.reduce((sum, one) => sum + one, 0) / above.length;
    };
    const weighed = (all.get(depth) ?? []).map((id) => ({ id, at: middle(id) }));
    const row = weighed.toSorted((one, other) => one.at - other.at).map(({ id }) => id);
    for (const [at, id] of row.entries()) places.set(id, at - (row.length - 1) / 2);
    found.push(row);
  }
  return found;
}
