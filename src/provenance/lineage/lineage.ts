// What a lineage is made of, and what it is: models, what went into them, what is stated about them, and which links fail.
import type { Signer, Statement } from '../contract.ts';
import type { Role } from '../statement/origin.ts';
import type { PredicateKind } from '../statement/predicateTypes.ts';
import type { LinkCode } from './codes.ts';

/** The most that is looked at and drawn. */
export const lineageBounds = {
  statements: 16_384,
  models: 1_024,
  nodes: 16_384,
  links: 32_768,
  /** Failures that are told. */
  failures: 1_024,
  /** Notes that are told. */
  notes: 256,
  /** Characters of a note, and of the detail of a failure. */
  text: 1_024,
  /** Metrics and levels that a node shows. */
  facts: 8,
} as const;

/** What was decided of the signature of a statement, before the lineage is built. */
export type Verdict =
  | { readonly trusted: true; readonly signer: Signer }
  /** `unsigned`: no signature verifies. `signer-refused`: one does, of somebody who may not sign this. */
  | { readonly trusted: false; readonly code: 'unsigned' | 'signer-refused'; readonly reason: string };

/** A statement, and whether it is believed. */
export interface GivenStatement {
  /** Where it was found, for people: a file name. */
  readonly source: string;
  /** SHA-256 of its payload, hexadecimal. */
  readonly digest: string;
  readonly statement: Statement;
  readonly verdict: Verdict;
  /** It lies beside the model that is traced, so that it must be about it. */
  readonly beside: boolean;
  /** It was found beside some other model, and nobody named it: when it is not believed, and somebody else is, it is only noted. */
  readonly stray?: boolean | undefined;
}

/** Something that is no statement. Beside the model that is traced it fails a link; elsewhere it is noted. */
export interface Unreadable {
  readonly source: string;
  readonly reason: string;
  readonly beside: boolean;
}

/** A model by its root digest (SHA-256, hexadecimal). */
export interface ModelIdentity {
  readonly name: string;
  readonly digest: string;
}

/** What a node stands for: a model, an input of one, a statement about one, or what should be there and is not. */
export type NodeKind =
  | 'model'
  | Exclude<Role, 'previous-version' | 'base-model'>
  | PredicateKind
  | 'statement'
  | 'missing';

/** A node of a lineage. All texts but `id` and `kind` may be chosen by strangers. */
export interface LineageNode {
  /** `n1`, `n2`, ... in the order of discovery. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  /** Algorithm and value: `sha256:0123...`. */
  readonly digest?: string | undefined;
  /** Lines for people. */
  readonly facts: readonly string[];
  /** Names of those who signed what is believed of it, sorted. */
  readonly signers: readonly string[];
}

/** Why a link fails. */
export interface LinkFailure {
  readonly code: LinkCode;
  readonly detail: string;
}

/** From a model to what went into it, or to what is stated about it. */
export interface LineageLink {
  readonly from: string;
  readonly to: string;
  readonly kind: Role | PredicateKind | 'statement';
  /** The statement that says so. */
  readonly source?: string | undefined;
  readonly signer?: string | undefined;
  /** None when the link holds. */
  readonly failures: readonly LinkFailure[];
}

/** Where a model came from. */
export interface Lineage {
  /** Whether every link holds. */
  readonly ok: boolean;
  /** The node of the model that was traced. */
  readonly root: string;
  readonly nodes: readonly LineageNode[];
  readonly links: readonly LineageLink[];
  /** What else is to be known, such as fields that were not understood. */
  readonly notes: readonly string[];
}
