// A lineage as a flow chart of Mermaid.
import type { Lineage, LineageNode } from '../lineage.ts';
import { failingLinks, numbersOf } from './failing.ts';
import { shortDigest, shortSigner, shown } from './shown.ts';

/** The most nodes and links that are drawn; the programs that show such charts take no more. */
export const mermaidBounds = { nodes: 500, links: 1_000 } as const;

/** What is not a letter, digit, space or plain mark is written as its number, `#60;`: it cannot be markup. */
const marked = /[^A-Za-z0-9 .,/+=_-]/gu;

const label = (text: string): string =>
  shown(text, 80).replace(marked, (character) => `#${character.codePointAt(0) ?? 0};`);

function labelOf({ kind, name, digest, facts, signers }: LineageNode): string {
  const lines = [
    `${kind} ${name}`,
    ...(digest === undefined ? [] : [shortDigest(digest)]),
    ...facts,
    ...signers.map((signer) => `signed by ${shortSigner(signer)}`),
  ];
  return lines.map(label).join('<br/>');
}

/** A flow chart: links that fail are thick, with their code, and the reasons stand in nodes below. */
export function drawMermaid(lineage: Lineage): string {
  const nodes = lineage.nodes.slice(0, mermaidBounds.nodes);
  const drawn = new Set(nodes.map(({ id }) => id));
  const links = lineage.links.filter(({ from, to }) => drawn.has(from) && drawn.has(to)).slice(0, mermaidBounds.links);
  const failing = failingLinks(lineage);
  const numbers = numbersOf(failing);
  const left = lineage.nodes.length - nodes.length;
  return [
    'flowchart TD',
    ...nodes.map((node) => `  ${node.id}["${labelOf(node)}"]`),
    ...links.map((link) => {
      const { from, to, kind, failures } = link;
      const why = failures.map(({ code }) => code).join(', ');
      const text = failures.length > 0 ? `${kind} FAILS ${numbers.get(link) ?? ''}: ${why}` : kind;
      return `  ${from} ${failures.length > 0 ? '==>' : '-->'}|"${label(text)}"| ${to}`;
    }),
    ...failing
      .slice(0, mermaidBounds.nodes)
      .flatMap(({ number, lines }) =>
        lines.map(
          (line, at) =>
            `  f${number}x${at}["${shown(`${number}: ${line}`, 300).replace(marked, (one) => `#${one.codePointAt(0) ?? 0};`)}"]:::fails`,
        ),
      ),
    ...(left > 0 ? [`  more["${left} more nodes are not drawn"]`] : []),
    '  classDef fails stroke:#b00020,stroke-width:2px',
    ...(lineage.ok ? [] : [`  class ${lineage.root} fails`]),
    '',
  ].join('\n');
}
