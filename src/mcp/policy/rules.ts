// The decision of our own engine. A request is allowed when a rule permits it and none forbids it. The order of rules changes no
// decision; where several decide, the first one is named.
import type { AccessRequest, Assurance, Decision, DenyReason, Principal } from '../contract.ts';
import type { RuleDocument } from './document.ts';
import { type Asked, compileRule, isOdd, type Rule } from './rule.ts';
import { type Condition, hold, subjectOf } from './who.ts';

/**
 * What a session of the protocol consists of, beside what it is for. Who has any permission may do it, unless a rule forbids it.
 * Lists show what the peer may use. A subscription is asked about itself, and about each resource by the rules of that.
 */
export const protocolMethods: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
  'subscriptions/listen',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
]);

/** The name that decisions give for these methods. No rule has it. */
export const protocolRule = 'protocol';

/** The method by which a thing is used. */
export const useOf = { tool: 'tools/call', resource: 'resources/read', prompt: 'prompts/get' } as const;

/** What became of one rule. */
export interface RuleExplanation {
  readonly rule: string;
  readonly effect: 'permit' | 'forbid';
  readonly matched: boolean;
  /** The conditions that did not hold. */
  readonly because: readonly { readonly field: string; readonly expected: string; readonly found: string }[];
}

/** Who answers whether something is permitted. What is too old, too often and too long is judged elsewhere. */
export interface Engine {
  readonly decide: (request: AccessRequest) => Decision;
  /** Whether a peer may use a thing, with some arguments. */
  readonly mayUse: (principal: Principal, kind: keyof typeof useOf, name: string) => boolean;
  readonly explain: (request: AccessRequest) => readonly RuleExplanation[];
}

const failed = (conditions: readonly Condition<Asked>[], asked: Asked): RuleExplanation['because'] =>
  conditions
    .filter(({ holds }) => !holds(asked))
    .map(({ field, expected, found }) => ({ field, expected, found: found(asked) }));

const conditionsOf = ({ what, who, assurance, arguments: schema }: Rule): readonly Condition<Asked>[] => [
  ...what,
  ...who,
  ...assurance,
  ...schema,
];

const applies = (rule: Rule, asked: Asked): boolean =>
  hold(rule.what, asked) && hold(rule.who, asked) && hold(rule.assurance, asked) && hold(rule.arguments, asked);

/** Compiles rules whose patterns were checked. */
export function rulesEngine(documents: readonly RuleDocument[], asserted: ReadonlyMap<string, Assurance>): Engine {
  const rules = documents.map(compileRule);
  const permits = rules.filter(({ effect }) => effect === 'permit');
  const forbids = rules.filter(({ effect }) => effect === 'forbid');
  const askedOf = ({ principal, method, kind, name, arguments: given = {} }: Omit<AccessRequest, 'time'>): Asked => ({
    ...subjectOf(principal, asserted),
    method,
    kind,
    name,
    arguments: given,
    isOdd: isOdd(kind, name),
  });

  /** Why no permit applies: the group of conditions that alone stands against one, else none. */
  function denial(asked: Asked): Decision {
    let nearest: { readonly reason: DenyReason; readonly rule: string } | undefined;
    for (const rule of permits) {
      if (!hold(rule.what, asked) || !hold(rule.who, asked)) continue;
      if (hold(rule.assurance, asked)) return { allowed: false, reason: 'arguments', rule: rule.id };
      nearest ??= { reason: 'assurance', rule: rule.id };
    }
    return { allowed: false, ...(nearest ?? { reason: 'no-rule' }) };
  }

  const isKnown = (asked: Asked): boolean =>
    permits.some((rule) => hold(rule.who, asked) && hold(rule.assurance, asked));

  return {
    decide: (request) => {
      const asked = askedOf(request);
      for (const rule of forbids)
        if (applies(rule, asked)) return { allowed: false, reason: 'forbidden', rule: rule.id };
      for (const rule of permits) if (applies(rule, asked)) return { allowed: true, rule: rule.id };
      if (asked.kind === undefined && protocolMethods.has(asked.method) && isKnown(asked))
        return { allowed: true, rule: protocolRule };
      return denial(asked);
    },
    mayUse: (principal, kind, name) => {
      const asked = askedOf({ principal, method: useOf[kind], kind, name });
      const isForbidden = forbids.some((rule) => rule.arguments.length === 0 && applies(rule, asked));
      const isPermitted = (rule: Rule): boolean =>
        hold(rule.what, asked) && hold(rule.who, asked) && hold(rule.assurance, asked);
      return !isForbidden && permits.some(isPermitted);
    },
    explain: (request) => {
      const asked = askedOf(request);
      return rules.map((rule) => {
        const because = failed(conditionsOf(rule), asked);
        return { rule: rule.id, effect: rule.effect, matched: because.length === 0, because };
      });
    },
  };
}
