// Files of a verified model, handed over for use: only octets that were hashed, and that somebody trusted signed.
import { lstatSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { FileDigest, Judged } from '../contract.ts';
import { type FileCode, refuseFile } from './codes.ts';
import {
  type OpenVerifiedOptions,
  openVerified as openFile,
  type ReadVerifiedOptions,
  readVerified as readFile,
  type VerifiedFile,
} from './openVerified.ts';
import type { ModelRefusalCode, VerifiedModel } from './verifyModel.ts';
import { type SignatureOptions, type StatementRefusalCode, verifySignatures } from './verifySignatures.ts';

/** Where a model lies, and what its files are. */
interface Known {
  readonly path: string;
  readonly files: readonly FileDigest[];
}

const byName = new WeakMap<readonly FileDigest[], ReadonlyMap<string, string>>();

function digestOf(files: readonly FileDigest[], name: string): string | undefined {
  const known = byName.get(files) ?? new Map(files.map((one) => [one.name, one.digest]));
  byName.set(files, known);
  return known.get(name);
}

interface Found {
  readonly root: string;
  readonly name: string;
  readonly digest: string;
}

/** The file in its folder. Of a model that is one file the official tool calls it `.`. */
function find({ path, files }: Known, name: string): Judged<Found, FileCode> {
  const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const digest = digestOf(files, name) ?? (isFile && name === basename(path) ? digestOf(files, '.') : undefined);
  return digest === undefined
    ? refuseFile('file-extra', name)
    : { ok: true, value: { root: isFile ? dirname(path) : path, name, digest } };
}

function known(model: VerifiedModel | string, options: unknown): Judged<Known, StatementRefusalCode> {
  if (typeof model !== 'string') return { ok: true, value: model };
  const verified = verifySignatures(options as SignatureOptions);
  return verified.ok ? { ok: true, value: { path: model, files: verified.value.integrity.files } } : verified;
}

function found(model: VerifiedModel | string, name: string, options: unknown): Judged<Found, ModelRefusalCode> {
  const at = known(model, options);
  return at.ok ? find(at.value, name) : at;
}

/**
 * Opens a file of a model for use: see `VerifiedFile`. Of a path the signatures are verified, and this file alone is hashed.
 * @param model - as `verifyModel` gave it, or its path
 * @param name - as in `FileDigest`. A file that nobody signed is refused with `file-extra`
 * @throws ConfigurationError for a signature that cannot be read
 */
export function openVerified(
  model: VerifiedModel,
  name: string,
  options?: OpenVerifiedOptions,
): Promise<Judged<VerifiedFile, FileCode>>;
export function openVerified(
  model: string,
  name: string,
  options: SignatureOptions & OpenVerifiedOptions,
): Promise<Judged<VerifiedFile, ModelRefusalCode>>;
export async function openVerified(
  model: VerifiedModel | string,
  name: string,
  options: OpenVerifiedOptions = {},
): Promise<Judged<VerifiedFile, ModelRefusalCode>> {
  const file = found(model, name, options);
  return file.ok ? await openFile(file.value.root, file.value.name, file.value.digest, options) : file;
}

/** Reads a file of a model into memory. The parameters are those of `openVerified`. */
export function readVerified(
  model: VerifiedModel,
  name: string,
  options?: ReadVerifiedOptions,
): Promise<Judged<Uint8Array, FileCode>>;
export function readVerified(
  model: string,
  name: string,
  options: SignatureOptions & ReadVerifiedOptions,
): Promise<Judged<Uint8Array, ModelRefusalCode>>;
export async function readVerified(
  model: VerifiedModel | string,
  name: string,
  options: ReadVerifiedOptions = {},
): Promise<Judged<Uint8Array, ModelRefusalCode>> {
  const file = found(model, name, options);
  return file.ok ? await readFile(file.value.root, file.value.name, file.value.digest, options) : file;
}
