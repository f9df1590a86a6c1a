// models/lattice.svg: every cell of every lattice as a map of 16 by 16 squares. Deterministic; fixed places, no text measured.
import { type AllSettled, minimalBroken, type Status, statuses } from './deduce.ts';
import { type Element, type Property, properties, roles, setOf, type Timing, timings } from './elements.ts';

/** Columns: what is drawn at random. Rows: what lasts. */
const across: readonly Element[] = ['own-ephemeral', 'peer-ephemeral', 'own-coins', 'peer-coins'];
const down: readonly Element[] = ['own-static', 'peer-static', 'authority', 'psk'];

/** 16 subsets, neighbours differing in one element (Gray code). */
const subsets = (of: readonly Element[]): (readonly Element[])[] =>
  Array.from({ length: 16 }, (_, at) => at ^ (at >> 1)).map((bits) => of.filter((_, bit) => (bits >> bit) & 1));

const side = 9;
const map = 16 * side;
const [left, top, gap, lead] = [118, 104, 18, 62];
const colours = { safe: '#cfe3f5', broken: '#e8833a', open: '#ffffff', definition: '#eeeeee' } as const;
const minimalColour = '#8c2d04';
const words: Readonly<Record<Property, string>> = {
  secrecy: 'secrecy of k_session',
  agreement: 'agreement',
  'hiding-passive': 'identity, passive',
  'hiding-active': 'identity, active',
};

const square = (x: number, y: number, colour: string, extra = ''): string =>
  `<rect x="${x}" y="${y}" width="${side - 1}" height="${side - 1}" fill="${colour}"${extra}/>`;

const label = (x: number, y: number, text: string, anchor = 'start', size = 11): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}">${text}</text>`;

const colourOf = ({ is, by }: Status, isMinimal: boolean): string => {
  if (isMinimal) return minimalColour;
  return by === 'definition' ? colours.definition : colours[is];
};

/** One path for the squares of a colour. */
function drawSquares(colour: string, places: readonly (readonly [number, number])[]): string {
  const size = side - 1;
  const path = places.map(([x, y]) => `M${x} ${y}h${size}v${size}h-${size}z`).join('');
  const edge = colour === colours.open ? ' stroke="#999999" stroke-width="0.6"' : '';
  return `<path d="${path}" fill="${colour}"${edge}/>`;
}

/** Bars beside a map, one for each element: where the sets are that have it. */
function bars(x: number, y: number, of: readonly Element[], way: 'across' | 'down'): string[] {
  return of.flatMap((element, lane) => {
    const offset = -8 - 6 * lane;
    const drawn = subsets(of).flatMap((set, at) => {
      if (!set.includes(element)) return [];
      const [bx, by] = way === 'across' ? [x + at * side, y + offset] : [x + offset, y + at * side];
      const [width, height] = way === 'across' ? [side, 3] : [3, side];
      return [`<rect x="${bx}" y="${by}" width="${width}" height="${height}" fill="#444444"/>`];
    });
    return drawn;
  });
}

function names(x: number, y: number): string[] {
  const upper = across.map((one, lane) => label(x - 6, y - 4 - 6 * lane, one, 'end', 6.5));
  const lower = down.map((one, lane) => {
    const [nx, ny] = [x - 6 - 6 * lane, y + map + 6];
    return `<text transform="translate(${nx} ${ny}) rotate(-60)" text-anchor="end" font-size="6.5">${one}</text>`;
  });
  return [...upper, ...lower];
}

function drawMap(all: AllSettled, lattice: Parameters<typeof statuses>[1], x: number, y: number): string[] {
  const found = statuses(all, lattice);
  const minimal = minimalBroken(found);
  const places = new Map<string, [number, number][]>();
  for (const [r, rows] of subsets(down).entries()) {
    for (const [c, columns] of subsets(across).entries()) {
      const set = setOf(...rows, ...columns);
      const colour = colourOf(found.get(set) ?? { is: 'open', by: 'prover' }, minimal.includes(set));
      places.set(colour, [...(places.get(colour) ?? []), [x + c * side, y + r * side]]);
    }
  }
  const cells = [...places].map(([colour, of]) => drawSquares(colour, of));
  return [...bars(x, y, across, 'across'), ...bars(x, y, down, 'down'), ...cells];
}

function legend(y: number): string[] {
  const entries: [string, string][] = [
    [colours.safe, 'holds'],
    [minimalColour, 'broken: a minimal set'],
    [colours.broken, 'broken: a larger set'],
    [colours.open, 'open'],
    [colours.definition, 'holds by definition'],
  ];
  return entries.flatMap(([colour, text], at) => {
    const x = left + at * 150;
    return [square(x, y - 8, colour, ' stroke="#999999" stroke-width="0.6"'), label(x + 13, y, text, 'start', 10)];
  });
}

const when: Readonly<Record<Timing, string>> = { before: 'leaked before', after: 'leaked after' };

/** The picture: a row of maps for each role and time, a column for each property. */
export function pictureText(all: AllSettled): string {
  const pitch = map + gap + lead;
  const rows = roles.flatMap((role) => timings.map((timing) => ({ role, timing })));
  const maps = rows.flatMap(({ role, timing }, r) => {
    const y = top + r * pitch;
    const head = [label(10, y + 60, role), label(10, y + 75, when[timing])];
    const drawn = properties.flatMap((property, c) => drawMap(all, { property, role, timing }, left + c * pitch, y));
    return [...head, ...names(left, y), ...drawn];
  });
  const heads = properties.map((property, c) => label(left + c * pitch + map / 2, 46, words[property], 'middle', 13));
  const [width, height] = [left + 4 * pitch, top + 4 * pitch + 10];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" fill="#222222">`,
    '<title>Exposure lattice: which sets of leaks break which property</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    label(
      10,
      22,
      'Each square is a set of leaks: bars above and beside a map mark the squares whose set has the element.',
    ),
    ...heads,
    ...maps,
    ...legend(height - 12),
    '</svg>',
  ].join('\n')}\n`;
}
