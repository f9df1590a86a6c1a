// What follows from the answers of provers: more leaks, or earlier ones, break no less. Pure.
import {
  allSets,
  byDefinition,
  isSubset,
  type Lattice,
  type LeakSet,
  latticeName,
  lattices,
  nameOf,
  timings,
} from './elements.ts';

/** What a prover settled: the property holds (`safe`), an attack was found (`broken`), or neither (`open`). */
export const outcomes = ['safe', 'broken', 'open'] as const;
export type Outcome = (typeof outcomes)[number];

/** What provers settled of a lattice: by set. */
export type Settled = ReadonlyMap<LeakSet, Outcome>;
/** What provers settled of all lattices: by their names. */
export type AllSettled = ReadonlyMap<string, Settled>;

/** What a cell is, and by what: a prover's answer on its own text, monotony, or the definition of the property. */
export interface Status {
  readonly is: Outcome;
  readonly by: 'prover' | 'monotony' | 'definition';
}

/** Facts that decide a lattice: its own, and those of the same question at the other time that carry over. */
interface Facts {
  readonly safe: readonly LeakSet[];
  readonly broken: readonly LeakSet[];
}

const of = (settled: Settled | undefined, outcome: Outcome): LeakSet[] =>
  [...(settled ?? [])].filter(([, one]) => one === outcome).map(([set]) => set);

/**
 * Who has something from the start also has it afterwards. So what is safe against a set before is safe against it after, and what
 * a set breaks after it breaks before.
 */
function factsOf(all: AllSettled, { property, role, timing }: Lattice): Facts {
  const [before, after] = timings.map((time) => all.get(latticeName({ property, role, timing: time })));
  const own = timing === 'before' ? before : after;
  return {
    safe: [...of(own, 'safe'), ...(timing === 'after' ? of(before, 'safe') : [])],
    broken: [...of(own, 'broken'), ...(timing === 'before' ? of(after, 'broken') : [])],
  };
}

/** What follows for one set. A set that is both is a contradiction: of the models, or of a prover. */
function follows({ safe, broken }: Facts, set: LeakSet): Outcome | 'contradiction' {
  const holds = safe.some((larger) => isSubset(set, larger));
  const breaks = broken.some((smaller) => isSubset(smaller, set));
  if (holds && breaks) return 'contradiction';
  return holds ? 'safe' : breaks ? 'broken' : 'open';
}

/**
 * The status of the 256 cells of a lattice, by set.
 * @throws Error where answers contradict each other: a set that breaks, in one that does not
 */
export function statuses(all: AllSettled, lattice: Lattice): Map<LeakSet, Status> {
  if (byDefinition(lattice)) return new Map(allSets.map((set) => [set, { is: 'safe', by: 'definition' }]));
  const facts = factsOf(all, lattice);
  const settled = all.get(latticeName(lattice));
  const status = (set: LeakSet): Status => {
    const is = follows(facts, set);
    if (is === 'contradiction') {
      throw new Error(`${latticeName(lattice)}: answers contradict each other at ${nameOf(set)}`);
    }
    const asked = settled?.get(set);
    return { is, by: asked === undefined || asked === 'open' ? 'monotony' : 'prover' };
  };
  return new Map(allSets.map((set) => [set, status(set)]));
}

/** The sets of a lattice that break it, of which no part is known to. */
export function minimalBroken(all: ReadonlyMap<LeakSet, Status>): LeakSet[] {
  const broken = [...all].filter(([, { is }]) => is === 'broken').map(([set]) => set);
  return broken.filter((set) => !broken.some((other) => other !== set && isSubset(other, set)));
}

/** Whether every proper part of a set is known to be safe, so that a set that breaks is minimal for certain. */
export const isMinimal = (all: ReadonlyMap<LeakSet, Status>, set: LeakSet): boolean =>
  allSets.every((part) => part === set || !isSubset(part, set) || all.get(part)?.is === 'safe');

/** How many cells of all lattices are decided by what, and how many are open. */
export function countsOf(all: AllSettled): Readonly<Record<'prover' | 'monotony' | 'definition' | 'open', number>> {
  const counts = { prover: 0, monotony: 0, definition: 0, open: 0 };
  for (const { is, by } of lattices.flatMap((one) => [...statuses(all, one).values()])) {
    counts[is === 'open' ? 'open' : by] += 1;
  }
  return counts;
}
