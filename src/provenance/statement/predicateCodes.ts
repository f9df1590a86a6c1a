/** Why a predicate is refused, by code. */
export const predicateCodes = {
  'wrong-predicate-type': 'a statement of another kind than expected',
  'wrong-subject': 'a statement about none, several or another model',
  'missing-field': 'a field that must be there is not',
  'wrong-field': 'a field of another type, form or value than expected',
  'too-much': 'a text, list or object over its bound',
  'wrong-digest': 'a digest that is not one of its algorithm, or none where one is needed',
  'wrong-time': 'not a time in UTC as RFC 3339 writes it, or an end before its start',
  'wrong-build-type': 'an origin whose parameters and roles are not those of this format',
  'repeated-dependency': 'one thing named twice as an input',
  'contradictory-result': 'a result that its own tests or levels contradict',
  'not-cyclonedx': 'a model card that is not CycloneDX 1.7',
  'no-model-card': 'a bill of materials whose subject is not a model with a card',
} as const;

/** Why a predicate is refused. */
export type PredicateCode = keyof typeof predicateCodes;
