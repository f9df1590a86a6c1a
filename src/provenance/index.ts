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
