// Revocation of keys: by the key itself, or by an authority that a policy names.
import { timeText } from '../../time.ts';
import type { Judged, SigningKey } from '../contract.ts';
import { refusal, type TrustCode } from './codes.ts';
import { type Revocation, type RevocationReason, revocationReasons } from './history.ts';
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

/** `predicateType` of a revocation. */
export const revocationPredicateType = 'https://pquake.example/key-revocation/v1';

/** What a revocation says. */
export interface NewRevocation {
  /** The identifier of the key that is revoked. */
  readonly key: string;
  /** Since when it does not count; told to the second. */
  readonly from: Date;
  readonly reason: RevocationReason;
}

/** Signs a revocation. @param by - the key itself, or an authority for revocations */
export function signRevocation(by: SigningKey, { key, from, reason }: NewRevocation): Uint8Array {
  const predicate = { key, by: keyField(by.publicKey), from: timeText(from), reason };
  const subject = [{ name: 'key', digest: { sha256: key } }];
  return signKeyStatement({ subject, predicateType: revocationPredicateType, predicate }, [by]);
}

const isReason = (value: unknown): value is RevocationReason =>
  (revocationReasons as readonly unknown[]).includes(value);

/**
 * Reads and verifies a revocation. Never throws.
 * @param authorities - identifiers of the keys that may revoke every key
 */
export function readRevocation(
  envelope: KeyEnvelope,
  keyOf: KeyReader,
  authorities: ReadonlySet<string>,
): Judged<Revocation, TrustCode> {
  const { predicate } = envelope.statement;
  const { key, reason } = predicate;
  if (typeof key !== 'string' || !/^[0-9a-f]{64}$/.test(key))
    return refusal('key-statement-malformed', 'predicate.key: expected the identifier of a key', 'predicate.key');
  const by = readKeyField(predicate, 'by', keyOf);
  if (!by.ok) return by;
  const fields = ['key', 'by', 'from', 'reason'];
  const wrong = requirePredicate(envelope, { type: revocationPredicateType, fields, subject: key });
  if (wrong !== undefined) return wrong;
  const from = readFrom(predicate);
  if (!from.ok) return from;
  if (!isReason(reason))
    return refusal('key-statement-malformed', `predicate.reason: expected one of ${revocationReasons.join(', ')}`);
  const { identifier } = by.value;
  if (identifier !== key && !authorities.has(identifier))
    return refusal(
      'revocation-not-signed',
      `expected a signature of the key ${key} or of an authority for revocations, found one of ${identifier}`,
    );
  if (!isSignedBy(envelope, by.value))
    return refusal('revocation-not-signed', `the signature of the key ${identifier} does not verify`);
  return { ok: true, value: { key, from: from.value, reason, by: identifier } };
}
