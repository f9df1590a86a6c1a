// The steps of the example, drawn.
import { type Line, print } from '../../node/terminal/output.ts';
import { heading, style } from '../../node/terminal/style.ts';
import { isAsTold, type Row, type Seen, type Step } from './told.ts';

const widths = { who: 9, does: 21, gets: 32 } as const;

const columns = (who: string, does: string, { gets, record }: Seen): string =>
  `${who.padEnd(widths.who)} ${does.padEnd(widths.does)} ${gets.padEnd(widths.gets)} ${record}`.trimEnd();

function drawRow(row: Row): readonly Line[] {
  const { who, does, expected, found, remark } = row;
  const isGood = isAsTold(row);
  const isNo = /^(denied|certificate-|too-many|tool )/.test(found.record);
  const mark = isGood ? '  ' : style('red', '! ');
  const line = { styled: `${mark}${style(isGood ? (isNo ? 'cyan' : 'green') : 'red', columns(who, does, found))}` };
  const below = remark === undefined ? [] : [`  ${columns('', '', { gets: `(${remark})`, record: '' })}`];
  const wanted = isGood ? [] : [`  ${columns('', 'expected:', expected)}`];
  return [line, ...below, ...wanted];
}

/** A step as lines. @param number - counts from 1 */
export const stepLines = ({ title, rows, lines = [] }: Step, number: number): readonly Line[] => [
  ...['', heading(`${number}. ${title}`)],
  ...rows.flatMap(drawRow),
  ...lines.map((line) => `    ${line}`),
];

export function showOpening(suite: string, policy: string): void {
  print(heading('MCP over PQuAKE: a ward, whose server is reached by known peers, as a policy says, on record'));
  print(`  ML-KEM-1024, ML-DSA-87; ${suite} back end; Node ${process.versions.node}; policy: ${policy}`);
  print(`  ${columns('who', 'does', { gets: 'gets', record: 'the record says' })}`);
}
