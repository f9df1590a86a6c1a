// Reads the files of enrolments (spec/enrolment.md). Each has exactly one form.
import { readFileSync } from 'node:fs';
import { Validator } from '@cfworker/json-schema';
import { type EnrolmentFiles, textOf } from '../../enrolment/files.ts';
import { limits } from '../../limits.ts';
import { timeOf } from '../../time.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { readBounded } from '../files/files.ts';

const schemaFile = new URL('../../../spec/schema/enrolment.schema.json', import.meta.url);

type Kind = keyof EnrolmentFiles;

/** The file spec/schema/enrolment.schema.json. `required` gives the order of the members of a file. */
interface Schema {
  readonly definitions: Readonly<Record<Kind, { readonly required: readonly string[] }>>;
}

let known: Schema | undefined;

function schema(): Schema {
  known ??= JSON.parse(readFileSync(schemaFile, 'utf8')) as Schema;
  return known;
}

/** Where and how a value breaks its schema, without any of the value; `undefined` when it conforms. */
function refusal(kind: Kind, value: unknown): string | undefined {
  const { definitions } = schema();
  const { valid, errors } = new Validator({ definitions, $ref: `#/definitions/${kind}` }, '7').validate(value);
  if (valid) return undefined;
  const { instanceLocation = '#', keyword, error = '' } = errors.at(-1) ?? {};
  const isUnknown = keyword === 'false'; // then the location ends with the unknown member, a word of the file
  const place = isUnknown ? instanceLocation.slice(0, instanceLocation.lastIndexOf('/')) : instanceLocation;
  const reason = isUnknown ? 'a member that is not expected' : error.replace(/\.$/, '');
  return `${place.slice(1) || 'the file'}: ${reason}`;
}

/** Whether a request conforms to the schema, before it is written. */
export const isRequest = (value: unknown): boolean => refusal('request', value) === undefined;

function readText(file: string): string {
  const octets = readBounded(file, limits.enrolmentFile);
  if (octets.some((octet) => octet >= 0x80)) refuseFile(file, 'expected ASCII, found another octet');
  return octets.toString('latin1');
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuseFile(file, 'expected JSON, found something else');
  }
}

/**
 * Reads a file of an enrolment. It must conform to the schema and be in the only form, so that no two files mean the
 * same.
 * @throws ConfigurationError
 */
export function readEnrolmentFile<K extends keyof EnrolmentFiles>(file: string, kind: K): EnrolmentFiles[K] {
  const text = readText(file);
  const value = parseJson(file, text) as EnrolmentFiles[K];
  const reason = refusal(kind, value);
  if (reason !== undefined) return refuseFile(file, `not a ${kind}: ${reason}`);
  if ('expires' in value && timeOf(value.expires) === undefined)
    return refuseFile(file, `not a ${kind}: /expires: expected a day and time that exist`);
  const inOrder = Object.keys(value).join() === schema().definitions[kind].required.join();
  if (!inOrder || textOf(value) !== text) refuseFile(file, 'not in the form of spec/enrolment.md');
  return value;
}
