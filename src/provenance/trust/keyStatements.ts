// Statements about keys, of both kinds, put together to the history of keys.
import type { Bytes } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { refusal, type TrustCode } from './codes.ts';
import { type KeyHistory, keyHistory, type Revocation, type Succession } from './history.ts';
import { type KeyReader, readKeyEnvelope } from './keyEnvelope.ts';
import { readRevocation, revocationPredicateType } from './revocation.ts';
import { readSuccession, successionPredicateType } from './succession.ts';

/** A statement about keys that was verified. */
export type KeyStatement =
  | { readonly kind: 'succession'; readonly succession: Succession }
  | { readonly kind: 'revocation'; readonly revocation: Revocation };

/**
 * Reads and verifies a statement about keys. Never throws.
 * @param authorities - identifiers of the keys that may revoke every key
 */
export function readKeyStatement(
  octets: Bytes,
  keyOf: KeyReader,
  authorities: ReadonlySet<string> = new Set(),
): Judged<KeyStatement, TrustCode> {
  const envelope = readKeyEnvelope(octets);
  if (!envelope.ok) return envelope;
  const { predicateType } = envelope.value.statement;
  if (predicateType === successionPredicateType) {
    const read = readSuccession(envelope.value, keyOf);
    return read.ok ? { ok: true, value: { kind: 'succession', succession: read.value } } : read;
  }
  if (predicateType === revocationPredicateType) {
    const read = readRevocation(envelope.value, keyOf, authorities);
    return read.ok ? { ok: true, value: { kind: 'revocation', revocation: read.value } } : read;
  }
  const expected = `expected ${successionPredicateType} or ${revocationPredicateType}`;
  return refusal('key-statement-wrong-type', `predicateType: ${expected}, found another one`);
}

/** Puts statements together. Never throws. */
export const historyOf = (statements: readonly KeyStatement[]): Judged<KeyHistory, TrustCode> =>
  keyHistory(
    statements.flatMap((one) => (one.kind === 'succession' ? one.succession : [])),
    statements.flatMap((one) => (one.kind === 'revocation' ? one.revocation : [])),
  );
