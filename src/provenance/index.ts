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
export { type ModelCode, modelCodes } from './disk/modelCodes.ts';
export { type ModelSigner, type SignedModel, type SignModelOptions, signModel } from './disk/signModel.ts';
export { type ModelRefusalCode, type VerifiedModel, type VerifyModelOptions, verifyModel } from './disk/verifyModel.ts';
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
export { type AlgorithmFacts, algorithmNames, algorithmTable, isAlgorithmName } from './signature/algorithms.ts';
export { bundleLimits, decodeBundle, encodeBundle, inTotoPayloadType } from './signature/bundle.ts';
export type { ChainSigner, SignerAuthorities } from './signature/chain.ts';
export { type SignatureCode, signatureCodes } from './signature/codes.ts';
export { pae } from './signature/dsse.ts';
export { type SignatureTrust, signEnvelope, verifyEnvelope } from './signature/envelope.ts';
export { identifierOf, publicKeyText } from './signature/publicKey.ts';
export { type StatementCode, statementCodes } from './statement/codes.ts';
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
