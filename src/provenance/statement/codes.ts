// The codes of statements.
import { nameCodes } from './fileNames.ts';

/** Why a statement is refused. The codes are stable. */
export const statementCodes = {
  ...nameCodes,
  'statement-too-large': 'a statement has more octets, or more values of JSON, than are read',
  'statement-not-utf8': 'a statement is not text in UTF-8, or has half of a surrogate pair',
  'statement-not-json': 'a statement is not JSON',
  'statement-too-deep': 'a statement has more levels than are read',
  'statement-repeated-key': 'a statement has a key twice in one object',
  'statement-unsafe-key': 'a statement has a key that changes objects of programs',
  'statement-wrong-type': 'the type is not that of an in-toto Statement v1',
  'statement-missing-field': 'a field that a statement must have is absent',
  'statement-unknown-field': 'a field of a statement is not known, and may change what it means',
  'statement-wrong-field': 'a field of a statement has another type of JSON, or another form, than it should',
  'statement-no-subject': 'a statement is about nothing',
  'statement-too-many-subjects': 'a statement is about more subjects than are read',
  'statement-wrong-digest': 'a digest is not in hexadecimal digits, in small letters, of the length of its algorithm',
  'integrity-wrong-predicate': 'the statement is not one about the integrity of a model',
  'integrity-deprecated-predicate': 'the statement is of the format before OMS 1.0, which lists files as subjects',
  'integrity-several-subjects': 'a statement about the integrity of a model has one subject, the model',
  'integrity-no-files': 'the statement lists no files',
  'integrity-too-many-files': 'the statement lists more files than are read',
  'integrity-unsupported-method': 'the files were serialised by a method that is not read here',
  'integrity-unsupported-hash': 'the files were hashed with a function other than SHA-256',
  'integrity-wrong-shard-size': 'the size of shards is absent, not a whole number, or there without shards',
  'integrity-other-algorithm': 'a digest is of another algorithm than the statement says of all',
  'integrity-name-repeated': 'two files of the statement have one name',
  'integrity-unsorted': 'the files of the statement are not sorted by name',
  'integrity-wrong-root': 'the digest of the model is not that of the listed files',
  'integrity-wrong-ignored-path': 'a path that the signer left out is not a plain path in the model',
  'integrity-wrong-annotation': 'the list of required algorithms is not a list of names of algorithms',
  'integrity-unknown-required-algorithm': 'the statement requires a signature of an algorithm that is not known here',
} as const;

/** A code of `statementCodes`. */
export type StatementCode = keyof typeof statementCodes;
