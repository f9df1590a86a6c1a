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
export { type AttestedModel, type AttestOptions, attestModel } from './disk/attestModel.ts';
export { type CacheOptions, type DigestCache, digestCache, type KeptDigest } from './disk/cache.ts';
export { loadCardSchema } from './disk/cardSchema.ts';
export { type FileCode, fileCodes } from './disk/codes.ts';
export { type CompareOptions, compareModel, differencesOf, type FileDifference } from './disk/compare.ts';
export {
  type EnumerateOptions,
  enumerateModel,
  type ModelFiles,
} from './disk/enumerate.ts';
export { expectedNames, judgeByPolicy, type StatementTrust } from './disk/givenStatements.ts';
export { type HashedModel, type HashOptions, type HashProgress, hashModel } from './disk/hash.ts';
export type { UnverifiedSignature } from './disk/hybrid.ts';
export type { LoggedSignature } from './disk/logEvidence.ts';
export {
  type AddedEntries,
  type Addition,
  addToLog,
  initLog,
  type NewLog,
  readLogKey,
} from './disk/logFiles.ts';
export {
  type CosignerFile,
  type NewCosigner,
  type NewCosignerAccess,
  newCosigner,
  noteSchemes,
  readCosigner,
  readVerifierKey,
  verifierKeyText,
} from './disk/logKeys.ts';
export { directoryReader, readerOf, webReader } from './disk/logReaders.ts';
export { type FoundEntry, findEntry, verifyLog } from './disk/logVerify.ts';
export { type Witnessed, type Witnessing, witnessLog } from './disk/logWitness.ts';
export { type ModelCode, modelCodes } from './disk/modelCodes.ts';
export { type IdentityCode, type IdentityOptions, statementsFolder } from './disk/modelIdentity.ts';
export {
  type OpenVerifiedOptions,
  openVerified as openVerifiedFile,
  type Part,
  type ReadVerifiedOptions,
  readVerified as readVerifiedFile,
  type VerifiedFile,
  VerifiedFileError,
} from './disk/openVerified.ts';
export { type ModelSigner, type SignedModel, type SignModelOptions, signModel } from './disk/signModel.ts';
export {
  requestTimestamp,
  type StampedSignature,
  type TimestampRequestOptions,
  timestampSignature,
} from './disk/timestampSignature.ts';
export { type TraceOptions, traceModel } from './disk/traceModel.ts';
export { openVerified, readVerified } from './disk/useVerified.ts';
export type { VerifiedSignature } from './disk/verifiedFile.ts';
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
  type VerifiedStatement,
  verifySignatures,
} from './disk/verifySignatures.ts';
export type { ModelFile } from './disk/walk.ts';
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
export { buildLineage, type LineageInput } from './lineage/build.ts';
export { type LinkCode, linkCodes } from './lineage/codes.ts';
export { type DrawingFormat, drawingFormats, drawLineage } from './lineage/drawing/draw.ts';
export {
  type GivenStatement,
  type Lineage,
  type LineageLink,
  type LineageNode,
  type LinkFailure,
  lineageBounds,
  type ModelIdentity,
  type NodeKind,
  type Unreadable,
  type Verdict,
} from './lineage/lineage.ts';
export { logBounds } from './log/bounds.ts';
export { type Checkpoint, parseCheckpoint } from './log/checkpoint.ts';
export { type LogCode, logCodes } from './log/codes.ts';
export type { Cosigner } from './log/cosignature.ts';
export { entryOf } from './log/entry.ts';
export { type Cosigned, type JudgedCheckpoint, type LogTrust, readValidCheckpoint } from './log/judge.ts';
export { formatVerifierKey, type NoteKey, type NoteSchemes, noteKey, parseVerifierKey } from './log/keys.ts';
export { type LogPolicy, parsePolicy, type Quorum } from './log/policy.ts';
export { type Logged, type LogProof, proofFileOf, verifyProof } from './log/proof.ts';
export type { LogReader } from './log/reader.ts';
export { type AlgorithmFacts, algorithmNames, algorithmTable, isAlgorithmName } from './signature/algorithms.ts';
export { bundleLimits, decodeBundle, encodeBundle, inTotoPayloadType } from './signature/bundle.ts';
export type { ChainSigner, SignerAuthorities } from './signature/chain.ts';
export { type SignatureCode, signatureCodes } from './signature/codes.ts';
export { pae } from './signature/dsse.ts';
export { type SignatureTrust, signEnvelope, verifyEnvelope } from './signature/envelope.ts';
export { identifierOf, publicKeyText } from './signature/publicKey.ts';
export { bomOf, type Card, type CardSchema, cardStatement, readCard } from './statement/card.ts';
export { type StatementCode, statementCodes } from './statement/codes.ts';
export {
  type Evaluation,
  evaluationStatement,
  type Metric,
  metricsField,
  readEvaluation,
} from './statement/evaluation.ts';
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
export {
  type Dependency,
  type Origin,
  originStatement,
  type Role,
  readOrigin,
  roleAnnotation,
  trainingBuildType,
} from './statement/origin.ts';
export { statementFrom } from './statement/parts.ts';
export { type PredicateCode, predicateCodes } from './statement/predicateCodes.ts';
export { predicateBounds, type ReadPredicate } from './statement/predicateFields.ts';
export { type PredicateKind, predicateKinds, predicateTypes } from './statement/predicateTypes.ts';
export type { Resource } from './statement/resource.ts';
export { readSummary, type Summary, summaryStatement, verifiedLevel } from './statement/summary.ts';
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
export type { RequestDigest } from './trust/timestampRequest.ts';
