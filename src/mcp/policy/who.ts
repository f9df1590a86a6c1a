// Whether a peer is one of those whom a part of a policy is about.
import { type Assurance, assertedBy, reaches, shownAssurance } from '../../assurance.ts';
import { comparable, patternSet } from '../../pattern.ts';
import type { Principal } from '../contract.ts';
import type { Who } from './document.ts';

/** A peer with what its authority asserts of it. */
export interface Subject {
  readonly principal: Principal;
  /** In the form in which names are compared. */
  readonly names: readonly string[];
  readonly assurance: Assurance | undefined;
}

/** One question of a rule, in a form that also tells people why it was answered as it was. */
export interface Condition<T> {
  readonly field: string;
  readonly holds: (asked: T) => boolean;
  readonly expected: string;
  readonly found: (asked: T) => string;
}

/** Whether all conditions hold. */
export const hold = <T>(conditions: readonly Condition<T>[], asked: T): boolean => {
  for (const condition of conditions) if (!condition.holds(asked)) return false;
  return true;
};

/** Lists for people, cut where they are long. */
export const listed = (texts: readonly string[]): string =>
  texts.length <= 4 ? texts.join(', ') || 'none' : `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more`;

/**
 * The conditions of a part of a policy on peers. A peer may stand under several trust anchors: what permits has to fit all of them,
 * what forbids only one.
 */
export function whoConditions<T extends Subject>(who: Who, effect: 'permit' | 'forbid'): Condition<T>[] {
  const conditions: Condition<T>[] = [];
  if (who.names !== undefined) {
    const set = patternSet(who.names, 'names');
    conditions.push({
      field: 'names',
      holds: ({ names }) => names.some((name) => set.matches(name)),
      expected: listed(who.names),
      found: ({ principal }) => listed(principal.names),
    });
  }
  if (who.authorities !== undefined) {
    const set = patternSet(who.authorities, 'names');
    conditions.push({
      field: 'authorities',
      holds: ({ principal: { authorities } }) =>
        effect === 'permit' ? authorities.length > 0 && authorities.every(set.matches) : authorities.some(set.matches),
      expected: listed(who.authorities),
      found: ({ principal }) => listed(principal.authorities),
    });
  }
  if (who.assurance !== undefined) {
    const least = who.assurance;
    conditions.push({
      field: 'assurance',
      holds: ({ assurance }) => reaches(assurance, least),
      expected: `at least ${shownAssurance(least)}`,
      found: ({ assurance }) => shownAssurance(assurance),
    });
  }
  return conditions;
}

/** A peer, made ready to be asked about. */
export const subjectOf = (principal: Principal, asserted: ReadonlyMap<string, Assurance>): Subject => ({
  principal,
  names: principal.names.map(comparable),
  assurance: principal.assurance ?? assertedBy(asserted, principal.authorities),
});
