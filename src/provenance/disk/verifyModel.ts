// Verifies a model: its signatures, its statement, and every file.
import { lstatSync } from 'node:fs';
import { sha256 } from '../../crypto/sha256.ts';
import { toHex } from '../../octets.ts';
import type { FileDigest, Judged, ProvenanceRefusal, Signer } from '../contract.ts';
import type { Integrity } from '../statement/integrity.ts';
import { type CacheOptions, type DigestCache, digestCache } from './cache.ts';
import type { FileCode } from './codes.ts';
import { compareModel, differencesOf } from './compare.ts';
import { type HashedModel, type HashOptions, hashModel } from './hash.ts';
import type { UnverifiedSignature } from './hybrid.ts';
import type { LoggedSignature } from './logEvidence.ts';
import { type ModelCode, modelCodes } from './modelCodes.ts';
import {
  type SignatureOptions,
  type StatementRefusalCode,
  type VerifiedStatement,
  verifySignatures,
} from './verifySignatures.ts';

/** Whose signatures a model needs, and what may be left out of it. */
export interface VerifyModelOptions extends SignatureOptions, Omit<HashOptions, 'signatures' | 'names' | 'cache'> {
  /** Results of earlier passes. They count for this statement, these signers and this policy alone. */
  readonly cache?: VerifiedCache | undefined;
}

/** Where results of earlier passes are kept: see `CacheOptions`. */
export type VerifiedCache = Omit<CacheOptions, 'key'>;

/** A model of which every file is the one that was signed. */
export interface VerifiedModel {
  readonly path: string;
  /** As the signer called it. */
  readonly name: string;
  /** SHA-256, hexadecimal: see `Integrity`. */
  readonly digest: string;
  readonly files: readonly FileDigest[];
  readonly octets: number;
  /** Files that were not read again. */
  readonly cachedFiles: number;
  /** Whose signatures were verified. */
  readonly signers: readonly Signer[];
  readonly unverified: readonly UnverifiedSignature[];
  /** What the proofs of a log beside the signatures show, when a `logPolicy` was given. */
  readonly logged: readonly LoggedSignature[];
  /** The files of the signatures. */
  readonly signatures: readonly string[];
}

/** Why a model is refused; a `judge` has codes of its own. */
export type ModelRefusalCode = StatementRefusalCode | FileCode;

/** The official tool calls the only file of a model that is one file `.`, where OMS 6.1.2 says its name. */
const expectedFiles = (path: string, found: HashedModel, { files }: Integrity): readonly FileDigest[] =>
  files.length === 1 && files[0]?.name === '.' && lstatSync(path).isFile()
    ? files.map(({ digest }) => ({ name: found.name, digest }))
    : files;

/** What results are kept for: another statement, signer or policy finds none of them. */
function cacheOf(
  { payload, signers }: VerifiedStatement,
  { cache, policy }: VerifyModelOptions,
): DigestCache | undefined {
  if (cache === undefined) return undefined;
  const names = signers.map(({ key, name }) => [key, name]);
  return digestCache({ ...cache, key: JSON.stringify([toHex(sha256(payload)), names, policy?.digest ?? '']) });
}

/** A signature or a proof of a log, which a folder is not: what is in one would be a part of the model that nobody signed. */
const isOfSignature = (path: string): boolean => path.endsWith('.sig') || path.endsWith('.tlog-proof');

/** A file that is there, that nobody signed, and that the signer said to pass over. */
function ignoredBySigner(
  found: HashedModel,
  expected: readonly FileDigest[],
  { ignoredPaths }: Integrity,
): ProvenanceRefusal<ModelCode> | undefined {
  const isIgnored = (name: string): boolean => ignoredPaths.some((one) => name === one || name.startsWith(`${one}/`));
  const extra = differencesOf(found.files, expected).find(({ code, name }) => code === 'file-extra' && isIgnored(name));
  if (extra === undefined) return undefined;
  const [code, path] = ['file-ignored-by-signer', extra.name] as const;
  return { ok: false, code, detail: `${path}: ${modelCodes[code]}`, path };
}

/**
 * Verifies a model, a directory or a file, as OpenSSF Model Signing 1.0 says, and what it leaves open: the digest of the model is
 * computed again, files that nobody signed are refused, and what the signer left out needs a permission. The only other files that
 * need no signature are those of the signatures that were verified.
 * @throws ConfigurationError for a signature that cannot be read, and when nothing is trusted
 * @throws the reason of the signal
 */
export async function verifyModel(
  path: string,
  options: VerifyModelOptions,
): Promise<Judged<VerifiedModel, ModelRefusalCode>> {
  const verified = verifySignatures(options);
  if (!verified.ok) return verified;
  const { integrity, signers, unverified, logged, signatures } = verified.value;
  // A policy that let the statement through permits what the signer left out.
  const permitted = options.policy === undefined ? [] : integrity.ignoredPaths;
  const ignore = [...(options.ignore ?? []), ...permitted.filter((path) => !isOfSignature(path))];
  const ignoreFiles = [...(options.ignoreFiles ?? []), ...permitted.filter(isOfSignature)];
  const cache = cacheOf(verified.value, options);
  const hashed = await hashModel(path, { ...options, ignore, ignoreFiles, signatures, cache });
  if (!hashed.ok) return hashed;
  const expected = expectedFiles(path, hashed.value, integrity);
  const compared = compareModel(hashed.value.files, expected);
  if (!compared.ok) return ignoredBySigner(hashed.value, expected, integrity) ?? compared;
  const { name, digest } = integrity;
  const { octets, cachedFiles } = hashed.value;
  return {
    ok: true,
    value: { path, name, digest, files: expected, octets, cachedFiles, signers, unverified, logged, signatures },
  };
}
