// Asks our engine and Cedar the same, and tells where they differ.
import type { AccessRequest, Decision } from '../../src/mcp/contract.ts';
import { type AuthorizationAnswer, loadCedar } from '../../src/mcp/policy/cedar/engine.ts';
import type { PolicyDocument } from '../../src/mcp/policy/document.ts';
import { policyOf } from '../../src/mcp/policy/policy.ts';
import { protocolRule } from '../../src/mcp/policy/rules.ts';
import { seeded, world } from './random.ts';
import { toCedar, translation } from './toCedar.ts';

/** A request that two engines judge otherwise. */
export interface Difference {
  readonly document: PolicyDocument;
  readonly request: AccessRequest;
  readonly ours: Decision;
  readonly cedar: unknown;
}

/** How many requests there were, and how they were judged. */
export interface Comparison {
  readonly differences: readonly Difference[];
  readonly allowed: number;
  readonly reasons: ReadonlyMap<string, number>;
}

const time = new Date('2027-01-01T00:00:00Z');

/** Compares `policies` random policies on `requests` random requests each. */
export function compare(seed: number, policies: number, requests: number): Comparison {
  const cedar = loadCedar('random');
  const { policy, request: draw } = world(seeded(seed));
  const differences: Difference[] = [];
  const reasons = new Map<string, number>();
  let allowed = 0;
  for (let i = 0; i < policies; i += 1) {
    const document = policy();
    const { decide } = policyOf('random', new TextEncoder().encode(JSON.stringify(document)));
    const preparsedPolicySetId = 'random';
    const parsed = cedar.preparsePolicySet(preparsedPolicySetId, { staticPolicies: toCedar(document) });
    if (parsed.type === 'failure') throw new Error(parsed.errors.map(({ message }) => message).join('; '));
    const translate = translation(document);
    for (let j = 0; j < requests; j += 1) {
      const request = draw(time);
      const ours = decide(request);
      const answer = cedar.statefulIsAuthorized({ ...translate(request), preparsedPolicySetId });
      if (ours.allowed) allowed += 1;
      else reasons.set(ours.reason, (reasons.get(ours.reason) ?? 0) + 1);
      if (!isSame(ours, answer)) differences.push({ document, request, ours, cedar: answer });
    }
  }
  return { differences, allowed, reasons };
}

/** Whether both allow, or both deny, and the rule that we name is one of those that decided for Cedar. */
function isSame(ours: Decision, answer: AuthorizationAnswer): boolean {
  if (answer.type === 'failure' || answer.response.diagnostics.errors.length > 0) return false;
  const { decision, diagnostics } = answer.response;
  if (ours.allowed !== (decision === 'allow')) return false;
  if (!ours.allowed && ours.reason !== 'forbidden') return diagnostics.reason.length === 0;
  return diagnostics.reason.some(
    (id) => id === ours.rule || (ours.rule === protocolRule && id.startsWith('protocol:')),
  );
}
