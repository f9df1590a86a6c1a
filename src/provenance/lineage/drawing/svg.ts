// A lineage as SVG: boxes in layers, lines between them. No scripts, no references, no styles from outside; all texts are escaped.
import type { Lineage, LineageNode } from '../lineage.ts';
import { type Failing, failingLinks, nodesById, numbersOf } from './failing.ts';
import { layersOf } from './layers.ts';
import { shortDigest, shortSigner, shown } from './shown.ts';

const [width, gap, lineHeight, between, margin] = [260, 30, 16, 60, 20];
/** Characters of a line in a box, and lines of a box. */
const [columns, rows] = [38, 8];
const [wrong, plain] = ['#b00020', '#444444'];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as XML has it. */
const escaped = (text: string, most: number): string =>
  shown(text, most).replace(/[&<>"']/g, (one) => entities[one] ?? '');

const linesOf = ({ kind, name, digest, facts, signers }: LineageNode): string[] =>
  [
    `${kind}`,
    name,
    ...(digest === undefined ? [] : [shortDigest(digest)]),
    ...facts,
    ...signers.map((signer) => `signed by ${shortSigner(signer)}`),
  ].slice(0, rows);

interface Box {
  readonly node: LineageNode;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

/** The boxes by the ids of their nodes, and the room that all of them take. */
function boxesOf(lineage: Lineage): { boxes: Map<string, Box>; across: number; down: number } {
  const nodes = nodesById(lineage);
  const layers = layersOf(lineage);
  const widest = Math.max(...layers.map((layer) => layer.length));
  const across = widest * (width + gap) - gap + 2 * margin;
  const boxes = new Map<string, Box>();
  let y = margin;
  for (const layer of layers) {
    const known = layer.flatMap((id) => nodes.get(id) ?? []);
    const start = (across - (known.length * (width + gap) - gap)) / 2;
    const heights = known.map((node) => (linesOf(node).length + 1) * lineHeight);
    for (const [at, node] of known.entries())
      boxes.set(node.id, { node, x: start + at * (width + gap), y, height: heights[at] ?? 0 });
    y += Math.max(0, ...heights) + between;
  }
  return { boxes, across, down: y };
}

function boxText({ node, x, y, height }: Box): string[] {
  const stroke = node.kind === 'missing' || node.kind === 'statement' ? wrong : plain;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="#ffffff" stroke="${stroke}"/>`,
    ...linesOf(node).map((line, at) => {
      const weight = at === 1 ? ' font-weight="bold"' : '';
      const below = y + (at + 1.25) * lineHeight;
      return `<text x="${x + 8}" y="${below}"${weight}>${escaped(line, columns)}</text>`;
    }),
  ];
}

/** Lines between boxes. A link to its own box, or upwards, leaves at the right side. */
function linkLines(lineage: Lineage, boxes: ReadonlyMap<string, Box>, failing: readonly Failing[]): string[] {
  const numbers = numbersOf(failing);
  return lineage.links.flatMap((link) => {
    const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
    if (from === undefined || to === undefined) return [];
    const isWrong = link.failures.length > 0;
    const side = to.y <= from.y ? width / 2 : 0;
    const [x1, y1] = [from.x + width / 2 + side, from.y + (side > 0 ? from.height / 2 : from.height)];
    const [x2, y2] = [to.x + width / 2 + side, to.y + (side > 0 ? to.height / 4 : 0)];
    const look = isWrong ? `stroke="${wrong}" stroke-width="2" stroke-dasharray="6 3"` : `stroke="${plain}"`;
    const codes = link.failures.map(({ code }) => code).join(', ');
    const text = isWrong ? `${link.kind} [${numbers.get(link) ?? ''}] ${codes}` : link.kind;
    return [
      `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" ${look} marker-end="url(#to)"/>`,
      `<text x="${(x1 + x2) / 2 + 4}" y="${(y1 + y2) / 2}" fill="${isWrong ? wrong : plain}">${escaped(text, 80)}</text>`,
    ];
  });
}

/** A picture that stands alone. */
export function drawSvg(lineage: Lineage): string {
  const { boxes, across, down } = boxesOf(lineage);
  const failing = failingLinks(lineage);
  const left = lineage.nodes.length - boxes.size;
  const below = [
    lineage.ok ? 'every link holds' : `links that fail: ${failing.length}`,
    ...failing.flatMap(({ number, lines }) => lines.map((line) => `[${number}] ${line}`)),
    ...(left > 0 ? [`${left} more nodes are not drawn`] : []),
  ];
  const [wide, high] = [Math.max(across, 900), down + (below.length + 1) * lineHeight];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" font-family="sans-serif" font-size="12">`,
    '<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
    `<rect width="${wide}" height="${high}" fill="#ffffff"/>`,
    ...linkLines(lineage, boxes, failing),
    ...[...boxes.values()].flatMap(boxText),
    ...below.map((line, at) => {
      const colour = lineage.ok ? plain : wrong;
      return `<text x="${margin}" y="${down + at * lineHeight}" fill="${colour}">${escaped(line, 400)}</text>`;
    }),
    '</svg>',
    '',
  ].join('\n');
}
