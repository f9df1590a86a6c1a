// Judges a value by a JSON Schema, and says of what breaks it where it stands, what was expected and what was found.
import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import { match } from 'ts-pattern';

/** The names and numbers that lead to a part of a value. */
export type Path = readonly (string | number)[];

/** Why a value does not conform. */
export interface SchemaFault {
  readonly path: Path;
  /** For people: what was expected, and what was found. */
  readonly reason: string;
}

/** Finds the first fault of a value; `undefined` for a value that conforms. */
export type FaultFinder = (value: unknown) => SchemaFault | undefined;

/** The most characters of a value that a fault shows. */
const mostShown = 80;

/** A path for people: `rules[0].who.names[1]`. */
export const shownPath = (path: Path): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number' || /^\d+$/.test(part)) return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');

/** A value for people, cut where it is long. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}…`;
}

/** The fields that a schema has at a place. */
function fieldsAt(schema: Schema, path: readonly string[]): readonly string[] {
  const named = (one: Schema | undefined): Schema | undefined =>
    one?.$ref === undefined ? one : schema.$defs?.[one.$ref.replace('#/$defs/', '')];
  const within = (one: Schema | undefined, part: string): Schema | undefined => {
    const { properties, items, additionalProperties: others } = named(one) ?? {};
    const schemaOf = (inner: unknown): Schema | undefined =>
      typeof inner === 'object' ? (inner as Schema) : undefined;
    return schemaOf(properties?.[part]) ?? schemaOf(items) ?? schemaOf(others);
  };
  return Object.keys(named(path.reduce<Schema | undefined>(within, schema))?.properties ?? {});
}

/** The parts of a JSON pointer of the validator. */
const partsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURI(part).replaceAll('~1', '/').replaceAll('~0', '~'));

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inside, part) => (inside as Record<string, unknown> | undefined)?.[part], value);

/** The words between a beginning and the full stop at the end. */
const after = (text: string, word: string): string => text.slice(text.indexOf(word) + word.length).replace(/\.$/, '');

/** What a schema expects of a part. */
function expectation({ keyword, error }: OutputUnit, form: string | undefined): string {
  const otherwise = error.replace(/^Instance /, 'it ').replace(/\.$/, '');
  return match(keyword)
    .with('required', () => `expected the field ${after(error, 'property ').replaceAll('"', '')}, found none`)
    .with('enum', () => `expected one of ${after(error, 'any of ')}`)
    .with('const', () => `expected ${after(error, 'match ')}`)
    .with('type', () => `expected ${form ?? after(error, 'Expected ').replaceAll('"', '')}`)
    .with('pattern', () => `expected ${form ?? otherwise}`)
    .with('minProperties', () => 'expected at least one field')
    .otherwise(() => otherwise);
}

/**
 * Makes the judge of a schema (2020-12) that we wrote.
 * @param forms - what its patterns ask for, in words, by the name of the field
 */
export function faultFinder(schema: Schema, forms: Readonly<Record<string, string>>): FaultFinder {
  const validator = new Validator(schema, '2020-12');
  return (value) => {
    const { valid, errors } = validator.validate(value);
    const told = errors.at(-1);
    if (valid || told === undefined) return undefined;
    const path = partsOf(told.instanceLocation);
    if (told.keyword === 'false')
      return {
        path,
        reason: `an unknown field, expected one of ${fieldsAt(schema, path.slice(0, -1)).join(', ')}`,
      };
    const expected = expectation(told, forms[path.at(-1) ?? '']);
    const found = told.keyword === 'required' ? '' : `; found ${shownValue(valueAt(value, path))}`;
    return { path, reason: `${expected}${found}` };
  };
}
