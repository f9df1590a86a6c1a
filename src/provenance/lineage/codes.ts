/** Why a link of a lineage fails, by code. */
export const linkCodes = {
  'origin-missing': 'no statement says where the model came from',
  'parent-missing': 'no statement about the model that this one was made from',
  'parent-unsigned': 'the statements about the model that this one was made from have no signature that verifies',
  'parent-refused': 'the model that this one was made from is signed, by nobody who may',
  'digest-mismatch': 'the parent is named by another digest than the model of its name has',
  unsigned: 'a statement whose signature does not verify',
  'signer-refused': 'a statement that is signed, by nobody who may',
  'other-subject': 'a statement about another model than the one it lies beside',
  'contradicting-origins': 'two statements of origin of one model that say different things',
  'time-order': 'a model that was made before its parent was finished',
  cycle: 'a model that is its own ancestor',
  'statement-refused': 'a statement that cannot be read',
  'too-large': 'more models, statements or links than are looked at',
} as const;

/** Why a link of a lineage fails. */
export type LinkCode = keyof typeof linkCodes;
