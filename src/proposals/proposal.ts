// A proposal is a value of the seams: another reading, or operations over those of the algebra. The state machines are the same.
import type { FramedAlgebra } from '../algebra/algebra.ts';
import type { Reading } from '../generated/keySchedule.ts';
import type { Role } from '../role.ts';

/** What both peers have in common beside the key schedule. */
export interface Context {
  /** The name of the suite. */
  readonly suite: string;
}

/** One side of a handshake under a proposal. */
export interface Side {
  readonly role: Role;
  /** The peer holds the certificate of this side: it is sent by reference, where a proposal has references. */
  readonly byReference: boolean;
}

/** A change of the protocol. */
export interface Proposal {
  readonly reading?: (reading: Reading, context: Context) => Reading;
  readonly algebra?: <O>(algebra: FramedAlgebra<O>, side: Side) => FramedAlgebra<O>;
}
