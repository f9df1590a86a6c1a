/**
 * Provenance of models: signatures over their files and statements about them, made and verified with post-quantum signatures.
 * @module pquake/provenance
 */
export type {
  AlgorithmName,
  Assurance,
  FileDigest,
  KeyReference,
  ModelDigests,
  ProvenanceRefusal,
  SignedEnvelope,
  Signer,
  SigningKey,
  Statement,
  Subject,
  VerifiedEnvelope,
  VerifyingKey,
} from './contract.ts';
export { type CacheOptions, type DigestCache, digestCache, type KeptDigest } from './disk/cache.ts';
export { type FileCode, fileCodes } from './disk/codes.ts';
export { type CompareOptions, compareModel, differencesOf, type FileDifference } from './disk/compare.ts';
export {
  defaultIgnored,
  type EnumerateOptions,
  enumerateModel,
  type ModelFile,
  type ModelFiles,
} from './disk/enumerate.ts';
export { type HashedModel, type HashOptions, type HashProgress, hashModel } from './disk/hash.ts';
export {
  type OpenVerifiedOptions,
  openVerified as openVerifiedFile,
  type Part,
  type ReadVerifiedOptions,
  readVerified as readVerifiedFile,
  type VerifiedFile,
  VerifiedFileError,
} from './disk/openVerified.ts';
export type { NameRule } from './statement/fileNames.ts';
