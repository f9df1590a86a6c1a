// Reads the text of a policy: YAML in which nothing is said twice or by reference, up to a bound. Every refusal names the line.
import { readFileSync } from 'node:fs';
import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import { match } from 'ts-pattern';
import { type Document, isAlias, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { refuseFile } from '../../node/files/fileErrors.ts';
import type { PolicyDocument } from './document.ts';

/** The most octets of a policy file, and how deep its collections may stand inside of each other. */
export const policyBounds = { octets: 1_048_576, depth: 64, shown: 80 } as const;

/** A policy as it was read, and how to refuse a part of it. */
export interface PolicySource {
  readonly document: PolicyDocument;
  /** @param path - the names and numbers that lead to the part. @throws FileError with its line */
  readonly refuse: (path: readonly (string | number)[], reason: string) => never;
}

const schemaFile = new URL('../../../spec/schema/mcp-policy.schema.json', import.meta.url);
let known: { readonly schema: Schema; readonly validator: Validator } | undefined;
const policySchema = (): NonNullable<typeof known> => {
  if (known === undefined) {
    const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as Schema;
    known = { schema, validator: new Validator(schema, '2020-12') };
  }
  return known;
};

/** The fields that the schema has at a place. */
function fieldsAt(path: readonly string[]): readonly string[] {
  const { schema } = policySchema();
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

/** Controls, formats (which reorder a text), halves of characters, private use, separators of lines. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const unseenInText = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

/** A path for people: `rules[0].who.names[1]`. */
const shownPath = (path: readonly (string | number)[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number' || /^\d+$/.test(part)) return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= policyBounds.shown ? text : `${text.slice(0, policyBounds.shown)}…`;
}

/** The words of a file. @throws FileError for what is not UTF-8 */
function textOf(file: string, octets: Uint8Array): string {
  if (octets.length > policyBounds.octets)
    return refuseFile(file, `${octets.length} octets; expected at most ${policyBounds.octets}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return refuseFile(file, 'not UTF-8; expected YAML in UTF-8');
  }
}

/** Refuses what makes a file mean something else than it seems to: aliases, tags, keys that are no words, unseen characters. */
function checkNodes(node: unknown, path: readonly (string | number)[], refuse: PolicySource['refuse']): void {
  if (path.length > policyBounds.depth) refuse(path.slice(0, 4), `more than ${policyBounds.depth} levels deep`);
  if (isAlias(node)) refuse(path, 'found an alias (*), expected the value itself: aliases and anchors are not read');
  if (!isNode(node)) return;
  if ('anchor' in node && node.anchor !== undefined)
    refuse(path, 'found an anchor (&): aliases and anchors are not read');
  if (node.tag !== undefined) refuse(path, `found the tag ${shown(node.tag)}, expected a value without a tag`);
  if (isScalar(node)) {
    const { value } = node;
    const isText = path.at(-1) === 'description' || path.at(-1) === '$comment';
    if (typeof value === 'string' && (isText ? unseenInText : unseen).test(value))
      refuse(path, 'found a character that is not seen (a control, a format, half of a character), expected none');
  } else if (isMap(node)) {
    for (const { key, value } of node.items) {
      const word = isScalar(key) ? key.value : undefined;
      if (typeof word !== 'string' || unseen.test(word)) refuse(path, 'found a key that is not a word, expected words');
      checkNodes(value, [...path, word], refuse);
    }
  } else if (isCollection(node)) for (const [at, item] of node.items.entries()) checkNodes(item, [...path, at], refuse);
}

/** The parts of a JSON pointer of the validator. */
const partsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURI(part).replaceAll('~1', '/').replaceAll('~0', '~'));

type At = readonly string[];
const valueAt = (value: unknown, path: At): unknown =>
  path.reduce<unknown>((inside, part) => (inside as Record<string, unknown> | undefined)?.[part], value);

/** What the patterns of the schema ask for, by the field. */
const forms: Readonly<Record<string, string>> = {
  id: 'letters, digits, ".", "_" and "-", at most 64, the first a letter or digit',
  every: 'a time such as 30s, 15m, 12h, 7d, or never',
  idle: 'a time such as 30s, 15m, 12h, 7d, or never',
};

/** The words between a beginning and the full stop at the end. */
const after = (text: string, word: string): string => text.slice(text.indexOf(word) + word.length).replace(/\.$/, '');

/** What the schema expects of a part. */
function expectation({ keyword, error }: OutputUnit, field: string | undefined): string {
  const otherwise = error.replace(/^Instance /, 'it ').replace(/\.$/, '');
  return match(keyword)
    .with('required', () => `expected the field ${after(error, 'property ').replaceAll('"', '')}, found none`)
    .with('enum', () => `expected one of ${after(error, 'any of ')}`)
    .with('const', () => `expected ${after(error, 'match ')}`)
    .with('type', () => `expected ${forms[field ?? ''] ?? after(error, 'Expected ').replaceAll('"', '')}`)
    .with('pattern', () => `expected ${forms[field ?? ''] ?? otherwise}`)
    .with('minProperties', () => 'expected at least one field')
    .otherwise(() => otherwise);
}

/** Refuses what does not conform to the schema of policies. */
function checkSchema(value: unknown, refuse: PolicySource['refuse']): void {
  const { valid, errors } = policySchema().validator.validate(value);
  const told = errors.at(-1);
  if (valid || told === undefined) return;
  const path = partsOf(told.instanceLocation);
  if (told.keyword === 'false')
    refuse(path, `an unknown field, expected one of ${fieldsAt(path.slice(0, -1)).join(', ')}`);
  const expected = expectation(told, path.at(-1));
  refuse(path, told.keyword === 'required' ? expected : `${expected}; found ${shown(valueAt(value, path))}`);
}

function parse(file: string, text: string, lines: LineCounter): Document {
  try {
    return parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      stringKeys: true,
      version: '1.2',
    });
  } catch (error) {
    if (error instanceof RangeError) return refuseFile(file, `more than ${policyBounds.depth} levels deep`);
    throw error;
  }
}

/**
 * Reads the octets of a policy file.
 * @throws FileError with the line, what was found, and what was expected
 */
export function readSource(file: string, octets: Uint8Array): PolicySource {
  const lines = new LineCounter();
  const yaml = parse(file, textOf(file, octets), lines);
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const lineOf = (path: readonly (string | number)[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const parts = path.slice(0, length);
      const holder = length === 1 ? yaml.contents : yaml.getIn(parts.slice(0, -1), true);
      const key = isMap(holder)
        ? holder.items.find((pair) => isScalar(pair.key) && pair.key.value === parts.at(-1))?.key
        : undefined;
      const node = isNode(key) ? key : yaml.getIn(parts.map(numbered), true);
      if (isNode(node) && node.range) return lineAt(node.range[0]);
    }
    return 1;
  };
  const refuse = (path: readonly (string | number)[], reason: string): never => {
    const place = shownPath(path);
    return refuseFile(file, `line ${lineOf(path)}: ${place === '' ? '' : `${place}: `}${reason}`);
  };
  const [fault] = [...yaml.errors, ...yaml.warnings];
  if (fault !== undefined) return refuseFile(file, `line ${lineAt(fault.pos[0])}: ${fault.message}`);
  checkNodes(yaml.contents, [], refuse);
  const document: unknown = yaml.toJS({ maxAliasCount: 0 });
  checkSchema(document, refuse);
  return { document: document as PolicyDocument, refuse };
}

const numbered = (part: string | number): string | number =>
  typeof part === 'string' && /^\d+$/.test(part) ? Number(part) : part;
