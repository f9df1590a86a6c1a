// A lineage as a tree of lines.
import { grouped } from '../grouped.ts';
import type { Lineage, LineageLink, LineageNode } from '../lineage.ts';
import { failingLinks, nodesById, numbersOf } from './failing.ts';
import { shortDigest, shortSigner, shown } from './shown.ts';

/** How deep lines are indented; deeper ones stand below each other. */
const deepest = 40;

function lineOf(node: LineageNode, link: LineageLink | undefined, failure: number | undefined, known: boolean): string {
  const mark = failure === undefined ? '' : ` [FAILS ${failure}]`;
  const digest = node.digest === undefined ? '' : ` ${shown(shortDigest(node.digest))}`;
  const by = link?.signer === undefined ? '' : `, says ${shown(shortSigner(link.signer), 80)}`;
  return `${link?.kind ?? node.kind}: ${shown(node.name)}${digest}${by}${known ? ', as above' : ''}${mark}`;
}

interface Waiting {
  readonly id: string;
  readonly link: LineageLink | undefined;
  readonly depth: number;
}

/** The tree of a lineage, the links that fail, and notes: one line each, without anything that moves a cursor or reorders a text. */
export function drawText(lineage: Lineage): string {
  const [nodes, failing] = [nodesById(lineage), failingLinks(lineage)];
  const numbers = numbersOf(failing);
  const linksFrom = grouped(lineage.links, ({ from }) => from);
  const lines: string[] = [];
  const drawn = new Set<string>();
  const waiting: Waiting[] = [{ id: lineage.root, link: undefined, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { id, link, depth } = next;
    const node = nodes.get(id);
    if (node === undefined) continue;
    const indent = '  '.repeat(Math.min(depth, deepest));
    const isKnown = drawn.has(id);
    lines.push(indent + lineOf(node, link, link && numbers.get(link), isKnown));
    if (isKnown) continue;
    drawn.add(id);
    for (const fact of node.facts) lines.push(`${indent}    ${shown(fact)}`);
    if (node.signers.length > 0)
      lines.push(`${indent}    signed by ${node.signers.map((one) => shown(one, 80)).join(', ')}`);
    for (const one of (linksFrom.get(id) ?? []).toReversed()) waiting.push({ id: one.to, link: one, depth: depth + 1 });
  }
  const reasons = failing.flatMap(({ number, lines: why }) => why.map((line) => `[${number}] ${line}`));
  return [
    ...lines,
    '',
    ...(lineage.ok ? ['every link holds'] : [`links that fail: ${failing.length}`, ...reasons]),
    ...lineage.notes.map((note) => `note: ${shown(note)}`),
    '',
  ].join('\n');
}
