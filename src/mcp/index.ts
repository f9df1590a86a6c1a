/**
 * Model Context Protocol between peers that PQuAKE authenticates.
 * @module pquake-mcp
 */
export type { AccessRequest, Assurance, Decision, DenyReason, Principal, RecordedEvent, Recorder } from './contract.ts';
