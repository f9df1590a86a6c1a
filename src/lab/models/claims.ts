import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

/** A claim of the draft. */
export interface Claim {
  readonly id: string;
  readonly name: string;
  readonly says: string;
}

/** Loads and checks spec/claims.yaml. @throws Error that names the fault in it */
export function loadClaims(): readonly Claim[] {
  const value: unknown = parse(readFileSync('spec/claims.yaml', 'utf8'));
  const ajv = new Ajv({ allErrors: true });
  const validate = ajv.compile<{ claims: Claim[] }>(JSON.parse(readFileSync('spec/schema/claims.schema.json', 'utf8')));
  if (validate(value)) return value.claims;
  throw new Error(`spec/claims.yaml does not follow its schema: ${ajv.errorsText(validate.errors)}`);
}
