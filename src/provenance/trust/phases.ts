// The phases of the way from classical to post-quantum signatures, and which of them is in force when.
import { match } from 'ts-pattern';
import { timeOf } from '../../time.ts';
import type { AlgorithmName } from '../contract.ts';
import { algorithmTable } from '../signature/algorithms.ts';
import type { TrustCode } from './codes.ts';
import type { Phase, PhaseDocument, PresetName } from './document.ts';

const untilThen = (notAfter: string, notBefore: string): readonly PhaseDocument[] => [
  { phase: 'classical', notAfter },
  { phase: 'post-quantum', notBefore },
];

/** Phases with the dates of public road maps. Until such a date any algorithm is accepted, after it post-quantum ones. */
export const phasePresets = {
  /** US executive order 14412: signatures by the end of 2031. */
  'us-eo-14412': untilThen('2031-12-31', '2032-01-01'),
  /** EU road map: where the risk is high, by the end of 2030. */
  'eu-2030': untilThen('2030-12-31', '2031-01-01'),
  /** EU road map: wherever it is feasible, by the end of 2035. */
  'eu-2035': untilThen('2035-12-31', '2036-01-01'),
} as const satisfies Readonly<Record<PresetName, readonly PhaseDocument[]>>;

/** A phase, compiled. Both moments belong to it, in milliseconds. */
export interface TimedPhase {
  readonly phase: Phase;
  readonly algorithms: readonly AlgorithmName[];
  readonly from: number;
  readonly to: number;
  /** For people: `post-quantum from 2032-01-01`. */
  readonly text: string;
}

const day = 86_400_000;
const isDate = (text: string): boolean => text.length === '2031-12-31'.length;

/**
 * Compiles a phase.
 * @returns in words what is wrong with a moment that does not exist, and with an end before the beginning
 */
export function timedPhase({ phase, notBefore, notAfter, algorithms = [] }: PhaseDocument): TimedPhase | string {
  const first = notBefore === undefined ? undefined : timeOf(notBefore);
  const last = notAfter === undefined ? undefined : timeOf(notAfter);
  if (notBefore !== undefined && first === undefined)
    return `notBefore: found ${notBefore}, a time that does not exist`;
  if (notAfter !== undefined && last === undefined) return `notAfter: found ${notAfter}, a time that does not exist`;
  const from = first?.getTime() ?? Number.NEGATIVE_INFINITY;
  const to = last === undefined ? Number.POSITIVE_INFINITY : last.getTime() + (isDate(notAfter ?? '') ? day - 1 : 0);
  if (to < from) return `notAfter: found ${notAfter}, expected a time after ${notBefore}`;
  const begins = notBefore === undefined ? '' : ` from ${notBefore}`;
  const ends = notAfter === undefined ? '' : ` until ${notAfter}`;
  const named = algorithms.length === 0 ? '' : ` (${algorithms.join(', ')})`;
  return { phase, algorithms, from, to, text: `${phase}${named}${begins}${ends}` };
}

/** The phases that are in force; none at an invalid time. */
export const inForce = (phases: readonly TimedPhase[], time: Date): readonly TimedPhase[] =>
  phases.filter(({ from, to }) => time.getTime() >= from && time.getTime() <= to);

const isPostQuantum = (name: AlgorithmName): boolean => algorithmTable[name].isPostQuantum;
/** A composite is broken only where both of its parts are. */
const isClassical = (name: AlgorithmName): boolean => !isPostQuantum(name) || name === 'mldsa87-ecdsa-p384-sha512';

/** What the algorithms of the signatures of one signer lack in a phase; `undefined` when they lack nothing. */
export function lacks({ phase, algorithms }: TimedPhase, found: readonly AlgorithmName[]): TrustCode | undefined {
  const missing = match(phase)
    .with('classical', () => undefined)
    .with('hybrid', () =>
      found.some(isPostQuantum) && found.some(isClassical) ? undefined : ('hybrid-incomplete' as const),
    )
    .with('post-quantum', () => (found.some(isPostQuantum) ? undefined : ('post-quantum-missing' as const)))
    .exhaustive();
  return missing ?? (algorithms.every((one) => found.includes(one)) ? undefined : 'phase-algorithm-missing');
}
