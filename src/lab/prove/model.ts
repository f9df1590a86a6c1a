// The terms in which the manifest, the query blocks and the provers are described.

export const tools = ['proverif', 'cryptoverif', 'verifpal'] as const;
export type Tool = (typeof tools)[number];

/** An answer that a prover can be expected to give; `unproved`: it finds neither a proof nor an attack. */
export type Answer = 'true' | 'false' | 'unproved';

/** The outcome of a query. Only an `Answer` comes from the prover. */
export type Verdict = Answer | 'timeout' | 'error';

/** A literal text of a model, found exactly once, and what stands in its place. */
export interface Edit {
  readonly find: string;
  readonly put: string;
}

/** A model as the manifest declares it. A variant is one too, made from its base. */
export interface Model {
  /** Where the manifest is; the paths are relative to it. */
  readonly directory: string;
  readonly id: string;
  readonly tool: Tool;
  readonly set: 'default' | 'full';
  readonly title: string;
  /** `{protocol}` already replaced. */
  readonly parts: readonly string[];
  readonly queries: readonly string[];
  /** The only queries that are asked; all when absent. */
  readonly only?: readonly string[];
  /** Expected answers that differ from those of the query blocks, by query id. */
  readonly expect: Readonly<Record<string, Answer>>;
  /** The attack behind an answer `false`, by query id. */
  readonly attack: Readonly<Record<string, string>>;
  /** Where an attack behind an answer `unproved` is shown as a trace, by query id: MODEL/QUERY. */
  readonly confirmed: Readonly<Record<string, string>>;
  /** Time limit of one run, in seconds. */
  readonly seconds: number;
  /** The prover whose verdicts count; absent where the manifest names none. */
  readonly prover?: Prover;
  /** Changes of the text, for a control: a model in which something is broken. */
  readonly edits?: readonly Edit[];
  /** For the twin of a model whose processes say nothing of their ends: they do, and a choice is its first side. */
  readonly ends?: boolean;
}

/** A prover, as far as its answers depend on it. */
export interface Prover {
  readonly version: string;
  /** `sha256:` and the digest of the library that the prover reads beside each model (CryptoVerif: default.cvl). */
  readonly library?: string;
}

/** A query of an assembled model. */
export interface Query {
  readonly id: string;
  readonly claims: readonly string[];
  readonly requirements: readonly string[];
  readonly means: string;
  readonly expected: Answer;
  /** Shown with an answer `false`. */
  readonly attack?: string;
  /** The bound on the probability that a proof by CryptoVerif is expected to have. */
  readonly bound?: string;
  /** A twin, which shows that the model can reach an event: `false` for `not event(..)` is the good answer. */
  readonly reachability: boolean;
  /** The declaration, without comments; empty where the process itself is the query (diff-equivalence). */
  readonly declaration: string;
}

/** The text given to the prover, and what it asks, in the order of the text. */
export interface Assembled {
  readonly model: Model;
  readonly text: string;
  /** `sha256:` and the hexadecimal digest of `text` in UTF-8. */
  readonly digest: string;
  readonly queries: readonly Query[];
  /** The file that each query stands in, relative to the manifest, by query id. */
  readonly sources: ReadonlyMap<string, string>;
  /** Edits that do not fit the text any more, a line each: no verdict on such a text counts, and no prover is run on it. */
  readonly unfit: readonly string[];
}

/** The outcome of one query; `detail` is the tool's or the runner's own words. */
export interface Told {
  readonly id: string;
  readonly verdict: Verdict;
  readonly detail?: string;
  /** Of a proof by CryptoVerif: the bound on the probability that it fails. */
  readonly bound?: string;
}

/** The outcome of one model. */
export interface Outcome {
  readonly assembled: Assembled;
  readonly source: 'run' | 'recorded';
  /** Wall-clock time of the prover. */
  readonly seconds: number;
  readonly told: readonly Told[];
}

/** A fault in the manifest, a model or the ledger; one line for each problem. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

export const isAnswer = (verdict: Verdict): verdict is Answer => verdict !== 'timeout' && verdict !== 'error';
