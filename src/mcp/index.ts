/**
 * Model Context Protocol between peers that PQuAKE authenticates.
 * @module pquake-mcp
 */
export type { AccessRequest, Assurance, Decision, DenyReason, Principal, RecordedEvent, Recorder } from './contract.ts';
export { type Explanation, type Policy, readPolicy } from './policy/policy.ts';
export type { Limits, Reauthentication } from './policy/terms.ts';
export { accountOf, type Usage, usageCounters } from './policy/usage.ts';
export { type PolicyWatchOptions, type WatchedPolicy, watchPolicy } from './policy/watch.ts';
