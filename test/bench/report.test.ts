// What `npm run bench` writes: every row is in the Markdown, the picture is well-formed XML, and both depend on nothing but the rows.
import { describe, expect, it } from 'vitest';
import { inTurns, ratiosOf } from '../../scripts/bench/cost.ts';
import { jsonOf, linesOf, markdownOf, pictureOf, type Report } from '../../scripts/bench/report.ts';
import { planOf, type Row, rowOf } from '../../scripts/bench/rows.ts';
import { linksPicture, losses, rates, roundTrips } from '../../scripts/links/picture.ts';

const machine = {
  ...{ processor: 'A <fast> & plain one', processors: 2, memory: '4.0 GiB', node: '26.0.0', openssl: '3.5.0' },
  ...{ date: '2026-01-01T00:00:00.000Z', load: [0.1, 0.2, 0.3] },
};
const rows: readonly Row[] = [
  rowOf({ part: 'one', name: 'a < b', of: '"c" & d', unit: 'time', note: 'x | y' }, [0.5, 0.7, 0.6, 0.65]),
  rowOf({ part: 'one', name: 'another', of: 'the first', unit: 'CPU time', note: '' }, [12, 15, 11]),
  rowOf({ part: 'two', name: 'nothing came', of: 'all', unit: 'handshakes a second', note: '' }, [0, 0.2]),
];
const report: Report = { machine, rows };

/** The names of elements in order, of well-formed XML. @throws Error where it is not */
function elementsOf(xml: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  let at = 0;
  for (const { index, 0: tag, 1: closes, 2: name = '', 3: attributes = '', 4: empty } of xml.matchAll(
    /<(\/?)([a-zA-Z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g,
  )) {
    const between = xml.slice(at, index) + attributes;
    if (/<|&(?!(?:amp|lt|gt|quot);)/.test(between)) throw new Error(`not well-formed before ${index}: ${between}`);
    at = index + tag.length;
    if (closes === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes another element`);
      continue;
    }
    names.push(name);
    if (empty !== '/') open.push(name);
  }
  if (open.length > 0 || xml.slice(at).trim() !== '') throw new Error('an element is not closed');
  return names;
}

describe('the forms of a report', () => {
  it('the Markdown has every row, in a table of its part', () => {
    const markdown = markdownOf(report);
    for (const { name, of, part } of rows)
      expect(markdown).toMatch(new RegExp(`## ${part}\n[^#]*\\| ${name} \\| ${of} `));
    expect(markdown).toContain('| 0.600 | 0.500 to 0.650 | x \\| y |');
    expect(markdown).toContain('load averages at the start 0.1, 0.2, 0.3');
  });

  it('the picture is well-formed, and has a dot for each row', () => {
    const names = elementsOf(pictureOf(report));
    expect(names[0]).toBe('svg');
    expect(names.filter((name) => name === 'circle')).toHaveLength(rows.length);
    expect(pictureOf(report)).toContain('a &lt; b / &quot;c&quot; &amp; d');
    expect(pictureOf(report)).not.toContain('NaN');
  });

  it('so is the picture of spec/performance.md, with a number in each cell', () => {
    const cells = losses.length * rates.length * roundTrips.length;
    expect(elementsOf(linksPicture()).filter((name) => name === 'rect')).toHaveLength(1 + cells);
    expect([...linksPicture().matchAll(/>\d\.\d\d</g)]).toHaveLength(cells);
  });

  it('what is not well-formed is told', () => {
    expect(() => elementsOf('<svg><text>a & b</text></svg>')).toThrow('not well-formed');
    expect(() => elementsOf('<svg><text>a</svg>')).toThrow('closes another');
    expect(() => elementsOf('<svg>')).toThrow('not closed');
  });

  it('all forms depend on the rows alone', () => {
    const again: Report = JSON.parse(jsonOf(report));
    expect(again).toEqual(report);
    expect([markdownOf(again), pictureOf(again)]).toEqual([markdownOf(report), pictureOf(report)]);
  });

  it('a line says the ratio, what it is over, and its quartiles', () => {
    expect(linesOf(rows[1] as Row)).toEqual([
      'one: another / the first = 12.0 of the CPU time (quartiles 11.0 to 12.0)',
    ]);
  });
});

describe('what is measured in turns', () => {
  it('nobody is always first, and rounds of warming are not kept', async () => {
    const order: string[] = [];
    const costs = await inTurns([() => order.push('a'), () => order.push('b')], 1, 2);
    expect(order.join('')).toBe('abbaab');
    expect(costs.map(({ length }) => length)).toEqual([2, 2]);
    expect(ratiosOf([[{ elapsed: 6, worked: 2 }], [{ elapsed: 3, worked: 8 }]], 0, 1, 'elapsed')).toEqual([2]);
  });

  it('ratios that are none are refused', () => {
    const told = { part: 'one', name: 'a', of: 'b', unit: 'time', note: '' };
    for (const ratios of [[], [Number.NaN], [Number.POSITIVE_INFINITY], [-1]])
      expect(() => rowOf(told, ratios)).toThrow('no ratios');
  });

  it('a quick run has a tenth of the rounds, and at least three', () => {
    expect([400, 20, 2].map(planOf(true).rounds)).toEqual([40, 3, 2]);
    expect([400, 20, 2].map(planOf(false).rounds)).toEqual([400, 20, 2]);
  });
});
