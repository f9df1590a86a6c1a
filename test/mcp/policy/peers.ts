// Peers and requests of these tests.
import type { AccessRequest, Json, Principal } from '../../../src/mcp/contract.ts';
import { type Policy, policyOf } from '../../../src/mcp/policy/policy.ts';

export const time = new Date('2027-01-01T12:00:00Z');

/** A peer that authenticated just now. */
export const peer = (facts: Partial<Principal>): Principal => ({
  identity: facts.names?.[0] ?? 'anyone',
  names: ['CN=anyone'],
  authorities: ['CN=Staff CA'],
  notAfter: new Date('2028-01-01T00:00:00Z'),
  certificateDigest: '',
  channelBinding: '',
  authenticated: time,
  epoch: 0,
  ...facts,
});

/** A call of a tool. */
export const call = (principal: Principal, name: string, given?: Json): AccessRequest => ({
  principal,
  method: 'tools/call',
  kind: 'tool',
  name,
  time,
  ...(given !== undefined && { arguments: given }),
});

/** A request about a resource. */
export const read = (principal: Principal, name: string, method = 'resources/read'): AccessRequest => ({
  principal,
  method,
  kind: 'resource',
  name,
  time,
});

/** The policy of a text. */
export const policyFrom = (text: string): Policy => policyOf('policy.yaml', Buffer.from(text));

/** A policy of rules, each a line of YAML in braces. */
export const rulesFrom = (...rules: readonly string[]): Policy =>
  policyFrom(`version: 1\nrules:\n${rules.map((rule) => `  - { ${rule} }\n`).join('')}`);
