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
export { type ModelCode, modelCodes } from './disk/modelCodes.ts';
export {
  type OpenVerifiedOptions,
  openVerified as openVerifiedFile,
  type Part,
  type ReadVerifiedOptions,
  readVerified as readVerifiedFile,
  type VerifiedFile,
  VerifiedFileError,
} from './disk/openVerified.ts';
export type { EvidenceOf } from './disk/policyTrust.ts';
export { type ModelSigner, type SignedModel, type SignModelOptions, signModel } from './disk/signModel.ts';
export { openVerified, readVerified } from './disk/useVerified.ts';
export type { VerifiedSignature } from './disk/verifiedSignature.ts';
export {
  type ModelRefusalCode,
  type VerifiedCache,
  type VerifiedModel,
  type VerifyModelOptions,
  verifyModel,
} from './disk/verifyModel.ts';
export {
  type SignatureOptions,
  type StatementRefusalCode,
  type UnverifiedSignature,
  type VerifiedStatement,
  verifySignatures,
} from './disk/verifySignatures.ts';
export { readSignerAuthorities } from './keys/authorities.ts';
export {
  type NewKeyAccess,
  readSigningKey,
  readVerifyingKey,
  readVerifyingKeyText,
  type SigningKeyAccess,
  signingKeyFromText,
  writeKeyPair,
} from './keys/files.ts';
export {
  generateKey,
  type MlDsa44,
  mlDsa44,
  type SchemeOptions,
  signingKeyOf,
  verifyingKeyOf,
} from './keys/schemes.ts';
export { verifyTimestampToken } from './keys/timestamps.ts';
export { readTrustPolicy } from './keys/trustPolicyFile.ts';
export { type AlgorithmFacts, algorithmNames, algorithmTable, isAlgorithmName } from './signature/algorithms.ts';
export { bundleLimits, decodeBundle, encodeBundle, inTotoPayloadType } from './signature/bundle.ts';
export type { ChainSigner, SignerAuthorities } from './signature/chain.ts';
export { type SignatureCode, signatureCodes } from './signature/codes.ts';
export { pae } from './signature/dsse.ts';
export { type SignatureTrust, signEnvelope, verifyEnvelope } from './signature/envelope.ts';
export { identifierOf, publicKeyText } from './signature/publicKey.ts';
export { type StatementCode, statementCodes } from './statement/codes.ts';
export type { NameRule } from './statement/fileNames.ts';
export { decodeStatement, encodeStatement, statementLimits } from './statement/inToto.ts';
export {
  defaultIgnoredPaths,
  type Integrity,
  type IntegrityOptions,
  integrityLimits,
  integrityPredicateType,
  integrityStatement,
  readIntegrity,
  requiredAlgorithmsKey,
  rootDigest,
} from './statement/integrity.ts';
export { type TrustCode, trustCodes } from './trust/codes.ts';
export { explanationLines } from './trust/explanationText.ts';
export { type RevocationReason, revocationReasons } from './trust/history.ts';
export {
  explainTrust,
  judgedLimits,
  judgeSignatures,
  type SignaturesToJudge,
  type TrustDecision,
  type TrustExplanation,
} from './trust/judge.ts';
export { type KeyStatement, readKeyStatement } from './trust/keyStatements.ts';
export { phasePresets } from './trust/phases.ts';
export { type TrustPolicy, usualIgnoredPaths } from './trust/policy.ts';
export { revocationPredicateType, signRevocation } from './trust/revocation.ts';
export type { PresentedSignature, TrustedTime } from './trust/signatures.ts';
export { signSuccession, successionPredicateType } from './trust/succession.ts';
export type { VerifiedTimestamp } from './trust/timestamp.ts';
