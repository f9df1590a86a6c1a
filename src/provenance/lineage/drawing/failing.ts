// The links that fail, numbered, as every drawing tells them.
import { linkCodes } from '../codes.ts';
import { type Lineage, type LineageLink, type LineageNode, lineageBounds } from '../lineage.ts';
import { shown } from './shown.ts';

/** A link that fails, with its number in the drawing. */
export interface Failing {
  readonly number: number;
  readonly link: LineageLink;
  /** Which and why, one line for each reason. */
  readonly lines: readonly string[];
}

/** The nodes by their ids. */
export const nodesById = ({ nodes }: Lineage): ReadonlyMap<string, LineageNode> =>
  new Map(nodes.map((node) => [node.id, node]));

/** The links that fail, in their order, up to the bound. */
export function failingLinks(lineage: Lineage): readonly Failing[] {
  const nodes = nodesById(lineage);
  const nameOf = (id: string): string => shown(nodes.get(id)?.name ?? id, 80);
  return lineage.links
    .filter(({ failures }) => failures.length > 0)
    .slice(0, lineageBounds.failures)
    .map((link, at) => {
      const { from, to, kind, failures } = link;
      const which = `${nameOf(from)} -> ${kind} ${nameOf(to)}`;
      const lines = failures.map(({ code, detail }) => `${which}: ${code}: ${linkCodes[code]} (${shown(detail)})`);
      return { number: at + 1, link, lines };
    });
}

/** The number of each link that fails. */
export const numbersOf = (failing: readonly Failing[]): ReadonlyMap<LineageLink, number> =>
  new Map(failing.map(({ link, number }) => [link, number]));
