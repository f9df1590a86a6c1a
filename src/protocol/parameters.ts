import type { Algebra, CoinsOrOwn, DecapsulationKey } from '../algebra/algebra.ts';
import type { Reading } from '../generated/keySchedule.ts';
import type { Certificate, PreSharedSecret } from '../generated/kinds.ts';
import type { Role } from '../role.ts';
import type { Hedge } from './hedging.ts';

/** One of the two peers. */
export type { Role };

/**
 * The time at which a message is sent that does not depend on the peer's message of the same step (section 3: inside a step
 * the directions are independent; PQ-3-02, PQ-3-03). `eager`: at once, five flights (PQ-P-13). Otherwise one peer speaks
 * first in every step and the other only after it: the one named first shows its certificate first (PQ-P-12).
 */
export type Schedule = 'eager' | { readonly first: Role };

/** Whether a role sends its message of a step without waiting for the peer's. */
export const speaksFirst = (schedule: Schedule, role: Role): boolean => schedule === 'eager' || schedule.first === role;

/** The needs of both roles for one handshake. Nothing of it signs (PQ-1-02). */
interface Parameters<O> {
  readonly algebra: Algebra<O>;
  readonly reading: Reading;
  readonly schedule: Schedule;
  /** One's own certificate and the decapsulation key of its subject key. */
  readonly certificate: Certificate<O>;
  readonly decapsulationKey: DecapsulationKey<O>;
  /** `ss_pre`; 32 to 128 octets (PQ-1-01, PQ-P-21, PQ-P-23). */
  readonly preSharedSecret?: PreSharedSecret<O> | undefined;
  /** Derives one's own coins from one's static key, too (PQ-P-61). */
  readonly hedge?: Hedge<O> | undefined;
}

export interface InitiatorParameters<O> extends Parameters<O> {
  readonly coins: {
    /** For `(sk_e, pk_e)`: `d || z`, 64 octets. */
    readonly ephemeralKey: CoinsOrOwn<O>;
    /** The IV of message 3: 12 octets. */
    readonly initialVector: CoinsOrOwn<O>;
    /** For `(ct_i, ss_i)`: 32 octets. */
    readonly encapsulation: CoinsOrOwn<O>;
  };
}

export interface ResponderParameters<O> extends Parameters<O> {
  readonly coins: {
    /** For `(ct_e, ss_e)`: 32 octets. */
    readonly ephemeralEncapsulation: CoinsOrOwn<O>;
    /** The IV of message 4: 12 octets. */
    readonly initialVector: CoinsOrOwn<O>;
    /** For `(ct_r, ss_r)`: 32 octets. */
    readonly encapsulation: CoinsOrOwn<O>;
  };
}
