// The schema of CycloneDX 1.7, read from spec/schema/cyclonedx when the first model card is judged: it has 400 kB.
import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../../json/readJson.ts';
import type { CardSchema } from '../statement/card.ts';

const folder = new URL('../../../spec/schema/cyclonedx/', import.meta.url);

const read = (name: string): object => JSON.parse(readFileSync(new URL(`${name}.schema.json`, folder), 'utf8'));

interface Validator {
  readonly validate: (value: Json) => {
    readonly valid: boolean;
    readonly errors: readonly { readonly instanceLocation: string; readonly keyword: string; readonly error: string }[];
  };
}

async function newValidator(): Promise<Validator> {
  const { Validator } = await import('@cfworker/json-schema');
  const validator = new Validator(read('bom-1.7'), '7');
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) validator.addSchema(read(name));
  return validator;
}

let known: Promise<Validator> | undefined;

/** Stands where no card is judged; it lets none through. */
const none: CardSchema = () => 'the schema of cards was not read';

/** The judge of model cards, where there are cards to judge: reading it takes longer than everything else about a statement. */
export const cardSchemaFor = async (areThere: boolean): Promise<CardSchema> =>
  areThere ? await loadCardSchema() : none;

/** The judge of model cards. What it says names the place and the rule, and nothing of the card. */
export async function loadCardSchema(): Promise<CardSchema> {
  known ??= newValidator();
  const validator = await known;
  return (bom: JsonObject) => {
    const { valid, errors } = validator.validate(bom);
    if (valid) return undefined;
    const { instanceLocation = '#', keyword = '', error = '' } = errors.at(-1) ?? {};
    const reason = keyword === 'false' ? 'it is not expected' : error.replace(/\.$/, '');
    return `${instanceLocation.slice(1) || 'the whole'}: ${reason}`;
  };
}
