// A file of the specification, checked against its schema.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

/** The schema of spec/pquake.yaml: others refer to its definitions. */
export const messagesSchema = 'spec/schema/pquake.schema.json';

/** The value of a file of YAML. @throws Error if it does not follow the schema */
export function load(file: string, schema: string): unknown {
  const value: unknown = parse(readFileSync(file, 'utf8'));
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  const stated = (name: string): object => JSON.parse(readFileSync(name, 'utf8'));
  if (schema !== messagesSchema) ajv.addSchema(stated(messagesSchema), 'pquake.schema.json');
  const validate = ajv.compile(stated(schema));
  if (!validate(value)) throw new Error(`${file} does not follow ${schema}: ${ajv.errorsText(validate.errors)}`);
  return value;
}

/** @throws Error that names what is stated twice */
export function refuseDuplicates(what: string, names: readonly string[]): void {
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  if (repeated.length > 0) throw new Error(`${what} stated twice: ${repeated.join(', ')}`);
}
