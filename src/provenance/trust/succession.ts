// Rotation of keys: the old key signs that a new one takes its place, and the new key signs that somebody holds it.
import { timeText } from '../../time.ts';
import type { Judged, SigningKey } from '../contract.ts';
import { refusal, type TrustCode } from './codes.ts';
import type { Succession } from './history.ts';
import {
  isSignedBy,
  type KeyEnvelope,
  type KeyReader,
  keyField,
  readFrom,
  readKeyField,
  requirePredicate,
  signKeyStatement,
} from './keyEnvelope.ts';

/** `predicateType` of a succession. */
export const successionPredicateType = 'https://pquake.example/key-succession/v1';

/**
 * Signs a succession with both keys.
 * @param from - when the new key takes the place of the old one; told to the second
 * @throws RangeError for one key as both
 */
export function signSuccession(oldKey: SigningKey, newKey: SigningKey, from: Date): Uint8Array {
  const [before, after] = [oldKey.publicKey, newKey.publicKey];
  if (before.identifier === after.identifier) throw new RangeError('succession: the old key and the new key are one');
  const predicate = { oldKey: keyField(before), newKey: keyField(after), from: timeText(from) };
  const subject = [{ name: 'key', digest: { sha256: after.identifier } }];
  return signKeyStatement({ subject, predicateType: successionPredicateType, predicate }, [oldKey, newKey]);
}

/** Reads and verifies a succession. Never throws. */
export function readSuccession(envelope: KeyEnvelope, keyOf: KeyReader): Judged<Succession, TrustCode> {
  const { predicate } = envelope.statement;
  const [oldKey, newKey] = [readKeyField(predicate, 'oldKey', keyOf), readKeyField(predicate, 'newKey', keyOf)];
  if (!oldKey.ok) return oldKey;
  if (!newKey.ok) return newKey;
  const [before, after] = [oldKey.value, newKey.value];
  const wrong = requirePredicate(envelope, {
    type: successionPredicateType,
    fields: ['oldKey', 'newKey', 'from'],
    subject: after.identifier,
  });
  if (wrong !== undefined) return wrong;
  const from = readFrom(predicate);
  if (!from.ok) return from;
  if (before.identifier === after.identifier)
    return refusal('succession-same-key', `the key ${before.identifier} as old and as new`);
  if (!isSignedBy(envelope, before))
    return refusal('succession-not-signed-by-old-key', `expected a signature of the key ${before.identifier}`);
  if (!isSignedBy(envelope, after))
    return refusal('succession-not-signed-by-new-key', `expected a signature of the key ${after.identifier}`);
  const { value: moment } = from;
  return { ok: true, value: { oldKey: before.identifier, newKey: after.identifier, from: moment, key: after } };
}
