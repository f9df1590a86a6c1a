// Forms of what was measured, each from the rows alone: text, Markdown, JSON, and a picture.
import { table } from '../../src/lab/spec/text.ts';
import type { Machine } from './machine.ts';
import type { Row } from './rows.ts';
import { escaped, text } from './svg.ts';

export interface Report {
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

/** Three digits that count; more where the number is larger. */
const figure = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toFixed(3);

const spread = ({ quartiles: [low, high] }: Row): string => `${figure(low)} to ${figure(high)}`;

const facts = ({ processor, processors, memory, node, openssl, date, load }: Machine): readonly string[] => [
  `${processor}, ${processors} processors, ${memory}`,
  `Node ${node}, OpenSSL ${openssl}`,
  `${date}, load averages at the start ${load.join(', ')}`,
];

/** Lines for a terminal. */
export const linesOf = (row: Row): readonly string[] => [
  `${row.part}: ${row.name} / ${row.of} = ${figure(row.ratio)} of the ${row.unit} (quartiles ${spread(row)})`,
  ...(row.note === '' ? [] : [`  ${row.note}`]),
];

/** The parts in their order, with their rows. */
function partsOf(rows: readonly Row[]): readonly (readonly [string, readonly Row[]])[] {
  const parts = [...new Set(rows.map(({ part }) => part))];
  return parts.map((part) => [part, rows.filter((row) => row.part === part)]);
}

export function markdownOf({ machine, rows }: Report): string {
  const sections = partsOf(rows).map(([part, some]) => {
    const cells = some.map((row) => [row.name, row.of, row.unit, figure(row.ratio), spread(row), row.note]);
    return `## ${part}\n\n${table(['what', 'over', 'of the', 'ratio', 'quartiles', 'note'], cells)}\n`;
  });
  const head = facts(machine).map((line) => `- ${line}`);
  return `# Measurements\n\n${head.join('\n')}\n\nRatios are medians of rounds in which both took turns.\n\n${sections.join('\n')}`;
}

export const jsonOf = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`;

const [width, labels, values, line] = [1_180, 560, 190, 20];
const axis = { from: labels + 10, to: width - values } as const;

/** What is less has no place on a logarithmic scale, and is drawn here. */
const least = 0.01;

/** A dot for each ratio with its quartiles, on a logarithmic scale, with a line at 1: left of it is less. */
export function pictureOf({ machine, rows }: Report): string {
  const all = rows.flatMap(({ ratio, quartiles }) => [ratio, ...quartiles]).map((one) => Math.max(least, one));
  const [low, high] = [Math.log(Math.min(0.5, ...all)), Math.log(Math.max(2, ...all))];
  const across = (ratio: number): number =>
    Math.round(axis.from + ((Math.log(Math.max(least, ratio)) - low) / (high - low)) * (axis.to - axis.from));
  const drawn: string[] = [];
  let y = 24;
  for (const one of facts(machine)) {
    drawn.push(text(10, y, one));
    y += line;
  }
  const top = y;
  for (const [part, some] of partsOf(rows)) {
    y += line;
    drawn.push(text(10, y, part, 'font-weight="bold"'));
    for (const row of some) {
      y += line;
      const { ratio, quartiles, name, of, unit } = row;
      const [from, to] = quartiles.map(across) as [number, number];
      drawn.push(
        text(labels, y, `${name} / ${of}, ${unit}`, 'text-anchor="end"'),
        `<line x1="${from}" y1="${y - 4}" x2="${to}" y2="${y - 4}" stroke="#56708f" stroke-width="3"/>`,
        `<circle cx="${across(ratio)}" cy="${y - 4}" r="5" fill="#1f3a5f"/>`,
        text(width - values + 10, y, `${figure(ratio)} (${spread(row)})`),
      );
    }
  }
  const one = across(1);
  const scale = `<line x1="${one}" y1="${top}" x2="${one}" y2="${y + 6}" stroke="#999" stroke-dasharray="3 3"/>`;
  const title = `<title>${escaped('Ratios with quartiles; left of the dashed line is less than what it is over')}</title>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 20}" font-family="sans-serif" font-size="12">`,
    title,
    '<rect width="100%" height="100%" fill="#fff"/>',
    scale,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}
