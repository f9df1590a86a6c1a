// Our rules in the language of Cedar, written a second time from their description: what Cedar answers is what the rules mean. Cedar has one
// wildcard, which crosses segments, and no loops over sets. So requests bring the count of separators in every name, and their
// names in places with numbers. The check of arguments by a schema is outside of Cedar: its outcome, by another validator than
// that of the policy, is a part of the context.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AccessRequest, Assurance } from '../../src/mcp/contract.ts';
import type { CedarValueJson, EntityJson, Expr, PolicyJson } from '../../src/mcp/policy/cedar/engine.ts';
import type { PolicyDocument, RuleDocument } from '../../src/mcp/policy/document.ts';
import { isPlainUri } from '../../src/mcp/policy/plainUri.ts';
import { protocolMethods } from '../../src/mcp/policy/rules.ts';

/** How many separators the texts of requests have at most, of each kind: `**` stands for so many segments. */
export const mostSeparators = { names: 3, authorities: 1, methods: 1, tools: 1, resources: 5, prompts: 1 } as const;
type Text = keyof typeof mostSeparators;

/** The places for names and authorities of a peer. */
const places = { n: 3, a: 2 } as const;

const variable = (name: 'principal' | 'resource' | 'context'): Expr => ({ Var: name });
const value = (one: CedarValueJson): Expr => ({ Value: one });
const get = (left: Expr, attr: string): Expr => ({ '.': { left, attr } });
const has = (left: Expr, attr: string): Expr => ({ has: { left, attr } });
const and = (...all: Expr[]): Expr => all.reduce((left, right) => ({ '&&': { left, right } }), value(true));
const or = (...all: Expr[]): Expr => all.reduce((left, right) => ({ '||': { left, right } }), value(false));
const not = (arg: Expr): Expr => ({ '!': { arg } });
const equal = (left: Expr, right: Expr): Expr => ({ '==': { left, right } });

const lowerDns = (text: string): string => (text.startsWith('DNS:') ? `DNS:${text.slice(4).toLowerCase()}` : text);
const count = (text: string, separator: string): number => text.split(separator).length - 1;

/** A text as the policies see it. */
const named = (given: string): { [key: string]: CedarValueJson } => {
  const text = lowerDns(given);
  return { text, slashes: count(text, '/'), dots: count(text, '.') };
};

type Token = { readonly literal: string } | '*' | '**';

const tokensOf = (pattern: string): Token[] =>
  lowerDns(pattern)
    .split(/(\[\*\]|\*\*|\*)/)
    .filter((part) => part !== '')
    .map((part) => (part === '*' || part === '**' ? part : { literal: part === '[*]' ? '*' : part }));

/** Every way in which the `**` stand for `*`, separated: `*`, `*` `/` `*` and so on. */
function expansions([first, ...rest]: readonly Token[], separator: string, most: number): Token[][] {
  if (first === undefined) return [[]];
  const ends = expansions(rest, separator, most);
  if (first !== '**') return ends.map((end) => [first, ...end]);
  const ways = Array.from({ length: most + 1 }, (_, separators) => [
    '*' as const,
    ...Array.from({ length: separators }, () => [{ literal: separator }, '*' as const]).flat(),
  ]);
  return ways.flatMap((way) => ends.map((end) => [...way, ...end]));
}

const literalOf = (tokens: readonly Token[]): string =>
  tokens.map((token) => (typeof token === 'string' ? '' : token.literal)).join('');

const like = (name: Expr, tokens: readonly Token[]): Expr => {
  const pattern = tokens.map((token) =>
    typeof token === 'string' ? ('Wildcard' as const) : { Literal: token.literal },
  );
  return { like: { left: get(name, 'text'), pattern } };
};

/** `like`, with as many separators in the name as in the pattern: then no `*` can stand for one. */
function likeSegments(name: Expr, tokens: readonly Token[], separator: '/' | '.'): Expr {
  const counted = get(name, separator === '/' ? 'slashes' : 'dots');
  return and(equal(counted, value(count(literalOf(tokens), separator))), like(name, tokens));
}

function matches(name: Expr, pattern: string, text: Text): Expr {
  const most = mostSeparators[text];
  const tokens = tokensOf(pattern);
  const separator = pattern.startsWith('DNS:') ? '.' : '/';
  const literal = literalOf(tokens);
  if (tokens.every((token) => typeof token !== 'string')) return equal(get(name, 'text'), value(literal));
  if (!tokens.includes('*')) return like(name, tokens); // the wildcard of Cedar is `**`
  const possible = expansions(tokens, separator, most).filter((way) => count(literalOf(way), separator) <= most);
  return or(...possible.map((way) => likeSegments(name, way, separator)));
}

const matchesOne = (name: Expr, patterns: readonly string[], text: Text): Expr =>
  or(...patterns.map((pattern) => matches(name, pattern, text)));

