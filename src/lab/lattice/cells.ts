// models/lattice/cells.json: what each of the 256 cells of a lattice is, a letter each, as it follows from the record.

import { type AllSettled, type Status, statuses } from './deduce.ts';
import { allSets, elements, type Lattice, latticeName, lattices, nameOf } from './elements.ts';

/** Capitals: a prover said so of the cell's own text. Small letters: by monotony. */
const letters: Readonly<Record<Status['is'], Readonly<Record<Status['by'], string>>>> = {
  safe: { prover: 'S', monotony: 's', definition: 'd' },
  broken: { prover: 'B', monotony: 'b', definition: '!' },
  open: { prover: '?', monotony: '?', definition: '?' },
};

const meaning = {
  S: 'holds, proved on its own text',
  s: 'holds, by monotony',
  B: 'an attack was found on its own text',
  b: 'broken, by monotony',
  d: 'holds by definition',
  '?': 'open',
};

/** The letters of a lattice: that of a set stands at its number. */
export function lettersOf(all: AllSettled, lattice: Lattice): string {
  const found = statuses(all, lattice);
  return allSets
    .toSorted((one, other) => one - other)
    .map((set) => {
      const { is, by } = found.get(set) ?? { is: 'open', by: 'prover' };
      return letters[is][by];
    })
    .join('');
}

/** The file: elements in the order of the bits of a set's number, and the letters of each lattice. */
export function cellsText(all: AllSettled): string {
  const cells = Object.fromEntries(lattices.map((one) => [latticeName(one), lettersOf(all, one)]));
  return `${JSON.stringify({ elements, letters: meaning, cells }, null, 2)}\n`;
}

/** How a file of cells differs from what follows: the first cell of each lattice, a line each. */
export function differences(all: AllSettled, text: string): string[] {
  const { cells = {} } = JSON.parse(text) as { cells?: Readonly<Record<string, string>> };
  return lattices.flatMap((lattice) => {
    const [recorded = '', follows] = [cells[latticeName(lattice)], lettersOf(all, lattice)];
    const at = [...follows].findIndex((letter, set) => recorded[set] !== letter);
    if (at < 0 && recorded.length === follows.length) return [];
    const set = Math.max(at, 0);
    return [
      `${latticeName(lattice)}:${nameOf(set)}: ${recorded[set] ?? 'nothing'} is written, ${follows[set]} follows`,
    ];
  });
}
