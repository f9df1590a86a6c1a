// One rule of a policy, compiled: its conditions on the peer, on what is asked for, and on the arguments.
import { Validator } from '@cfworker/json-schema';
import { patternSet } from '../../pattern.ts';
import type { AccessRequest, Json } from '../contract.ts';
import type { RuleDocument } from './document.ts';
import { isPlainUri } from './plainUri.ts';
import { type Condition, listed, type Subject, whoConditions } from './who.ts';

/** A request, and what is found out about it once for all rules. */
export interface Asked extends Subject {
  readonly method: string;
  readonly kind: AccessRequest['kind'];
  readonly name: string | undefined;
  readonly arguments: Json;
  /** Whether it is about a resource whose URI could name another one. */
  readonly isOdd: boolean;
}

/** A rule. Its conditions are in groups, as a denial says which group alone did not hold. */
export interface Rule {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly what: readonly Condition<Asked>[];
  readonly who: readonly Condition<Asked>[];
  /** None for a rule without a minimum. */
  readonly assurance: readonly Condition<Asked>[];
  /** None for a rule without a schema. */
  readonly arguments: readonly Condition<Asked>[];
}

/** A resource that only an exact pattern may permit. */
export const isOdd = (kind: AccessRequest['kind'], name: string | undefined): boolean =>
  kind === 'resource' && !isPlainUri(name ?? '');

const about = ({ kind, name }: Asked): string => (kind === undefined ? 'nothing of these' : `${kind} ${name}`);

function whatConditions({ effect, ...rule }: RuleDocument): Condition<Asked>[] {
  const conditions: Condition<Asked>[] = [];
  if (rule.methods !== undefined) {
    const set = patternSet(rule.methods, 'texts');
    conditions.push({
      field: 'methods',
      holds: ({ method }) => set.matches(method),
      expected: listed(rule.methods),
      found: ({ method }) => method,
    });
  }
  const { tools, resources, prompts } = rule;
  const named = Object.entries({ tools, resources, prompts }).filter(([, texts]) => texts !== undefined);
  const sets = {
    tool: tools && patternSet(tools, 'texts'),
    resource: resources && patternSet(resources, 'texts'),
    prompt: prompts && patternSet(prompts, 'texts'),
  };
  if (named.length > 0)
    conditions.push({
      field: named.map(([field]) => field).join(', '),
      holds: ({ kind, name }) => kind !== undefined && name !== undefined && sets[kind]?.matches(name) === true,
      expected: listed(named.flatMap(([, texts = []]) => texts)),
      found: about,
    });
  if (effect === 'permit')
    conditions.push({
      field: 'resources',
      holds: ({ isOdd: odd, name = '' }) => !odd || sets.resource?.isExactly(name) === true,
      expected: 'a URI in a normal form, or this very URI in the rule',
      found: about,
    });
  return conditions;
}

function argumentConditions({ effect, arguments: schema }: RuleDocument): Condition<Asked>[] {
  if (schema === undefined) return [];
  const validator = new Validator(schema, '2020-12');
  const faultOf = (asked: Asked): string | undefined => {
    try {
      const { valid, errors } = validator.validate(asked.arguments);
      return valid ? undefined : `others: ${errors.at(-1)?.error ?? 'unknown'}`.replace(/\.$/, '');
    } catch {
      return 'others: a name that is no text'; // such as half of a character, which the validator cannot write
    }
  };
  return [
    {
      field: 'arguments',
      holds: (asked) => {
        try {
          return validator.validate(asked.arguments).valid;
        } catch {
          return effect === 'forbid';
        }
      },
      expected: 'what the schema of the rule describes',
      found: (asked) => faultOf(asked) ?? 'such ones',
    },
  ];
}

/** Compiles a rule whose patterns were checked. */
export function compileRule(rule: RuleDocument): Rule {
  const who = whoConditions<Asked>(rule.who, rule.effect);
  return {
    id: rule.id,
    effect: rule.effect,
    what: whatConditions(rule),
    who: who.filter(({ field }) => field !== 'assurance'),
    assurance: who.filter(({ field }) => field === 'assurance'),
    arguments: argumentConditions(rule),
  };
}
