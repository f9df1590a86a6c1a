import type { FailureCode } from '../../failure.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import type { Role } from '../../role.ts';
import type { Arrival, Change, Delivery } from './format.ts';

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

export const roles: readonly Role[] = ['initiator', 'responder'];
/** The messages that arrive at a role, in order. */
export const arriving = { initiator: [2, 4, 6, 8], responder: [1, 3, 5, 7] } as const;
export const all = (role: Role, of?: string): Arrival[] =>
  arriving[role].map((message) => ({ message, ...(of === undefined ? {} : { of }) }));
/** All messages, one of them changed. */
export const withChange = (role: Role, at: number, change: Change): Arrival[] =>
  arriving[role].map((message, index) => (index === at ? { message, ...change } : { message }));

/** The requirements that a wrong confirmation value shows. */
export const confirmed: readonly RequirementId[] = ['PQ-3.5-04', 'PQ-P-37', 'PQ-P-39'];
