// The content of a trust policy file, as spec/schema/trust-policy.schema.json describes it.
import type { AlgorithmName, Assurance } from '../contract.ts';

/** A key: by its identifier, as PEM text, or in a file relative to that of the policy. */
export type KeyDocument = { readonly identifier: string } | { readonly pem: string } | { readonly file: string };

/** What somebody may sign: statements of these types about these subjects. */
export interface ScopeDocument {
  /** Patterns of names of subjects. */
  readonly subjects: readonly string[];
  /** Patterns of predicate types. */
  readonly predicateTypes: readonly string[];
}

/** A signer: one who counts once, with whichever of its keys. */
export interface SignerDocument {
  readonly id: string;
  readonly keys?: readonly KeyDocument[];
  /** Patterns of names in certificates. */
  readonly names?: readonly string[];
  /** Patterns of the subjects of trust anchors: who may certify these names. */
  readonly authorities?: readonly string[];
  /** The least that these authorities have to assert. */
  readonly assurance?: Assurance;
  readonly maySign: readonly ScopeDocument[];
}

/**
 * What the signatures of one signer have to be. `classical`: one of any algorithm. `hybrid`: a classical and a post-quantum one, or a
 * composite one, which is both. `post-quantum`: a post-quantum one; classical ones beside it change nothing.
 */
export type Phase = 'classical' | 'hybrid' | 'post-quantum';

/** The names of phases with the dates of public road maps: see `phasePresets`. */
export type PresetName = 'us-eo-14412' | 'eu-2030' | 'eu-2035';

/** A phase and when it is in force. */
export interface PhaseDocument {
  readonly phase: Phase;
  /** The first moment. A date stands for the beginning of the day, in UTC. */
  readonly notBefore?: string;
  /** The last moment. A date stands for the whole day, in UTC. */
  readonly notAfter?: string;
  /** Of each of these a signer has to have a signature. */
  readonly algorithms?: readonly AlgorithmName[];
}

/** A kind of trusted time. */
export type EvidenceKind = 'log' | 'timestamp';

/** What has to be there before a statement is believed. */
export interface RequirementDocument extends ScopeDocument {
  readonly id: string;
  /** Identifiers of the signers that count; absent: all. */
  readonly signers?: readonly string[];
  /** How many of them; absent: one. */
  readonly threshold?: number;
  readonly phases: PresetName | readonly PhaseDocument[];
  /** What has to be there beside each signature. */
  readonly evidence?: readonly EvidenceKind[];
  /** Patterns of paths that a signer may leave out; absent: `usualIgnoredPaths`. */
  readonly ignoredPaths?: readonly string[];
}

/** Whether a signature counts that was made before its key was rotated or revoked. */
export type Earlier = 'with-trusted-time' | 'always' | 'never';

/** A whole file. */
export interface TrustDocument {
  readonly version: 1;
  readonly signers: readonly SignerDocument[];
  readonly requirements: readonly RequirementDocument[];
  readonly authorities?: readonly {
    /** The subject: `CN=...`. */
    readonly name: string;
    /** A file of PEM. */
    readonly certificates?: string;
    readonly assurance?: Assurance;
  }[];
  /** Files of PEM: certificates of time-stamp authorities. */
  readonly timestampAuthorities?: readonly string[];
  /** A file: the logs, witnesses and quorum by which proofs count (C2SP tlog-policy). Without it nothing is known to be logged. */
  readonly logPolicy?: string;
  /** Keys that may revoke any key. */
  readonly revocationAuthorities?: readonly KeyDocument[];
  /** Files: successions and revocations. */
  readonly keyStatements?: readonly string[];
  readonly earlierSignatures?: {
    readonly rotated?: Earlier;
    readonly revoked?: Earlier;
    readonly trustedTimes?: readonly EvidenceKind[];
  };
}
