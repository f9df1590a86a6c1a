// Bad input that no other test of a part makes: each is refused with its code.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { enumerateModel } from '../../src/provenance/disk/enumerate.ts';
import { signingKeyOf } from '../../src/provenance/keys/schemes.ts';
import { decodeStatement, statementLimits } from '../../src/provenance/statement/inToto.ts';
import { integrityLimits, integrityPredicateType, readIntegrity } from '../../src/provenance/statement/integrity.ts';
import { model } from './disk/models.ts';

const digest = '00'.repeat(32);
const octetsOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A statement about the integrity of a model with such files. */
const integrityOf = (names: readonly string[]) =>
  readIntegrity({
    subject: [{ name: 'model', digest: { sha256: digest } }],
    predicateType: integrityPredicateType,
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false },
      resources: names.map((name) => ({ name, digest, algorithm: 'sha256' })),
    },
  });

describe('a statement that names files outside of the model, or elsewhere something else', () => {
  it.each([
    ['../etc/passwd', 'name-not-relative'],
    ['a/../../b', 'name-not-relative'],
    ['/etc/passwd', 'name-not-relative'],
    ['a//b', 'name-empty'],
    ['C:/Windows/system.ini', 'name-reserved-character'],
    ['..\\b', 'name-backslash'],
    ['\\\\server\\share', 'name-backslash'],
    ['a/nul', 'name-reserved'],
    ['a.', 'name-trailing-dot-or-space'],
    ['a\u0000b', 'name-control-character'],
    ['a\u202eb', 'name-control-character'],
    ['a\ud800', 'name-not-unicode'],
    ['a'.repeat(256), 'name-too-long'],
    [`${'a/'.repeat(128)}a`, 'name-too-deep'],
  ])('%j: %s', (name, code) => {
    expect(integrityOf([name])).toMatchObject({
      ok: false,
      code,
      detail: expect.stringMatching(/resources\[0\]\.name/),
    });
  });
});

describe('too much', () => {
  it('files in a statement', () => {
    const resources = new Array(integrityLimits.files + 1).fill({});
    const { predicate, ...statement } = {
      subject: [{ name: 'model', digest: { sha256: digest } }],
      predicateType: integrityPredicateType,
      predicate: { serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false } },
    };
    expect(readIntegrity({ ...statement, predicate: { ...predicate, resources } })).toMatchObject({
      code: 'integrity-too-many-files',
    });
  });

  it('subjects of a statement', () => {
    const subject = new Array(statementLimits.subjects + 1).fill({});
    const statement = { _type: 'https://in-toto.io/Statement/v1', subject, predicateType: 'x', predicate: {} };
    expect(decodeStatement(octetsOf(statement))).toMatchObject({ code: 'statement-too-many-subjects' });
  });

  it('of a path for the file system', () => {
    expect(enumerateModel(`${model({})}/${'a'.repeat(5_000)}`)).toMatchObject({ code: 'model-unreadable' });
  });
});

it('a private key with the public key of another one beside it', () => {
  const [one, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const der = one.privateKey.export({ format: 'der', type: 'pkcs8' });
  /** PKCS#8 in its version 2 (RFC 5958) has the public key in the field [1]. */
  const beside = (publicKey: Uint8Array): Uint8Array =>
    Uint8Array.of(0x30, 0x51, 2, 1, 1, ...der.subarray(5), 0x81, 0x21, 0, ...publicKey.subarray(-32));
  const [own, wrong] = [one, other].map(({ publicKey }) => publicKey.export({ format: 'der', type: 'spki' }));
  expect(signingKeyOf(beside(own ?? der))).toMatchObject({ ok: true });
  expect(signingKeyOf(beside(wrong ?? der))).toMatchObject({ code: 'key-inconsistent' });
});
