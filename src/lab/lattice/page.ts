// The tables of models/lattice.md: minimal sets of leaks, how cells were decided, what is open.
import { table } from '../spec/text.ts';
import { type AllSettled, countsOf, isMinimal, minimalBroken, statuses } from './deduce.ts';
import {
  asked,
  cellName,
  type Lattice,
  type LeakSet,
  latticeName,
  membersOf,
  type Property,
  setNamed,
  type Timing,
  timings,
} from './elements.ts';
import type { Reason } from './reasons.ts';
import type { Recorded } from './record.ts';

const words: Readonly<Record<Property, string>> = {
  secrecy: 'secrecy',
  agreement: 'agreement',
  'hiding-passive': 'identity, passive',
  'hiding-active': 'identity, active',
};

const roleLetters = { initiator: 'I', responder: 'R' } as const;

/**
 * The roles for which a set is minimal. A star: a part of the set is open, so a smaller one may break too. A question mark: the
 * set itself is open.
 */
function marks(all: AllSettled, lattices: readonly Lattice[], set: LeakSet): string {
  const letters = lattices.flatMap((one) => {
    const found = statuses(all, one);
    const letter = roleLetters[one.role];
    if (found.get(set)?.is === 'open') return [`${letter}?`];
    return minimalBroken(found).includes(set) ? [`${letter}${isMinimal(found, set) ? '' : '\\*'}`] : [];
  });
  return letters.join(' ') || '-';
}

/** The rows of a reason: one for all properties that the set breaks alike. */
function rowsOf(all: AllSettled, { set: name, breaks, when, why }: Reason): string[][] {
  const set = setNamed(name) ?? 0;
  const alike = new Map<string, Property[]>();
  for (const property of breaks) {
    const at = (timing: Timing): string => {
      const of = asked.filter((one) => one.property === property && one.timing === timing);
      return (when ?? timing) === timing ? marks(all, of, set) : '-';
    };
    const times = timings.map(at).join('|');
    alike.set(times, [...(alike.get(times) ?? []), property]);
  }
  return [...alike].map(([times, found]) => {
    const shown = found.map((one) => words[one]).join('; ');
    return [`{ ${name.replaceAll('+', ', ')} }`, shown, ...times.split('|'), why];
  });
}

const minimalTable = (all: AllSettled, reasons: readonly Reason[]): string =>
  table(
    ['leaked', 'breaks', 'before', 'after', 'why'],
    reasons.flatMap((reason) => rowsOf(all, reason)),
  );

const secondsOf = (entries: readonly Recorded[]): number =>
  entries.flatMap(({ texts }) => texts).reduce((sum, { seconds }) => sum + seconds, 0);

function progressTable(all: AllSettled): string {
  const rows = asked.map((lattice) => {
    const found = [...statuses(all, lattice).values()];
    const count = (is: string, by?: string): number =>
      found.filter((one) => one.is === is && (by === undefined || one.by === by)).length;
    return [
      latticeName(lattice),
      count('safe', 'prover'),
      count('safe', 'monotony'),
      count('broken', 'prover'),
      count('broken', 'monotony'),
      count('open'),
    ];
  });
  return table(['lattice', 'holds, proved', 'holds, follows', 'attack found', 'broken, follows', 'open'], rows);
}

/** The cells that a prover left open, or was not asked about: the smallest of each lattice are named. */
function openCells(all: AllSettled): string[] {
  const lines = asked.flatMap((lattice) => {
    const open = [...statuses(all, lattice)].filter(([, { is }]) => is === 'open').map(([set]) => set);
    const [first] = open.toSorted((one, other) => membersOf(one).length - membersOf(other).length || one - other);
    if (first === undefined) return [];
    return [`- \`${latticeName(lattice)}\`: ${open.length}, from \`${cellName({ lattice, set: first })}\` on.`];
  });
  return lines.length === 0
    ? ['None.']
    : [...lines, '', '[`lattice/cells.json`](lattice/cells.json) names each: the letter `?`.'];
}

function countsLine(all: AllSettled, entries: readonly Recorded[]): string {
  const { prover, monotony, definition, open } = countsOf(all);
  const version = entries[0]?.version ?? '-';
  const minutes = Math.round(secondsOf(entries) / 60);
  return [
    `**${prover}** cells are decided by a prover on their own texts (ProVerif ${version}; ${minutes} minutes, on a busy machine),`,
    `**${monotony}** follow from them, **${definition}** hold by definition, **${open}** are open.`,
  ].join('\n');
}

/** The tables of the page, by name. */
export const latticeTables = (
  all: AllSettled,
  entries: readonly Recorded[],
  reasons: readonly Reason[],
): Readonly<Record<string, string>> => ({
  counts: countsLine(all, entries),
  minimal: minimalTable(all, reasons),
  progress: progressTable(all),
  open: openCells(all).join('\n'),
});
