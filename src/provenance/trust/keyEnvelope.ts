// A statement about keys in an envelope (DSSE) with a signature of each key that has a say, and the keys themselves beside it.

import { toBase64 } from '../../base64.ts';
import { reasonOf } from '../../failure.ts';
import type { JsonObject } from '../../json/readJson.ts';
import { readJson } from '../../json/readJson.ts';
import { decodePem } from '../../keys/pem.ts';
import { type Bytes, same } from '../../octets.ts';
import { timeOf, timeText } from '../../time.ts';
import type { Judged, SigningKey, Statement, VerifyingKey } from '../contract.ts';
import { inTotoPayloadType } from '../signature/bundle.ts';
import type { SignatureCode } from '../signature/codes.ts';
import { pae } from '../signature/dsse.ts';
import { arrayIn, FieldError, objectAt, octetsIn, requireKnown, textIn } from '../signature/fields.ts';
import { publicKeyText } from '../signature/publicKey.ts';
import { decodeStatement, encodeStatement } from '../statement/inToto.ts';
import { refusal, type TrustCode } from './codes.ts';

/** What of such an envelope is read at most. */
export const keyStatementLimits = { octets: 262_144, depth: 8, signatures: 4 } as const;

/** Makes a key of a SubjectPublicKeyInfo. */
export type KeyReader = (spki: Bytes) => Judged<VerifyingKey, SignatureCode>;

/** One signature, with the identifier of the key that it names. */
interface NamedSignature {
  readonly keyid: string;
  readonly sig: Bytes;
}

/** An envelope that was read. Nothing of it is verified. */
export interface KeyEnvelope {
  readonly payload: Bytes;
  readonly statement: Statement;
  readonly signatures: readonly NamedSignature[];
}

/** Signs a statement with each of some keys: JSON in one line, with a line feed at its end. */
export function signKeyStatement(statement: Statement, keys: readonly SigningKey[]): Bytes {
  const payload = encodeStatement(statement);
  const covered = pae(inTotoPayloadType, payload);
  const signatures = keys.map((key) => ({ keyid: key.publicKey.identifier, sig: toBase64(key.sign(covered)) }));
  const envelope = { payloadType: inTotoPayloadType, payload: toBase64(payload), signatures };
  return new TextEncoder().encode(`${JSON.stringify(envelope)}\n`);
}

function signaturesOf(envelope: ReturnType<typeof objectAt>): readonly NamedSignature[] {
  return arrayIn(envelope, 'signatures').values.map((one, at) => {
    const signature = objectAt(one, `signatures[${at}]`);
    requireKnown(signature, ['keyid', 'sig']);
    return { keyid: textIn(signature, 'keyid'), sig: octetsIn(signature, 'sig') };
  });
}

/** Reads an envelope strictly. Never throws. */
export function readKeyEnvelope(octets: Bytes): Judged<KeyEnvelope, TrustCode> {
  const { octets: most, depth, signatures: several } = keyStatementLimits;
  if (octets.length > most)
    return refusal('key-statement-too-large', `found ${octets.length} octets, at most ${most} are read`);
  const json = readJson(octets, depth);
  if (!json.ok) return refusal('key-statement-malformed', `expected JSON, found another text: ${reasonOf(json)}`);
  try {
    const envelope = objectAt(json.value.value, 'envelope');
    requireKnown(envelope, ['payloadType', 'payload', 'signatures']);
    const type = textIn(envelope, 'payloadType');
    if (type !== inTotoPayloadType)
      return refusal('key-statement-wrong-type', `payloadType: expected ${inTotoPayloadType}, found another one`);
    const [payload, signatures] = [octetsIn(envelope, 'payload'), signaturesOf(envelope)];
    if (signatures.length > several)
      return refusal('key-statement-malformed', `found ${signatures.length} signatures, at most ${several} are read`);
    const statement = decodeStatement(payload);
    if (!statement.ok) return refusal('key-statement-malformed', `payload: ${statement.detail ?? statement.code}`);
    return { ok: true, value: { payload, statement: statement.value, signatures } };
  } catch (error) {
    if (error instanceof FieldError) return refusal('key-statement-malformed', error.message, error.path);
    throw error;
  }
}

/** Whether an envelope has a signature of a key. */
export const isSignedBy = ({ payload, signatures }: KeyEnvelope, key: VerifyingKey): boolean =>
  signatures.some(({ keyid, sig }) => keyid === key.identifier && key.verify(pae(inTotoPayloadType, payload), sig));

/** A key in a statement: its identifier, and its PEM text. */
export const keyField = ({ identifier, spki }: VerifyingKey): JsonObject => ({
  identifier,
  publicKey: publicKeyText(spki),
});

/** Reads a key in a statement. Its identifier has to be its own. */
export function readKeyField(predicate: JsonObject, name: string, keyOf: KeyReader): Judged<VerifyingKey, TrustCode> {
  const path = `predicate.${name}`;
  try {
    const field = objectAt(predicate[name], path);
    requireKnown(field, ['identifier', 'publicKey']);
    const [identifier, text] = [textIn(field, 'identifier'), textIn(field, 'publicKey')];
    const pem = decodePem(text, 'PUBLIC KEY');
    if (!pem.ok) return refusal('key-statement-malformed', `${path}.publicKey: ${reasonOf(pem)}`, path);
    const key = keyOf(pem.value);
    if (!key.ok) return refusal('key-statement-malformed', `${path}.publicKey: ${key.detail ?? key.code}`, path);
    const isItself = key.value.identifier === identifier && publicKeyText(key.value.spki) === text;
    return isItself && same(key.value.spki, pem.value)
      ? key
      : refusal('key-statement-wrong-key', `${path}: the key has the identifier ${key.value.identifier}`, path);
  } catch (error) {
    if (error instanceof FieldError) return refusal('key-statement-malformed', error.message, error.path);
    throw error;
  }
}

/** Reads the moment in a statement, in its only form: `2027-01-01T00:00:00Z`. */
export function readFrom({ from }: JsonObject): Judged<Date, TrustCode> {
  const time = typeof from === 'string' ? timeOf(from) : undefined;
  return time !== undefined && timeText(time) === from
    ? { ok: true, value: time }
    : refusal(
        'key-statement-malformed',
        'predicate.from: expected a time such as 2027-01-01T00:00:00Z',
        'predicate.from',
      );
}

/** Refuses another predicate type, other fields than these, and another subject than the key. */
export function requirePredicate(
  { statement: { predicateType, predicate, subject } }: KeyEnvelope,
  expected: { readonly type: string; readonly fields: readonly string[]; readonly subject: string },
): ReturnType<typeof refusal> | undefined {
  if (predicateType !== expected.type)
    return refusal('key-statement-wrong-type', `predicateType: expected ${expected.type}, found another one`);
  const unknown = Object.keys(predicate).find((name) => !expected.fields.includes(name));
  if (unknown !== undefined)
    return refusal('key-statement-malformed', `predicate: an unknown field, expected ${expected.fields.join(', ')}`);
  const [only, ...others] = subject;
  return only?.digest['sha256'] === expected.subject && others.length === 0
    ? undefined
    : refusal('key-statement-wrong-key', `subject: expected the key ${expected.subject} alone, found another one`);
}
