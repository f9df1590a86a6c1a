import type { Reading } from '../../generated/keySchedule.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import type { Variant } from '../adversary/session.ts';

export type { Own } from '../adversary/session.ts';

/** A protocol that is broken in one place, as a value of the reading or of the algebra; the state machines are the same. */
export interface Mutant {
  readonly id: string;
  /** The requirements that it does not meet: what catches it depends on them. */
  readonly requirements: readonly RequirementId[];
  /** The fault, in a line. */
  readonly breaks: string;
  readonly reading?: (reading: Reading) => Reading;
  readonly algebra?: NonNullable<Variant['broken']>;
  /** The reason why no adversary on terms can tell it from the protocol. Exactly the mutants that no invariant kills have one. */
  readonly survives?: string;
}
