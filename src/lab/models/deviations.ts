// models/cryptoverif/deviations.yaml: the differences between the roles of the CryptoVerif files and those of the code, with reasons.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parseYaml } from '../yaml.ts';
import type { Deviation, Played } from './cryptoverifRoles.ts';

/** A difference with the reasons for it, by name. */
export interface Excused extends Deviation {
  readonly because: readonly string[];
}

/** A process of a file: the role that it runs, where the rest of the file starts it, and how it differs. */
export interface Process {
  readonly role: Played;
  readonly runs: readonly string[];
  readonly deviations: readonly Excused[];
}

export interface Deviations {
  readonly reasons: Readonly<Record<string, string>>;
  /** By file and process. */
  readonly files: Readonly<Record<string, Readonly<Record<string, Process>>>>;
}

const line = { type: 'string', minLength: 1 };
const list = { type: 'array', minItems: 1, items: line };
const closed = { type: 'object', additionalProperties: false };
const deviation = {
  ...closed,
  required: ['after', 'because'],
  properties: { after: line, without: list, with: list, because: list },
};
const process = {
  ...closed,
  required: ['role', 'runs', 'deviations'],
  properties: {
    role: { enum: ['initiator', 'responder', 'exchange'] },
    runs: list,
    deviations: { type: 'array', items: deviation },
  },
};
const schema = {
  ...closed,
  required: ['reasons', 'files'],
  properties: {
    reasons: { type: 'object', additionalProperties: line },
    files: { type: 'object', additionalProperties: { type: 'object', additionalProperties: process } },
  },
};

/** Reads the list. @throws Error that names the fault in it */
export function loadDeviations(file = 'models/cryptoverif/deviations.yaml'): Deviations {
  const ajv = new Ajv({ allErrors: true });
  const validate = ajv.compile<Deviations>(schema);
  const value: unknown = parseYaml(readFileSync(file, 'utf8'));
  if (!validate(value)) throw new Error(`${file}: ${ajv.errorsText(validate.errors)}`);
  const used = Object.values(value.files).flatMap((processes) =>
    Object.values(processes).flatMap(({ deviations }) => deviations.flatMap(({ because }) => because)),
  );
  const unknown = used.filter((reason) => !(reason in value.reasons));
  const idle = Object.keys(value.reasons).filter((reason) => !used.includes(reason));
  if (unknown.length > 0) throw new Error(`${file}: there is no reason ${unknown.join(', ')}`);
  if (idle.length > 0) throw new Error(`${file}: nothing has the reason ${idle.join(', ')}`);
  return value;
}
