// The kinds of statements beside the one of integrity, and the names that their predicates have in the field.

/** A kind of statement about where a model came from, in the word of `--type`. */
export type PredicateKind = 'origin' | 'evaluation' | 'card' | 'summary';

/** The predicate types: SLSA provenance v1, in-toto test-result, CycloneDX, SLSA verification summary v1. */
export const predicateTypes: Readonly<Record<PredicateKind, string>> = {
  origin: 'https://slsa.dev/provenance/v1',
  evaluation: 'https://in-toto.io/attestation/test-result/v0.1',
  card: 'https://cyclonedx.org/bom',
  summary: 'https://slsa.dev/verification_summary/v1',
};

export const predicateKinds: readonly PredicateKind[] = ['origin', 'evaluation', 'card', 'summary'];

/** The kind of a predicate type; `undefined` for any other. */
export const kindOf = (predicateType: string): PredicateKind | undefined =>
  predicateKinds.find((kind) => predicateTypes[kind] === predicateType);
