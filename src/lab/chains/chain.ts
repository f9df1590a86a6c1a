import type { FailureCode } from '../../failure.ts';
import type { RequirementId } from '../../generated/requirements.ts';

/** A certificate with what is configured, and what must be said of it. */
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
  /** The code with which it is refused; a good chain has none. */
  readonly code?: FailureCode;
}
