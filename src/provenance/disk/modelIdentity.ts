// Which model it is that lies on disk: its root digest, computed from its files, never only read from a statement.
import { existsSync, lstatSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Judged, SignedEnvelope, Subject } from '../contract.ts';
import type { SignatureCode } from '../signature/codes.ts';
import type { StatementCode } from '../statement/codes.ts';
import { decodeStatement } from '../statement/inToto.ts';
import { type Integrity, readIntegrity, rootDigest } from '../statement/integrity.ts';
import type { FileCode } from './codes.ts';
import { compareModel } from './compare.ts';
import { type HashedModel, type HashOptions, hashModel } from './hash.ts';
import { defaultSignature, readBundle, siblingOf } from './signatureFiles.ts';

/** How a model is identified. */
export interface IdentityOptions extends Pick<HashOptions, 'workers' | 'onProgress' | 'ignore'> {
  /** The signature of its integrity. Default: `model.sig` in it, or its name with `.sig`, where that is there. */
  readonly signature?: string | undefined;
}

/** A model on disk. */
export interface IdentifiedModel {
  readonly subject: Subject;
  /** Files of signatures of its integrity that were found. They are not verified. */
  readonly signatures: readonly string[];
}

/** Why a model cannot be identified. */
export type IdentityCode = FileCode | SignatureCode | StatementCode;

/** The files of signatures of a model that are there. A signature that is named must be there. */
export function signaturesOf(path: string, named?: string): readonly string[] {
  const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const first = named ?? defaultSignature(path, isDirectory);
  const sibling = siblingOf(first);
  const found = [first, ...(sibling === undefined ? [] : [sibling])].filter((file) => existsSync(file));
  return named === undefined || found.includes(named) ? found : [named, ...found];
}

function integrityIn({ payload }: SignedEnvelope): Judged<Integrity, StatementCode> {
  const statement = decodeStatement(payload);
  return statement.ok ? readIntegrity(statement.value) : statement;
}

/** Refuses files that are not those that the statement lists. The official tool calls the only file of a model `.`. */
function compared(hashed: HashedModel, { files }: Integrity): Judged<unknown, FileCode> {
  const isOneFile = files.length === 1 && files[0]?.name === '.' && hashed.files.length === 1;
  return compareModel(isOneFile ? hashed.files.map((one) => ({ ...one, name: '.' })) : hashed.files, files);
}

/**
 * The subject of statements about a model: name and root digest, computed from its files. Where a signature of its integrity is there, the files
 * must be those that it lists, and what it leaves out is left out. Whether that signature verifies is not judged here.
 * @throws ConfigurationError for a file that cannot be read
 */
export async function identifyModel(
  path: string,
  options: IdentityOptions = {},
): Promise<Judged<IdentifiedModel, IdentityCode>> {
  const { workers, onProgress, ignore = [], signature } = options;
  const signatures = signaturesOf(path, signature);
  const [first] = signatures;
  const bundle = first === undefined ? undefined : readBundle(first);
  if (bundle?.ok === false) return bundle;
  const integrity = bundle === undefined ? undefined : integrityIn(bundle.value);
  if (integrity?.ok === false) return integrity;
  const ignored = [...ignore, ...(integrity?.value.ignoredPaths ?? [])];
  const hashed = await hashModel(path, { workers, onProgress, ignore: ignored, signatures });
  if (!hashed.ok) return hashed;
  const judged = integrity === undefined ? undefined : compared(hashed.value, integrity.value);
  if (judged?.ok === false) return judged;
  const name = integrity?.value.name ?? hashed.value.name;
  return { ok: true, value: { subject: { name, digest: { sha256: rootDigest(hashed.value.files) } }, signatures } };
}

/** The folder of the statements about a model: beside it, so that they are no files of the model. */
export const statementsFolder = (path: string): string => {
  const whole = resolve(path);
  return join(dirname(whole), `${basename(whole)}.provenance`);
};