function whoOf({ who, effect }: RuleDocument): Expr {
  const principal = variable('principal');
  const at = (kind: 'n' | 'a', judge: (place: Expr, isThere: Expr) => Expr): Expr[] =>
    Array.from({ length: places[kind] }, (_, i) => judge(get(principal, `${kind}${i}`), has(principal, `${kind}${i}`)));
  const names =
    who.names && or(...at('n', (name, isThere) => and(isThere, matchesOne(name, who.names ?? [], 'names'))));
  const judged = (name: Expr): Expr => matchesOne(name, who.authorities ?? [], 'authorities');
  const authorities =
    who.authorities &&
    (effect === 'forbid'
      ? or(...at('a', (name, isThere) => and(isThere, judged(name))))
      : and(has(principal, 'a0'), ...at('a', (name, isThere) => or(not(isThere), judged(name)))));
  const levels = Object.entries(who.assurance ?? {}).map(([kind, least]) =>
    and(has(principal, kind), { '>=': { left: get(principal, kind), right: value(least) } }),
  );
  return and(...[names, authorities].filter((one) => one !== undefined), ...levels);
}

const typeNames = { tools: 'Tool', resources: 'Resource', prompts: 'Prompt' } as const;
const isOf = (entity_type: string): Expr => ({ is: { left: variable('resource'), entity_type } });

function whatOf(rule: RuleDocument): Expr {
  const thing = variable('resource');
  const methods =
    rule.methods === undefined ? [] : [matchesOne(get(variable('context'), 'method'), rule.methods, 'methods')];
  const kinds = Object.entries(typeNames).flatMap(([field, type]) => {
    const patterns = rule[field as keyof typeof typeNames];
    return patterns === undefined ? [] : [and(isOf(type), matchesOne(thing, patterns, field as Text))];
  });
  const exact = (rule.resources ?? []).filter((pattern) =>
    tokensOf(pattern).every((token) => typeof token !== 'string'),
  );
  const isPlain = or(not(isOf('Resource')), get(thing, 'plain'), matchesOne(thing, exact, 'resources'));
  return and(...methods, ...(kinds.length === 0 ? [] : [or(...kinds)]), ...(rule.effect === 'permit' ? [isPlain] : []));
}

const policy = (effect: 'permit' | 'forbid', body: Expr): PolicyJson => ({
  effect,
  principal: { op: 'All' },
  action: { op: 'All' },
  resource: { op: 'All' },
  conditions: [{ kind: 'when', body }],
});

/** The policies of a file with rules, by the ids of these; those of `protocol:` beside them permit what a session consists of. */
export function toCedar({ rules = [] }: PolicyDocument): Record<string, PolicyJson> {
  const method = get(get(variable('context'), 'method'), 'text');
  const isProtocol = or(...[...protocolMethods].map((one) => equal(method, value(one))));
  const own = rules.map((rule) => {
    const schema = rule.arguments === undefined ? [] : [get(variable('context'), `schema_${rule.id}`)];
    return [rule.id, policy(rule.effect, and(whatOf(rule), whoOf(rule), ...schema))] as const;
  });
  const session = rules.flatMap((rule) =>
    rule.effect === 'forbid'
      ? []
      : [[`protocol:${rule.id}`, policy('permit', and(isProtocol, isOf('Server'), whoOf(rule)))] as const],
  );
  return Object.fromEntries([...own, ...session]);
}

const ajv = new Ajv2020({ strict: false });

/** What a request becomes for the policies of a file. */
export type Translation = (request: AccessRequest) => {
  readonly principal: { readonly type: string; readonly id: string };
  readonly action: { readonly type: string; readonly id: string };
  readonly resource: { readonly type: string; readonly id: string };
  readonly context: { [key: string]: CedarValueJson };
  readonly entities: EntityJson[];
};

/** The levels that all authorities of a peer assert: of each the least. */
function levelsOf(document: PolicyDocument, authorities: readonly string[]): Assurance {
  const stated = authorities.map(
    (name) => document.authorities?.find((one) => one.name === name)?.assurance ?? ({} as Assurance),
  );
  const levels = (['ial', 'aal', 'fal'] as const).flatMap((kind) => {
    const each = stated.map((one) => one[kind] ?? 0);
    const least = each.length === 0 ? 0 : Math.min(...each);
    return least === 0 ? [] : [[kind, least]];
  });
  return Object.fromEntries(levels) as Assurance;
}

/** Makes the translation of requests. */
export function translation(document: PolicyDocument): Translation {
  const schemas = (document.rules ?? []).flatMap(({ id, arguments: schema }) =>
    schema === undefined ? [] : [[`schema_${id}`, ajv.compile(schema)] as const],
  );
  return ({ principal: peer, method, kind, name = '', arguments: given = {} }) => {
    const principal = { type: 'Peer', id: 'peer' };
    const action = { type: 'Action', id: method };
    const type = { tool: 'Tool', resource: 'Resource', prompt: 'Prompt', none: 'Server' }[kind ?? 'none'];
    const resource = { type, id: name };
    const slots = (prefix: 'n' | 'a', texts: readonly string[]) => texts.map((text, i) => [prefix + i, named(text)]);
    const attrs = Object.fromEntries([...slots('n', peer.names), ...slots('a', peer.authorities)]);
    return {
      principal,
      action,
      resource,
      context: {
        method: named(method),
        ...Object.fromEntries(schemas.map(([id, holds]) => [id, holds(given) === true])),
      },
      entities: [
        { uid: principal, attrs: { ...attrs, ...levelsOf(document, peer.authorities) }, parents: [] },
        { uid: resource, attrs: { ...named(name), plain: isPlainUri(name) }, parents: [] },
      ],
    };
  };
}
