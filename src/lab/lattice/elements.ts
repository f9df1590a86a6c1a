// What may leak, the sets of it, and the questions asked of each set: the cells of the lattice.
import type { Role } from '../../role.ts';

/** What may leak, seen from the agent whose session is tested. The order is that of the bits of a set. */
export const elements = [
  'own-static',
  'peer-static',
  'own-ephemeral',
  'peer-ephemeral',
  'own-coins',
  'peer-coins',
  'authority',
  'psk',
] as const;
export type Element = (typeof elements)[number];

/** A set of elements: bit i stands for `elements[i]`. */
export type LeakSet = number;

export const everything: LeakSet = 2 ** elements.length - 1;
export const bitOf = (element: Element): LeakSet => 2 ** elements.indexOf(element);
export const setOf = (...chosen: readonly Element[]): LeakSet => chosen.reduce((set, one) => set | bitOf(one), 0);
export const membersOf = (set: LeakSet): Element[] => elements.filter((one) => (set & bitOf(one)) !== 0);
export const isSubset = (one: LeakSet, other: LeakSet): boolean => (one & ~other) === 0;

/** Every set, small ones first; of one size, in the order of their numbers. */
export const allSets: readonly LeakSet[] = Array.from({ length: everything + 1 }, (_, set) => set).sort(
  (one, other) => membersOf(one).length - membersOf(other).length || one - other,
);

/** The name of a set: its elements joined by `+`; `nothing` for the empty one. */
export const nameOf = (set: LeakSet): string => (set === 0 ? 'nothing' : membersOf(set).join('+'));

const setsByName: ReadonlyMap<string, LeakSet> = new Map(allSets.map((set) => [nameOf(set), set]));
export const setNamed = (name: string): LeakSet | undefined => setsByName.get(name);

export const properties = ['secrecy', 'agreement', 'hiding-passive', 'hiding-active'] as const;
export type Property = (typeof properties)[number];

export const roles: readonly Role[] = ['initiator', 'responder'];

export const timings = ['before', 'after'] as const;
/** `before`: known from the start. `after`: given out when every run is over (phase 1). */
export type Timing = (typeof timings)[number];

/** One lattice of 256 cells: what is asked, of which role, with all leaks at one time. */
export interface Lattice {
  readonly property: Property;
  readonly role: Role;
  readonly timing: Timing;
}

export const latticeName = ({ property, role, timing }: Lattice): string => `${property}.${role}.${timing}`;

/** Agreement is a statement on the moment of completion: what leaks afterwards cannot change it. No prover is asked. */
export const byDefinition = ({ property, timing }: Lattice): boolean => property === 'agreement' && timing === 'after';

export const lattices: readonly Lattice[] = properties.flatMap((property) =>
  roles.flatMap((role) => timings.map((timing) => ({ property, role, timing }))),
);

/** The lattices of which provers are asked. */
export const asked: readonly Lattice[] = lattices.filter((one) => !byDefinition(one));

export interface Cell {
  readonly lattice: Lattice;
  readonly set: LeakSet;
}

/** The name of a cell, such as `secrecy.initiator.before:own-coins+psk`. */
export const cellName = ({ lattice, set }: Cell): string => `${latticeName(lattice)}:${nameOf(set)}`;

const latticesByName: ReadonlyMap<string, Lattice> = new Map(asked.map((one) => [latticeName(one), one]));

/** The cell of a name; undefined for a name of no cell that a prover is asked about. */
export function cellNamed(name: string): Cell | undefined {
  const [head = '', tail = ''] = name.split(':');
  const [lattice, set] = [latticesByName.get(head), setNamed(tail)];
  return lattice === undefined || set === undefined ? undefined : { lattice, set };
}
