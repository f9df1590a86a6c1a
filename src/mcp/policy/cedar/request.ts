// A request in the shape in which Cedar is asked: principal, action, resource, context.
import type { CedarValueJson, Context, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import type { AccessRequest, Assurance, Json } from '../../contract.ts';
import { isOdd } from '../rule.ts';
import { protocolMethods } from '../rules.ts';

/** How deep arguments are shown to Cedar. */
const deepest = 32;

/** What Cedar is asked. */
export interface CedarRequest {
  readonly principal: TypeAndId;
  readonly action: TypeAndId;
  readonly resource: TypeAndId;
  readonly context: Context;
  readonly entities: EntityJson[];
}

const types = { tool: 'Tool', resource: 'Resource', prompt: 'Prompt' } as const;

/** The group of actions of a session, of which every method in `protocolMethods` is a member. */
const protocol: TypeAndId = { type: 'Action', id: 'protocol' };

/** Halves of characters, which no string of Cedar has. */
const half = /\p{Cs}/gu;
const isWellFormed = (text: string): boolean => text.search(half) < 0;
const wellFormed = (text: string): string => text.replace(half, '\ufffd');

/**
 * A value of JSON in Cedar: an array is a set, a number has to be an integer. What Cedar has no value for is left out: `null`,
 * fractions, what is nested too deep, and names that Cedar reads as something else.
 * @param leftOut - called for each such part
 */
function cedarValue(value: Json, leftOut: () => void, depth = 0): CedarValueJson | undefined {
  const isKnown = typeof value === 'boolean' || typeof value === 'string' || Number.isSafeInteger(value);
  if (typeof value === 'string' && !isWellFormed(value)) leftOut();
  if (isKnown) return typeof value === 'string' ? wellFormed(value) : (value as boolean | number);
  if (value === null || typeof value !== 'object' || depth >= deepest) {
    leftOut();
    return undefined;
  }
  const inside = (one: Json): CedarValueJson[] => {
    const made = cedarValue(one, leftOut, depth + 1);
    return made === undefined ? [] : [made];
  };
  if (Array.isArray(value)) return value.flatMap(inside);
  const members = Object.entries(value).flatMap(([name, one]) => {
    if (name.startsWith('__') || !isWellFormed(name)) {
      leftOut();
      return [];
    }
    return inside(one).map((made) => [name, made] as const);
  });
  return Object.fromEntries(members);
}

/** The context: `arguments`, and whether they are all there (`complete`). Without arguments given there is no `arguments`. */
function contextOf(given: Json | undefined): Context {
  if (given === undefined) return {};
  let complete = true;
  const made = cedarValue(given, () => {
    complete = false;
  });
  return { ...(made !== undefined && { arguments: made }), complete };
}

/** Translates a request. `arguments` undefined: the question whether some would do. */
export function cedarRequest(
  { principal, method, kind, name = '', arguments: given }: Omit<AccessRequest, 'time'>,
  assurance: Assurance | undefined,
): CedarRequest {
  const who = { type: 'Peer', id: wellFormed(principal.identity) };
  const action = { type: 'Action', id: wellFormed(method) };
  const what = kind === undefined ? { type: 'Server', id: 'server' } : { type: types[kind], id: wellFormed(name) };
  const parents = [
    ...principal.names.map((id) => ({ type: 'Name', id: wellFormed(id) })),
    ...principal.authorities.map((id) => ({ type: 'Authority', id: wellFormed(id) })),
  ];
  const peer = {
    identity: who.id,
    names: principal.names.map(wellFormed),
    authorities: principal.authorities.map(wellFormed),
    ...assurance,
  };
  const entities = [
    { uid: who, attrs: peer, parents },
    { uid: action, attrs: {}, parents: protocolMethods.has(method) ? [protocol] : [] },
    { uid: what, attrs: kind === undefined ? {} : { name: what.id }, parents: [] },
  ];
  return { principal: who, action, resource: what, context: contextOf(given), entities };
}

/** A request that Cedar is not asked about: a name that it cannot have, or a URI that could name another resource. */
export const isOutside = ({ method, kind, name = '' }: Pick<AccessRequest, 'method' | 'kind' | 'name'>): boolean =>
  !isWellFormed(method) || !isWellFormed(name) || isOdd(kind, name);
