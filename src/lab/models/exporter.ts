// The exporter and the session identifier, as the key schedule states them, on terms: what stands behind the release of k_session.
import { symbolicAlgebra, trusting } from '../../algebra/symbolic.ts';
import { type Term, termStore } from '../../algebra/terms.ts';
import { sizes } from '../../generated/constants.ts';
import { exported, sessionIdentifier } from '../../generated/keySchedule.ts';
import type { SessionKey } from '../../generated/kinds.ts';
import { type Definition, definitionOf } from './formulas.ts';
import { namesFor } from './symbols.ts';

/** A function of `k_session`: its formula, and the term that it is. */
export interface Exporting {
  readonly definition: Definition;
  readonly term: Term;
}

/**
 * `session`, the identifier of a session, and `export`, a key of an application. The key has as many octets as the identifier, as
 * keys of other lengths are functions apart on terms: so only the label keeps the two from being one.
 */
export function exporting(): readonly [session: Exporting, key: Exporting] {
  const terms = termStore();
  const algebra = symbolicAlgebra(terms, trusting(terms.name('authority')));
  const sessionKey = terms.variable('k_session') as SessionKey<Term>;
  const input = { label: terms.variable('label'), context: terms.variable('context'), length: sizes.hash };
  const named = (name: string, term: Term): Exporting => {
    const names = namesFor();
    names.set(term, name);
    return { definition: definitionOf(term, names), term };
  };
  return [
    named('session', sessionIdentifier(algebra, { sessionKey })),
    named('export', exported(algebra, { sessionKey, ...input })),
  ];
}
