// Reads the files of enrolments (spec/enrolment.md). Each has exactly one form.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { type EnrolmentFiles, textOf } from '../../enrolment/files.ts';
import { limits } from '../../limits.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { readBounded } from '../files/files.ts';

const schemaFile = new URL('../../../spec/schema/enrolment.schema.json', import.meta.url);

/** Of spec/schema/enrolment.schema.json. The order of `required` is that of the members in a file. */
interface Schemas {
  readonly ajv: Ajv;
  readonly definitions: Readonly<Record<keyof EnrolmentFiles, { readonly required: readonly string[] }>>;
}

let known: Schemas | undefined;

function schemas(): Schemas {
  if (known !== undefined) return known;
  const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as Pick<Schemas, 'definitions'>;
  known = { ajv: new Ajv().addSchema(schema, 'enrolment'), definitions: schema.definitions };
  return known;
}

/** Whether a request to be written follows the schema. */
export const isRequest = (value: unknown): boolean => schemas().ajv.validate('enrolment#/definitions/request', value);

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
 * Reads a file of an enrolment: it must follow the schema, in the only form, so that no two files mean the same.
 * @throws ConfigurationError
 */
export function readEnrolmentFile<K extends keyof EnrolmentFiles>(file: string, kind: K): EnrolmentFiles[K] {
  const text = readText(file);
  const value = parseJson(file, text);
  const { ajv, definitions } = schemas();
  if (!ajv.validate<EnrolmentFiles[K]>(`enrolment#/definitions/${kind}`, value)) {
    const [{ instancePath = '', message = '' } = {}] = ajv.errors ?? [];
    return refuseFile(file, `not a ${kind}: ${instancePath || 'the file'} ${message}`);
  }
  const inOrder = Object.keys(value).join() === definitions[kind].required.join();
  if (!inOrder || textOf(value) !== text) refuseFile(file, 'not in the form of spec/enrolment.md');
  return value;
}
