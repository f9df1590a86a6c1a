import type { FailureCode } from '../../src/failure.ts';
import type { RequirementId } from '../../src/generated/requirements.ts';
import type { Role } from '../../src/protocol/parameters.ts';
import type { Arrival, Delivery } from './format.ts';

/** A delivery before it is played. */
export interface Planned {
  readonly name: string;
  readonly about: string;
  readonly requirements: readonly RequirementId[];
  readonly base?: string;
  readonly role: Role;
  readonly with?: Delivery['with'];
  readonly arrivals: readonly Arrival[];
  readonly ends: FailureCode | 'completed';
}
