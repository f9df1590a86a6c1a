// RFC 8785 JSON of what a server declares, and digests over it.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json, JsonObject } from '../contract.ts';
import { bounds } from './bounds.ts';

/** Without members of an object, by name. */
export const without = (object: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** Why a value has no form of RFC 8785, or a form beyond the bounds; `undefined` when it has one. */
export function uncanonical(value: Json, depth = 0): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number that no double holds';
  if (typeof value === 'string') return /\p{Cs}/u.test(value) ? 'a text with half of a surrogate pair' : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= bounds.depth) return `more than ${bounds.depth} objects and arrays inside of each other`;
  for (const [name, one] of Object.entries(value)) {
    const reason = uncanonical(name) ?? uncanonical(one, depth + 1);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

// The types of the package are those of an ES module, which it is not.
const form = canonicalize as unknown as (value: Json) => string;

/** The RFC 8785 form of a value that `uncanonical` has nothing against. */
export const canonical = (value: Json): string => form(value);

const sha256 = (text: string, encoding: 'base64url' | 'hex'): string =>
  createHash('sha256').update(text, 'utf8').digest(encoding);

/** SHA-256 over the RFC 8785 form, as SEP-3140 writes it: `sha256-` and base64url. */
export const contentHash = (value: Json): string => `sha256-${sha256(canonical(value), 'base64url')}`;

/** SHA-256 over the RFC 8785 form, hexadecimal. */
export const digestOf = (value: Json): string => sha256(canonical(value), 'hex');

/** Whether two values have the same RFC 8785 form. */
export const sameJson = (one: Json, other: Json): boolean => canonical(one) === canonical(other);
