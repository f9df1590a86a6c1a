// Reads the fields of a predicate strictly: each of its type and within its bound. What is not known is kept, and told.
import { refused } from '../../failure.ts';
import { isObject, type Json, type JsonObject } from '../../json/readJson.ts';
import { timeOf } from '../../time.ts';
import type { Judged, Statement, Subject } from '../contract.ts';
import type { PredicateCode } from './predicateCodes.ts';
import { type PredicateKind, predicateTypes } from './predicateTypes.ts';

/** The most that is read of a predicate. */
export const predicateBounds = {
  /** A text, in characters. */
  text: 4_096,
  /** Resources in a list. */
  resources: 4_096,
  /** Tests in a list, and metrics. */
  tests: 16_384,
  /** Digests of one resource, and versions of one verifier. */
  digests: 16,
  /** Levels that a summary states. */
  levels: 64,
  /** Items of one list of a model card: some of its schema compares each with each. */
  cardItems: 1_024,
  /** Fields that are not known and are told; what is over it is not told. */
  unknown: 100,
  /** Characters of a place that are told. */
  place: 256,
} as const;

/** A predicate that was read. */
export interface ReadPredicate<T> {
  readonly subject: Subject;
  readonly value: T;
  /** JSON pointers (RFC 6901) of fields that the format does not have. They are signed, and nothing here depends on them. */
  readonly unknown: readonly string[];
}

/** A place in a predicate, and what stands there. */
export interface Field {
  readonly value: Json | undefined;
  /** A JSON pointer. */
  readonly path: string;
  readonly unknown: string[];
}

class FieldRefusal extends Error {
  readonly code: PredicateCode;
  readonly path: string;

  constructor(code: PredicateCode, path: string, detail: string) {
    super(detail);
    this.code = code;
    this.path = path;
  }
}

const shownPath = (path: string): string => {
  const whole = path === '' ? 'the predicate' : path;
  return whole.length > predicateBounds.place ? `${whole.slice(0, predicateBounds.place)}…` : whole;
};

/** Leaves the reader with a refusal. */
export function refuseField({ path }: Field, code: PredicateCode, expected: string): never {
  throw new FieldRefusal(code, shownPath(path), `${shownPath(path)}: ${expected}`);
}

const escapedKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The members of an object; fields that are not in `names` are told as unknown. */
export function objectWith(field: Field, names: readonly string[]): (name: string) => Field {
  const value = object(field);
  for (const key of Object.keys(value))
    if (!names.includes(key) && field.unknown.length < predicateBounds.unknown)
      field.unknown.push(shownPath(`${field.path}/${escapedKey(key)}`));
  return (name) => ({
    value: Object.hasOwn(value, name) ? value[name] : undefined,
    path: `${field.path}/${escapedKey(name)}`,
    unknown: field.unknown,
  });
}

function present(field: Field): Json {
  return field.value ?? refuseField(field, 'missing-field', 'expected a value, found none');
}

/** Any object. */
export function object(field: Field): JsonObject {
  const value = present(field);
  return isObject(value) ? value : refuseField(field, 'wrong-field', 'expected an object');
}

/** A text that is not empty. */
export function text(field: Field, most: number = predicateBounds.text): string {
  const value = present(field);
  if (typeof value !== 'string' || value === '') return refuseField(field, 'wrong-field', 'expected a text');
  return value.length <= most ? value : refuseField(field, 'too-much', `expected at most ${most} characters`);
}

const uriForm = /^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/;

/** A URI with its scheme, in ASCII. */
export function uri(field: Field): string {
  const value = text(field);
  return uriForm.test(value) ? value : refuseField(field, 'wrong-field', 'expected a URI with its scheme');
}

/** One of some words. */
export function word<Word extends string>(field: Field, words: readonly Word[]): Word {
  const value = text(field);
  return words.find((one) => one === value) ?? refuseField(field, 'wrong-field', `expected one of ${words.join(', ')}`);
}

/** A finite number. */
export function number(field: Field): number {
  const value = present(field);
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : refuseField(field, 'wrong-field', 'expected a number');
}

/** A time in UTC (RFC 3339). */
export function time(field: Field): Date {
  const value = text(field);
  const found = value.includes('T') && value.endsWith('Z') ? timeOf(value) : undefined;
  return found ?? refuseField(field, 'wrong-time', 'expected a time such as 2026-06-01T12:00:00Z');
}

/** What a reader makes of a field, when the field is there. */
export const optional = <T>(field: Field, read: (field: Field) => T): T | undefined =>
  field.value === undefined ? undefined : read(field);

/** A list of what a reader makes of each item. */
export function list<T>(field: Field, most: number, read: (field: Field) => T): T[] {
  const value = present(field);
  if (!Array.isArray(value)) return refuseField(field, 'wrong-field', 'expected a list');
  if (value.length > most) return refuseField(field, 'too-much', `expected at most ${most} items`);
  return (value as readonly Json[]).map((item, at) =>
    read({ value: item, path: `${field.path}/${at}`, unknown: field.unknown }),
  );
}

/** An object whose members a reader makes something of each. */
export function record<T>(field: Field, most: number, read: (field: Field, name: string) => T): Record<string, T> {
  const value = object(field);
  const names = Object.keys(value);
  if (names.length > most) return refuseField(field, 'too-much', `expected at most ${most} members`);
  return Object.fromEntries(
    names.map((name) => [
      name,
      read({ value: value[name], path: `${field.path}/${escapedKey(name)}`, unknown: field.unknown }, name),
    ]),
  );
}

/** Runs a reader that leaves by `refuseField`. */
export function judged<T>(read: () => T): Judged<T, PredicateCode> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (!(error instanceof FieldRefusal)) throw error;
    return { ...refused(error.code, error.message), path: error.path };
  }
}

/** Reads the predicate of a statement of one kind, about one subject. Never throws. */
export function readPredicate<T>(
  { subject: subjects, predicateType, predicate }: Statement,
  kind: PredicateKind,
  read: (predicate: Field) => T,
): Judged<ReadPredicate<T>, PredicateCode> {
  if (predicateType !== predicateTypes[kind])
    return { ok: false, code: 'wrong-predicate-type', detail: `expected ${predicateTypes[kind]}` };
  const [subject, ...others] = subjects;
  if (subject === undefined || others.length > 0)
    return { ok: false, code: 'wrong-subject', detail: `found ${subjects.length} subjects, expected one model` };
  if (!/^[0-9a-f]{64}$/.test(subject.digest['sha256'] ?? ''))
    return {
      ok: false,
      code: 'wrong-subject',
      detail: 'the subject has no SHA-256 digest in small hexadecimal digits',
    };
  const unknown: string[] = [];
  return judged(() => ({ subject, value: read({ value: predicate, path: '', unknown }), unknown }));
}

/** A statement whose predicate its own reader accepts; so nothing is signed that would be refused. */
export function statementOf<T>(
  kind: PredicateKind,
  subject: Subject,
  predicate: JsonObject,
  read: (statement: Statement) => Judged<T, PredicateCode>,
): Judged<Statement, PredicateCode> {
  const { name, digest } = subject;
  const statement = { subject: [{ name, digest }], predicateType: predicateTypes[kind], predicate };
  const again = read(statement);
  return again.ok ? { ok: true, value: statement } : again;
}

/** A copy without the members that are undefined. */
export const withoutGaps = (members: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
