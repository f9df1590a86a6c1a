// Successions and revocations of keys: signed, read back, and every way in which one is refused.
import { describe, expect, it } from 'vitest';
import { encodePem } from '../../../src/keys/pem.ts';
import type { SigningKey } from '../../../src/provenance/contract.ts';
import { generateKey, verifyingKeyOf } from '../../../src/provenance/keys/schemes.ts';
import { longestSuccession } from '../../../src/provenance/trust/history.ts';
import { keyField, keyStatementLimits, signKeyStatement } from '../../../src/provenance/trust/keyEnvelope.ts';
import { historyOf, type KeyStatement, readKeyStatement } from '../../../src/provenance/trust/keyStatements.ts';
import { revocationPredicateType, signRevocation } from '../../../src/provenance/trust/revocation.ts';
import { signSuccession, successionPredicateType } from '../../../src/provenance/trust/succession.ts';
import { identifier, successionsOf } from './policies.ts';

const [old, fresh, other] = [generateKey('ecdsa-p256'), generateKey('ml-dsa-87'), generateKey('ed25519')];
const from = new Date('2027-01-01T00:00:00Z');
const id = ({ publicKey }: SigningKey): string => publicKey.identifier;

const read = (octets: Uint8Array, authorities: readonly string[] = []) =>
  readKeyStatement(octets, verifyingKeyOf, new Set(authorities));
const codeOf = (octets: Uint8Array, authorities: readonly string[] = []): string => {
  const judged = read(octets, authorities);
  return judged.ok ? 'ok' : judged.code;
};

/** A statement with other parts in the places of its own, signed by some keys. */
function changed(
  predicate: object,
  { subject = id(fresh), type = successionPredicateType, keys = [old, fresh] } = {},
): Uint8Array {
  const statement = { subject: [{ name: 'key', digest: { sha256: subject } }], predicateType: type, predicate };
  return signKeyStatement(statement as Parameters<typeof signKeyStatement>[0], keys);
}
const usual = { oldKey: keyField(old.publicKey), newKey: keyField(fresh.publicKey), from: '2027-01-01T00:00:00Z' };

describe('a succession', () => {
  it('is read as it was signed', () => {
    expect(read(signSuccession(old, fresh, from))).toMatchObject({
      ok: true,
      value: {
        kind: 'succession',
        succession: { oldKey: id(old), newKey: id(fresh), from, key: { algorithm: 'ml-dsa-87' } },
      },
    });
    expect(codeOf(changed(usual))).toBe('ok');
  });

  it.each([
    ['without the old key', changed(usual, { keys: [fresh] }), 'succession-not-signed-by-old-key'],
    ['without the new key', changed(usual, { keys: [old] }), 'succession-not-signed-by-new-key'],
    ['by a third key', changed(usual, { keys: [other, fresh] }), 'succession-not-signed-by-old-key'],
    ['of one key as both', changed({ ...usual, oldKey: usual.newKey }), 'succession-same-key'],
    ['about another subject', changed(usual, { subject: id(other) }), 'key-statement-wrong-key'],
    [
      'with the identifier of another key',
      changed({ ...usual, oldKey: { ...usual.oldKey, identifier: id(other) } }),
      'key-statement-wrong-key',
    ],
    ['of a day', changed({ ...usual, from: '2027-01-01' }), 'key-statement-malformed'],
    ['without a time', changed({ oldKey: usual.oldKey, newKey: usual.newKey }), 'key-statement-malformed'],
    ['with a field more', changed({ ...usual, more: 1 }), 'key-statement-malformed'],
    [
      'with a field more in a key',
      changed({ ...usual, oldKey: { ...usual.oldKey, more: 1 } }),
      'key-statement-malformed',
    ],
    [
      'with a key that is none',
      changed({ ...usual, oldKey: { ...usual.oldKey, publicKey: encodePem('PUBLIC KEY', Uint8Array.of(1)) } }),
      'key-statement-malformed',
    ],
    ['without a key', changed({ ...usual, oldKey: id(old) }), 'key-statement-malformed'],
    ['of another type', changed(usual, { type: 'https://model_signing/signature/v1.0' }), 'key-statement-wrong-type'],
  ])('%s', (_, octets, code) => expect(codeOf(octets)).toBe(code));

  it('is not made of one key', () => expect(() => signSuccession(old, old, from)).toThrow(RangeError));

  it('with any octet changed is another one, or refused', () => {
    const octets = signSuccession(old, fresh, from);
    const text = new TextDecoder().decode(octets);
    const { payload, signatures } = JSON.parse(text);
    const swapped = (name: string, value: string) => new TextEncoder().encode(text.replace(name, value));
    const flipped = (base64: string, at: number) =>
      `${base64.slice(0, at)}${base64[at] === 'A' ? 'B' : 'A'}${base64.slice(at + 1)}`;
    for (let at = 3; at < payload.length; at += 97)
      expect(codeOf(swapped(payload, flipped(payload, at)))).toMatch(/^(succession|key-statement)-/);
    for (const [i, { sig }] of signatures.entries())
      expect(codeOf(swapped(sig, flipped(sig, 20)))).toBe(
        i === 0 ? 'succession-not-signed-by-old-key' : 'succession-not-signed-by-new-key',
      );
  });
});

