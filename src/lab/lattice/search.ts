// Which cell is asked next. Pure: from what is settled, the next set of a lattice.
import { type AllSettled, type Settled, statuses } from './deduce.ts';
import { allSets, elements, isSubset, type Lattice, type LeakSet, latticeName } from './elements.ts';

const isOpen = (settled: Settled | undefined, set: LeakSet): boolean => settled?.get(set) === 'open';

/** The largest sets that contain none of some sets. */
export function largestWithout(sets: readonly LeakSet[]): LeakSet[] {
  const without = allSets.filter((set) => !sets.some((one) => isSubset(one, set)));
  return without.filter((set) => !without.some((other) => other !== set && isSubset(set, other)));
}

/**
 * The next set of which a prover should be asked, so that few answers decide a lattice; undefined when each cell is decided or was
 * asked about. Sets that are expected to be minimal, and the largest ones that contain none of them, come first: where the
 * expectation is right, nothing else has to be asked, and where it is wrong, it costs time and decides nothing. Then elements
 * are added to the largest set that is safe, until no more is safe. Then comes the smallest undecided set.
 */
export function nextSet(all: AllSettled, lattice: Lattice, expected: readonly LeakSet[] = []): LeakSet | undefined {
  const now = statuses(all, lattice);
  const settled = all.get(latticeName(lattice));
  const undecided = (set: LeakSet): boolean => now.get(set)?.is === 'open' && !isOpen(settled, set);
  const grown = (set: LeakSet): LeakSet[] => elements.map((_, bit) => set | (1 << bit)).filter((one) => one !== set);
  const proved = allSets.filter((set) => settled?.get(set) === 'safe');
  const isLargest = (set: LeakSet): boolean => !proved.some((other) => other !== set && isSubset(set, other));
  const guesses = expected.length === 0 ? [] : [...expected, ...largestWithout(expected)];
  const next = [...guesses, ...proved.filter(isLargest).reverse().flatMap(grown)].find(undecided);
  return next ?? allSets.find(undecided);
}
