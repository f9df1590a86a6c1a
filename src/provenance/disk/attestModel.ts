// Signs a statement about a model, and puts it beside the model.
import { mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { JsonObject } from '../../json/readJson.ts';
import { isObject, readJson } from '../../json/readJson.ts';
import { limits } from '../../limits.ts';
import { onFile, refuseFile } from '../../node/files/fileErrors.ts';
import { readBounded, writeFiles } from '../../node/files/files.ts';
import type { Judged, Subject } from '../contract.ts';
import { encodeBundle, inTotoPayloadType } from '../signature/bundle.ts';
import { signEnvelope } from '../signature/envelope.ts';
import { encodeStatement, statementLimits } from '../statement/inToto.ts';
import { statementFrom } from '../statement/parts.ts';
import type { PredicateCode } from '../statement/predicateCodes.ts';
import type { PredicateKind } from '../statement/predicateTypes.ts';
import { cardSchemaFor } from './cardSchema.ts';
import { type IdentityCode, type IdentityOptions, identifyModel, statementsFolder } from './modelIdentity.ts';
import type { ModelSigner } from './signModel.ts';

/** What is stated, who signs it, and where it goes. */
export interface AttestOptions extends IdentityOptions, ModelSigner {
  readonly kind: PredicateKind;
  /** See `statementFrom`. */
  readonly predicate: JsonObject;
  /** Default: `<model>.provenance/<model>.<kind>.sig` beside the model. */
  readonly out?: string | undefined;
  /** Replaces a statement that is there. */
  readonly force?: boolean | undefined;
}

/** A statement that was signed. */
export interface AttestedModel {
  readonly subject: Subject;
  readonly file: string;
}

/** Levels of the statement around a predicate. */
const around = 1;

/** Reads a file of JSON, strictly. @throws ConfigurationError */
export function readPredicateFile(file: string): JsonObject {
  const read = readJson(readBounded(file, limits.document), statementLimits.levels - around);
  if (!read.ok) return refuseFile(file, `not JSON as it is read here: ${read.detail ?? read.code}`);
  if (read.value.unpaired) return refuseFile(file, 'a text in it has half of a surrogate pair');
  return isObject(read.value.value) ? read.value.value : refuseFile(file, 'expected an object of JSON');
}

/** Where a statement goes when nobody says where. */
const defaultFile = (path: string, kind: PredicateKind): string =>
  join(statementsFolder(path), `${basename(resolve(path))}.${kind}.sig`);

/**
 * Signs a statement about a model: about its name and the root digest of its files. Writes it when everything was judged.
 * @throws ConfigurationError for a file that cannot be read, and for a statement that is there already
 */
export async function attestModel(
  path: string,
  options: AttestOptions,
): Promise<Judged<AttestedModel, IdentityCode | PredicateCode>> {
  const { kind, predicate, key, chain, out, force = false } = options;
  const model = await identifyModel(path, options);
  if (!model.ok) return model;
  const { subject } = model.value;
  const statement = statementFrom(kind, subject, predicate, await cardSchemaFor(kind === 'card'));
  if (!statement.ok) return statement;
  const envelope = signEnvelope(key, inTotoPayloadType, encodeStatement(statement.value), chain);
  const file = out ?? defaultFile(path, kind);
  if (out === undefined) onFile(dirname(file), () => mkdirSync(dirname(file), { recursive: true }));
  writeFiles([{ file, content: encodeBundle(envelope), mode: 0o644 }], force);
  return { ok: true, value: { subject, file } };
}