describe('a revocation', () => {
  const revocation = { key: id(old), from, reason: 'key-compromise' } as const;
  const predicate = { key: id(old), by: keyField(old.publicKey), from: '2027-01-01T00:00:00Z', reason: 'superseded' };
  const by = (more: object, keys = [old]) =>
    changed({ ...predicate, ...more }, { subject: id(old), type: revocationPredicateType, keys });

  it('by the key itself is read as it was signed', () => {
    expect(read(signRevocation(old, revocation))).toEqual({
      ok: true,
      value: { kind: 'revocation', revocation: { ...revocation, by: id(old) } },
    });
    expect(codeOf(by({}))).toBe('ok');
  });
  it('by another key counts only when the policy names that key', () => {
    const octets = signRevocation(other, revocation);
    expect(codeOf(octets)).toBe('revocation-not-signed');
    expect(codeOf(octets, [id(fresh)])).toBe('revocation-not-signed');
    expect(codeOf(octets, [id(other)])).toBe('ok');
  });
  it.each([
    ['by a signature of another key', by({}, [other]), 'revocation-not-signed'],
    ['for a reason that is not known', by({ reason: 'mood' }), 'key-statement-malformed'],
    ['of no key', by({ key: 'old' }), 'key-statement-malformed'],
    ['of another key than its subject', by({ key: id(other) }), 'key-statement-wrong-key'],
    ['at no time', by({ from: 'now' }), 'key-statement-malformed'],
  ])('%s', (_, octets, code) => expect(codeOf(octets)).toBe(code));
});

describe('an envelope', () => {
  const octets = (value: unknown) =>
    new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  const right = JSON.parse(new TextDecoder().decode(signSuccession(old, fresh, from)));
  it.each([
    ['that is no JSON', octets('{'), 'key-statement-malformed'],
    ['with a key twice', octets('{"payload":"","payload":""}'), 'key-statement-malformed'],
    ['that is a text', octets('"x"'), 'key-statement-malformed'],
    ['with a field more', octets({ ...right, more: 1 }), 'key-statement-malformed'],
    ['of another payload type', octets({ ...right, payloadType: 'text/plain' }), 'key-statement-wrong-type'],
    ['without signatures', octets({ ...right, signatures: [] }), 'succession-not-signed-by-old-key'],
    ['with too many', octets({ ...right, signatures: Array(5).fill(right.signatures[0]) }), 'key-statement-malformed'],
    ['without a payload', octets({ ...right, payload: '' }), 'key-statement-malformed'],
    ['of a payload that is no statement', octets({ ...right, payload: 'e30=' }), 'key-statement-malformed'],
    ['that is too large', new Uint8Array(keyStatementLimits.octets + 1), 'key-statement-too-large'],
  ])('%s', (_, given, code) => expect(codeOf(given)).toBe(code));
});

describe('the history of keys', () => {
  const history = (...successions: readonly (readonly [string, string, string])[]) => {
    const statements = successionsOf({ successions }).map(
      (succession): KeyStatement => ({ kind: 'succession', succession }),
    );
    const put = historyOf(statements);
    return put.ok ? put.value : put.code;
  };
  const day = (at: number): string => new Date(Date.UTC(2027, 0, 1 + at)).toISOString();

  it('follows a line, in whatever order it is told', () => {
    const told = history(['b', 'c', day(2)], ['a', 'b', day(1)]);
    expect(typeof told === 'string' ? told : told.before(identifier('c'))).toEqual(['b', 'a'].map(identifier));
  });
  it('may hear a statement twice', () => expect(history(['a', 'b', day(1)], ['a', 'b', day(1)])).not.toBe('x'));

  it.each([
    [
      'two successors',
      [
        ['a', 'b', day(1)],
        ['a', 'c', day(2)],
      ],
      'succession-conflict',
    ],
    [
      'two predecessors',
      [
        ['a', 'c', day(1)],
        ['b', 'c', day(1)],
      ],
      'succession-conflict',
    ],
    [
      'two times',
      [
        ['a', 'b', day(1)],
        ['a', 'b', day(2)],
      ],
      'succession-conflict',
    ],
    [
      'a cycle',
      [
        ['a', 'b', day(1)],
        ['b', 'c', day(2)],
        ['c', 'a', day(3)],
      ],
      'succession-cycle',
    ],
    [
      'a cycle against time',
      [
        ['a', 'b', day(3)],
        ['b', 'a', day(1)],
      ],
      'succession-cycle',
    ],
    [
      'an end before the beginning',
      [
        ['a', 'b', day(2)],
        ['b', 'c', day(1)],
      ],
      'succession-order',
    ],
    [
      'an end at the beginning',
      [
        ['a', 'b', day(2)],
        ['b', 'c', day(2)],
      ],
      'succession-order',
    ],
  ] as const)('%s', (_, successions, code) => expect(history(...successions)).toBe(code));

  it('is bounded', () => {
    const line = (keys: number) =>
      Array.from({ length: keys - 1 }, (_, at) => [`${at}`, `${at + 1}`, day(at)] as const);
    expect(history(...line(longestSuccession))).toHaveProperty('before');
    expect(history(...line(longestSuccession + 1))).toBe('succession-too-long');
  });
});
