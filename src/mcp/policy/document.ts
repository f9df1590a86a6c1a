// The content of a policy file, as spec/schema/mcp-policy.schema.json describes it.
import type { Assurance, Json } from '../contract.ts';

/** Whom a part of a policy is about. Every member that is there has to hold. */
export interface Who {
  /** Patterns, of which one has to match a name of the peer. */
  readonly names?: readonly string[];
  /** Patterns of subjects of trust anchors. */
  readonly authorities?: readonly string[];
  /** The least that the authority of the peer has to assert. */
  readonly assurance?: Assurance;
}

/** One rule. */
export interface RuleDocument {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly who: Who;
  readonly methods?: readonly string[];
  readonly tools?: readonly string[];
  readonly resources?: readonly string[];
  readonly prompts?: readonly string[];
  /** A JSON Schema of few keywords. */
  readonly arguments?: { readonly [keyword: string]: Json };
}

/** A length of time such as `12h`, or `never`. */
export type Duration = string;

/** How often a peer has to authenticate again. */
export interface ReauthenticateDocument {
  readonly every?: Duration;
  readonly idle?: Duration;
}

/** The most that a peer may do. */
export interface LimitsDocument {
  readonly callsPerMinute?: number;
  readonly concurrent?: number;
  readonly messageOctets?: number;
}

/** What holds for some peers instead of what holds for all. */
export interface PeersDocument {
  readonly who: Who;
  readonly reauthenticate?: ReauthenticateDocument;
  readonly limits?: LimitsDocument;
}

/** A whole file. */
export interface PolicyDocument {
  readonly version: 1;
  readonly description?: string;
  readonly engine?: 'pquake' | 'cedar';
  readonly cedar?: { readonly policies: string; readonly schema?: string };
  readonly authorities?: readonly { readonly name: string; readonly assurance: Assurance }[];
  readonly rules?: readonly RuleDocument[];
  readonly reauthenticate?: ReauthenticateDocument;
  readonly limits?: LimitsDocument;
  readonly peers?: readonly PeersDocument[];
}
