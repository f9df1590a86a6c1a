// Reads the fields of a statement: each has a path for messages, `predicate.resources[3].name`.
import { isObject, type Json, type JsonObject } from '../../json/readJson.ts';
import type { Judged, ProvenanceRefusal } from '../contract.ts';
import type { StatementCode } from './codes.ts';

/** Leaves a reader with a refusal; `reading` turns it into a value. */
class Refused extends Error {
  readonly refusal: ProvenanceRefusal<StatementCode>;

  constructor(refusal: ProvenanceRefusal<StatementCode>) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** Leaves the reader that `reading` runs. `path`: the field, or the file that the statement names. */
export function refuse(code: StatementCode, detail: string, path?: string): never {
  throw new Refused({ ok: false, code, detail, ...(path !== undefined && { path }) });
}

/** Runs a reader. A refusal in it becomes the answer. */
export function reading<T>(read: () => T): Judged<T, StatementCode> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

/** Refuses a field of another type: absent fields with a code of their own. */
const refuseType = (value: Json | undefined, path: string, expected: string): never =>
  value === undefined
    ? refuse('statement-missing-field', `${path}: expected ${expected}, found nothing`, path)
    : refuse('statement-wrong-field', `${path}: expected ${expected}, found ${kindOf(value)}`, path);

/** A field that is a text of at least one character. */
export function textAt(value: Json | undefined, path: string): string {
  if (typeof value !== 'string') return refuseType(value, path, 'a text');
  return value === '' ? refuse('statement-wrong-field', `${path}: expected a text, found an empty one`, path) : value;
}

/** A field that is an object. */
export const objectAt = (value: Json | undefined, path: string): JsonObject =>
  isObject(value) ? value : refuseType(value, path, 'an object');

/** A field that is a list. */
export const listAt = (value: Json | undefined, path: string): readonly Json[] =>
  Array.isArray(value) ? value : refuseType(value, path, 'a list');

/** A field that is true or false. */
export const booleanAt = (value: Json | undefined, path: string): boolean =>
  typeof value === 'boolean' ? value : refuseType(value, path, 'true or false');

/** Refuses fields that are not known: a reader that knows them could understand the statement differently. */
export function requireKnown(object: JsonObject, known: readonly string[], path: string): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const field = path === '' ? unknown : `${path}.${unknown}`;
  refuse('statement-unknown-field', `${field}: not a field of OMS 1.0; expected ${known.join(', ')}`, field);
}
