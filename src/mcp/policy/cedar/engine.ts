// Cedar as the engine of a policy. It decides who may do what; counters, sizes and ages stay ours.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { DetailedError, PolicyJson, Response } from '@cedar-policy/cedar-wasm/nodejs';
import { codeOf, refuseFile } from '../../../node/files/fileErrors.ts';
import type { AccessRequest, Assurance, Decision } from '../../contract.ts';
import { type Engine, useOf } from '../rules.ts';
import { subjectOf } from '../who.ts';
import { cedarRequest, isOutside } from './request.ts';

/** The package. It is installed only where this engine is used. */
export type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs');

export type {
  AuthorizationAnswer,
  CedarValueJson,
  EntityJson,
  Expr,
  PolicyJson,
} from '@cedar-policy/cedar-wasm/nodejs';

/** A file and its text. */
export interface Named {
  readonly file: string;
  readonly text: string;
}

/** Loads the package. @throws FileError when it is not installed */
export function loadCedar(file: string, load: (name: string) => unknown = createRequire(import.meta.url)): Cedar {
  try {
    return load('@cedar-policy/cedar-wasm/nodejs') as Cedar;
  } catch (error) {
    if (codeOf(error) !== 'MODULE_NOT_FOUND') throw error;
    return refuseFile(file, 'engine: cedar needs a package; install it: npm install @cedar-policy/cedar-wasm');
  }
}

const told = (errors: readonly DetailedError[]): string => errors.map(({ message }) => message).join('; ');

/** The policies of a text by their names: the annotation `@id`, else their place, `policy0`. @throws FileError */
function policiesOf(cedar: Cedar, { file, text }: Named): Readonly<Record<string, PolicyJson>> {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type === 'failure') return refuseFile(file, `not policies of Cedar: ${told(parts.errors)}`);
  if (parts.policy_templates.length > 0) return refuseFile(file, 'found a template, expected policies without slots');
  const policies = new Map<string, PolicyJson>();
  for (const [at, part] of parts.policies.entries()) {
    const read = cedar.policyToJson(part);
    if (read.type === 'failure') return refuseFile(file, `not policies of Cedar: ${told(read.errors)}`);
    const id = read.json.annotations?.['id'] ?? `policy${at}`;
    if (policies.has(id)) return refuseFile(file, `found two policies with the id ${id}`);
    policies.set(id, read.json);
  }
  return Object.fromEntries(policies);
}

/** Refuses policies that do not fit their schema. */
function checkSchema(
  cedar: Cedar,
  staticPolicies: Readonly<Record<string, PolicyJson>>,
  { file, text }: Named,
  policies: Named,
): void {
  const answer = cedar.validate({ schema: text, policies: { staticPolicies }, validationSettings: { mode: 'strict' } });
  if (answer.type === 'failure') refuseFile(file, `not a schema of Cedar: ${told(answer.errors)}`);
  else if (answer.validationErrors.length > 0)
    refuseFile(policies.file, `does not fit its schema: ${told(answer.validationErrors.map(({ error }) => error))}`);
}

/** An answer of Cedar, as far as one was given. */
type Answer = Response | { readonly decision: 'deny'; readonly diagnostics: undefined };

/** Cedar passes over a policy that it cannot evaluate, also one that forbids: then nothing is allowed here. */
function decisionOf({ decision, diagnostics }: Answer): Decision {
  const [error] = diagnostics?.errors ?? [];
  if (error !== undefined) return { allowed: false, reason: 'forbidden', rule: error.policyId };
  const [rule] = [...(diagnostics?.reason ?? [])].sort();
  if (decision === 'allow') return { allowed: true, rule: rule ?? '' };
  return rule === undefined ? { allowed: false, reason: 'no-rule' } : { allowed: false, reason: 'forbidden', rule };
}

/** Makes the engine of the texts of Cedar. @throws FileError */
export function cedarEngine(
  cedar: Cedar,
  policies: Named,
  schema: Named | undefined,
  asserted: ReadonlyMap<string, Assurance>,
): Engine {
  const staticPolicies = policiesOf(cedar, policies);
  if (schema !== undefined) checkSchema(cedar, staticPolicies, schema, policies);
  const preparsedPolicySetId = createHash('sha256').update(policies.text).digest('hex');
  const parsed = cedar.preparsePolicySet(preparsedPolicySetId, { staticPolicies });
  if (parsed.type === 'failure') refuseFile(policies.file, told(parsed.errors));

  function ask(request: Omit<AccessRequest, 'time'>): Answer {
    if (isOutside(request)) return { decision: 'deny', diagnostics: undefined };
    const { assurance } = subjectOf(request.principal, asserted);
    const answer = cedar.statefulIsAuthorized({ ...cedarRequest(request, assurance), preparsedPolicySetId });
    return answer.type === 'success' ? answer.response : { decision: 'deny', diagnostics: undefined };
  }

  const whole = (request: AccessRequest): Answer => ask({ ...request, arguments: request.arguments ?? {} });
  return {
    decide: (request) => decisionOf(whole(request)),
    // Policies that ask for arguments fail here, as there are none: they may still permit.
    mayUse: (principal, kind, name) => {
      const { decision, diagnostics } = ask({ principal, method: useOf[kind], kind, name });
      if (decision === 'allow') return true;
      const isForbidden = (diagnostics?.reason.length ?? 0) > 0;
      const mayPermit = (diagnostics?.errors ?? []).some(
        ({ policyId }) => staticPolicies[policyId]?.effect === 'permit',
      );
      return !isForbidden && mayPermit;
    },
    explain: (request) => {
      const { diagnostics } = whole(request);
      return Object.entries(staticPolicies).map(([rule, { effect }]) => {
        const matched = diagnostics?.reason.includes(rule) === true;
        const failure = diagnostics?.errors.find(({ policyId }) => policyId === rule)?.error.message;
        const because = { field: 'cedar', expected: 'a policy that decides', found: failure ?? 'it does not' };
        return { rule, effect, matched, because: matched ? [] : [because] };
      });
    },
  };
}
