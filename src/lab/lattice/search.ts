// Which cell is asked next. Pure: from what is settled, the next set of a lattice.
import { type AllSettled, type Settled, statuses } from './deduce.ts';
import { allSets, elements, isSubset, type Lattice, type LeakSet, latticeName } from './elements.ts';

const isOpen = (settled: Settled | undefined, set: LeakSet): boolean => settled?.get(set) === 'open';

/**
 * The next set of which a prover should be asked, so that few answers decide a lattice; undefined when each cell is decided or was
 * asked about. First it adds elements to the largest set known to be safe by its own text, until no more is safe: that is a
 * maximal one. Then it goes on from the smallest undecided set. A set that is found to break is minimal when every smaller
 * one is decided.
 */
export function nextSet(all: AllSettled, lattice: Lattice): LeakSet | undefined {
  const now = statuses(all, lattice);
  const settled = all.get(latticeName(lattice));
  const undecided = (set: LeakSet): boolean => now.get(set)?.is === 'open' && !isOpen(settled, set);
  const grown = (set: LeakSet): LeakSet[] => elements.map((_, bit) => set | (1 << bit)).filter((one) => one !== set);
  const proved = allSets.filter((set) => settled?.get(set) === 'safe');
  const isLargest = (set: LeakSet): boolean => !proved.some((other) => other !== set && isSubset(set, other));
  const next = proved.filter(isLargest).reverse().flatMap(grown).find(undecided);
  return next ?? allSets.find(undecided);
}

/**
 * The next set of which a prover is asked though its answer is known by monotony: the small sets, which a reader looks up, before
 * the large ones. A wrong answer of a prover, or a wrong model, would show as a contradiction.
 */
export function nextConfirmed(all: AllSettled, lattice: Lattice): LeakSet | undefined {
  const settled = all.get(latticeName(lattice));
  return allSets.find((set) => settled?.has(set) !== true);
}
