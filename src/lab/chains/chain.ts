import type { FailureCode } from '../../failure.ts';
import type { RequirementId } from '../../generated/requirements.ts';

/** A certificate, the configuration that it is judged under, and the expected result. */
export interface Chain {
  readonly id: string;
  readonly says: string;
  readonly requirement: RequirementId;
  readonly leaf: Uint8Array;
  readonly anchors: readonly Uint8Array[];
  readonly intermediates?: readonly Uint8Array[];
  readonly lists?: readonly Uint8Array[];
  readonly revocation?: 'required' | 'if-present';
  readonly at?: Date;
  /** The code with which the chain is refused; absent for a good chain. */
  readonly code?: FailureCode;
}
