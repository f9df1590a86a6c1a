// The graph that is being built: nodes by what they stand for, links with what is wrong with them, up to its bounds.
import { type LineageLink, type LineageNode, type LinkFailure, lineageBounds, type NodeKind } from './lineage.ts';

/** A node whose lines and signers are still gathered. */
export interface OpenNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  readonly digest: string | undefined;
  readonly facts: string[];
  readonly signers: Set<string>;
}

/** A link whose failures are still gathered. */
export interface OpenLink extends Omit<LineageLink, 'failures'> {
  readonly failures: LinkFailure[];
}

/** A graph up to its bounds. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, OpenNode>;
  readonly links: readonly OpenLink[];
  /** The node with a key, made if it is not there; `undefined` when the graph is full. */
  readonly node: (key: string, kind: NodeKind, name: string, digest?: string) => OpenNode | undefined;
  /** `undefined` when the graph is full. */
  readonly link: (link: Omit<LineageLink, 'failures'>, failures?: readonly LinkFailure[]) => OpenLink | undefined;
  readonly isFull: () => boolean;
}

/** An empty graph. */
export function emptyGraph(): Graph {
  const [nodes, links]: [Map<string, OpenNode>, OpenLink[]] = [new Map(), []];
  let full = false;
  return {
    nodes,
    links,
    isFull: () => full,
    node: (key, kind, name, digest) => {
      const known = nodes.get(key);
      if (known !== undefined) return known;
      if (nodes.size >= lineageBounds.nodes) full = true;
      if (full) return undefined;
      const made = { id: `n${nodes.size + 1}`, kind, name, digest, facts: [], signers: new Set<string>() };
      nodes.set(key, made);
      return made;
    },
    link: (link, failures = []) => {
      if (links.length >= lineageBounds.links) full = true;
      if (full) return undefined;
      const made = { ...link, failures: [...failures] };
      links.push(made);
      return made;
    },
  };
}

/** A text up to its bound: parts of it may be chosen by whoever makes a statement. */
export const cut = (text: string): string =>
  text.length <= lineageBounds.text ? text : `${text.slice(0, lineageBounds.text)}…`;

/** The link, as it is told. */
export const closedLink = ({ failures, ...link }: LineageLink): LineageLink => ({
  ...link,
  failures: failures.map(({ code, detail }) => ({ code, detail: cut(detail) })),
});

/** The node, as it is told. */
export const closedNode = ({ signers, ...node }: OpenNode): LineageNode => ({ ...node, signers: [...signers].sort() });
