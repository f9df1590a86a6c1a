// in-toto Statements, version 1: what is signed, read strictly and written without white space.
import { type JsonCode, type JsonObject, readJson } from '../../json/readJson.ts';
import type { Bytes } from '../../octets.ts';
import type { Judged, Statement, Subject } from '../contract.ts';
import type { StatementCode } from './codes.ts';
import { listAt, objectAt, reading, refuse, requireKnown, textAt } from './fields.ts';

const statementType = 'https://in-toto.io/Statement/v1';

/** The most of a statement that is read: octets, levels of JSON, values of JSON (a million files have four million), subjects. */
export const statementLimits = { octets: 268_435_456, levels: 32, values: 8_388_608, subjects: 65_536 } as const;

/** Octets of a digest, by the name that in-toto gives its algorithm. Digests of other algorithms have any even number of digits. */
const digestOctets: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 };

const hexadecimal = /^[0-9a-f]+$/;

/** Whether a text is a digest of so many octets in hexadecimal digits, in small letters. */
export const isDigest = (text: string, octets: number): boolean => text.length === 2 * octets && hexadecimal.test(text);

const isDigestOf = (algorithm: string, text: string): boolean => {
  const octets = digestOctets[algorithm];
  return octets === undefined ? text.length % 2 === 0 && hexadecimal.test(text) : isDigest(text, octets);
};

const codesOfJson: Readonly<Record<JsonCode, StatementCode>> = {
  'not-utf8': 'statement-not-utf8',
  'not-json': 'statement-not-json',
  'too-deep': 'statement-too-deep',
  'too-many-values': 'statement-too-large',
  'repeated-key': 'statement-repeated-key',
  'unsafe-key': 'statement-unsafe-key',
};

function readDigests(value: JsonObject, path: string): Readonly<Record<string, string>> {
  const digests = Object.entries(value).map(([algorithm, given]) => {
    const at = `${path}.${algorithm}`;
    const text = textAt(given, at);
    return isDigestOf(algorithm, text)
      ? ([algorithm, text] as const)
      : refuse('statement-wrong-digest', `${at}: expected hexadecimal digits in small letters`, at);
  });
  if (!Object.hasOwn(value, 'sha256')) textAt(undefined, `${path}.sha256`);
  return Object.fromEntries(digests);
}

/** Fields of a subject that are not known are passed over, as in-toto and OMS ask; those that are known have their type. */
function readSubject(value: JsonObject, path: string): Subject {
  const name = textAt(value['name'], `${path}.name`);
  const digest = readDigests(objectAt(value['digest'], `${path}.digest`), `${path}.digest`);
  const { annotations } = value;
  return annotations === undefined
    ? { name, digest }
    : { name, digest, annotations: objectAt(annotations, `${path}.annotations`) };
}

function readStatement(value: JsonObject): Statement {
  requireKnown(value, ['_type', 'subject', 'predicateType', 'predicate'], '');
  const type = textAt(value['_type'], '_type');
  if (type !== statementType)
    refuse('statement-wrong-type', `_type: found ${type}, expected ${statementType}`, '_type');
  const subjects = listAt(value['subject'], 'subject');
  if (subjects.length === 0) refuse('statement-no-subject', 'subject: expected at least one, found none', 'subject');
  if (subjects.length > statementLimits.subjects)
    refuse(
      'statement-too-many-subjects',
      `subject: found ${subjects.length}; at most ${statementLimits.subjects} are read`,
    );
  return {
    subject: subjects.map((one, at) => readSubject(objectAt(one, `subject[${at}]`), `subject[${at}]`)),
    predicateType: textAt(value['predicateType'], 'predicateType'),
    predicate: objectAt(value['predicate'], 'predicate'),
  };
}

/**
 * Reads the payload of an envelope as an in-toto Statement v1. Refuses unknown fields of the statement itself, keys that stand
 * twice, digests in capital letters. What the predicate says is for the reader of its type. Never throws.
 */
export function decodeStatement(payload: Bytes): Judged<Statement, StatementCode> {
  return reading(() => {
    if (payload.length > statementLimits.octets)
      refuse('statement-too-large', `${payload.length} octets; at most ${statementLimits.octets} are read`);
    const json = readJson(payload, statementLimits.levels, statementLimits.values);
    if (!json.ok) return refuse(codesOfJson[json.code], json.detail ?? 'the payload of the envelope');
    if (json.value.unpaired) refuse('statement-not-utf8', 'a text has half of a surrogate pair');
    return readStatement(objectAt(json.value.value, 'statement'));
  });
}

const encoder = new TextEncoder();

/** The octets of a statement: JSON in UTF-8, without white space. */
export function encodeStatement({ subject, predicateType, predicate }: Statement): Bytes {
  return encoder.encode(JSON.stringify({ _type: statementType, subject, predicateType, predicate }));
}
