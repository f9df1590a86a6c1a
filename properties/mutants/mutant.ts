import type { Algebra, Coins, DecapsulationKey } from '../../src/algebra/algebra.ts';
import type { Reading } from '../../src/generated/keySchedule.ts';
import type { Certificate, EncapsulationKey } from '../../src/generated/kinds.ts';
import type { Role } from '../../src/protocol/parameters.ts';

/** What a broken peer has besides the algebra that it breaks. */
export interface Own<O> {
  readonly role: Role;
  readonly certificate: Certificate<O>;
  readonly decapsulationKey: DecapsulationKey<O>;
  /** Coins that were drawn once and are kept for every session. */
  readonly keptCoins: Coins<O>;
  /** The subject key of a certificate that nobody verified. */
  readonly subjectKey: (certificate: Certificate<O>) => EncapsulationKey<O>;
}

/** A protocol that is broken in one place, as a value of the reading or of the algebra; the state machines are the same. */
export interface Mutant {
  readonly id: string;
  /** What is broken, in a line. */
  readonly breaks: string;
  readonly reading?: (reading: Reading) => Reading;
  readonly algebra?: <O>(algebra: Algebra<O>, own: Own<O>) => Algebra<O>;
}
