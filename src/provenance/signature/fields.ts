// Fields of JSON, read strictly: each fault leaves by an error with its code and the path of the field.

import { fromBase64 } from '../../base64.ts';
import { isObject, type Json, type JsonObject } from '../../json/readJson.ts';
import type { Bytes } from '../../octets.ts';
import type { SignatureCode } from './codes.ts';

/** Leaves the reading of a bundle. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly code: SignatureCode;
  readonly path: string;

  constructor(code: SignatureCode, detail: string, path: string) {
    super(detail);
    this.code = code;
    this.path = path;
  }
}

/** @throws FieldError */
export function refuseField(code: SignatureCode, path: string, detail: string): never {
  throw new FieldError(code, `${path}: ${detail}`, path);
}

/** The path of a member. */
const within = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

const kindOf = (value: Json): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/** An object of a bundle, with the path under which refusals name it. */
export interface Fields {
  readonly path: string;
  readonly value: JsonObject;
}

/** The value as an object. @throws FieldError */
export function objectAt(value: Json | undefined, path: string): Fields {
  if (value === undefined) return refuseField('bundle-missing-field', path, 'absent; expected an object');
  if (isObject(value)) return { path, value };
  return refuseField('bundle-wrong-type', path || 'bundle', `found ${kindOf(value)}, expected an object`);
}

/** The value of a member; `undefined` when it is absent. */
export const optional = ({ value }: Fields, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined;

/** The member as an object. @throws FieldError */
export const objectIn = (fields: Fields, name: string): Fields =>
  objectAt(optional(fields, name), within(fields.path, name));

/** The member as an array. @throws FieldError */
export function arrayIn(fields: Fields, name: string): { readonly path: string; readonly values: readonly Json[] } {
  const [value, path] = [optional(fields, name), within(fields.path, name)];
  if (value === undefined) return refuseField('bundle-missing-field', path, 'absent; expected an array');
  if (!Array.isArray(value)) return refuseField('bundle-wrong-type', path, `found ${kindOf(value)}, expected an array`);
  return { path, values: value };
}

/** The member as a text. @throws FieldError */
export function textIn(fields: Fields, name: string): string {
  const [value, path] = [optional(fields, name), within(fields.path, name)];
  if (value === undefined) return refuseField('bundle-missing-field', path, 'absent; expected a text');
  return typeof value === 'string'
    ? value
    : refuseField('bundle-wrong-type', path, `found ${kindOf(value)}, expected a text`);
}

/** The octets of a member in base64, at least one. @throws FieldError */
export function octetsIn(fields: Fields, name: string): Bytes {
  const octets = fromBase64(textIn(fields, name));
  if (octets !== undefined && octets.length > 0) return octets;
  const found = octets === undefined ? 'another text' : 'none';
  return refuseField(
    'bundle-wrong-base64',
    within(fields.path, name),
    `expected octets in base64 with padding, found ${found}`,
  );
}

/** Refuses members with other names than these. @throws FieldError */
export function requireKnown({ path, value }: Fields, known: readonly string[]): void {
  const other = Object.keys(value).find((name) => !known.includes(name));
  if (other === undefined) return;
  refuseField(
    'bundle-unknown-field',
    within(path, JSON.stringify(other).slice(1, -1).slice(0, 64)),
    `not a field of ${path || 'a bundle'}`,
  );
}
