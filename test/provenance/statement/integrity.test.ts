// The integrity statement of OMS: what is written, and what of others is refused with which code.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/json/readJson.ts';
import type { Statement } from '../../../src/provenance/contract.ts';
import {
  integrityPredicateType,
  integrityStatement,
  readIntegrity,
  requiredAlgorithmsKey,
  rootDigest,
} from '../../../src/provenance/statement/integrity.ts';

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const fileOf = (name: string, text = name) => ({ name, digest: digestOf(text) });
const model = { name: 'model', octets: 3, files: [fileOf('a-b'), fileOf('a/b'), fileOf('z')] };

function statementOf(names: readonly string[], change: (statement: Statement) => JsonObject = () => ({})): Statement {
  const files = names.map((name) => fileOf(name));
  const statement: Statement = {
    subject: [{ name: 'model', digest: { sha256: files.length === 0 ? '' : rootDigest(files) } }],
    predicateType: integrityPredicateType,
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false },
      resources: files.map((one) => ({ ...one, algorithm: 'sha256' })),
    },
  };
  return { ...statement, ...change(statement) };
}

const codeOf = (statement: Statement): string | undefined => {
  const read = readIntegrity(statement);
  return read.ok ? undefined : read.code;
};

describe('what is written', () => {
  it('has the form of OMS 5 and 6, sorted by code points, with the default list of paths', () => {
    const made = integrityStatement({ ...model, files: model.files.toReversed() }, { ignoredPaths: ['model.sig'] });
    const resources = ['a-b', 'a/b', 'z'].map((name) => ({ name, digest: digestOf(name), algorithm: 'sha256' }));
    const raw = Buffer.concat(resources.map(({ digest }) => Buffer.from(digest, 'hex')));
    expect(made).toEqual({
      ok: true,
      value: {
        subject: [{ name: 'model', digest: { sha256: createHash('sha256').update(raw).digest('hex') } }],
        predicateType: 'https://model_signing/signature/v1.0',
        predicate: {
          serialization: {
            method: 'files',
            hash_type: 'sha256',
            allow_symlinks: false,
            ignore_paths: ['.git', '.gitattributes', '.github', '.gitignore', 'model.sig'],
          },
          resources,
        },
      },
    });
  });

  it('is read again, with the algorithms of a hybrid', () => {
    const requiredAlgorithms = ['ecdsa-p256', 'ml-dsa-87'] as const;
    const made = integrityStatement(model, { ignoredPaths: ['cache'], requiredAlgorithms });
    expect(made.ok && readIntegrity(made.value)).toMatchObject({
      ok: true,
      value: { name: 'model', files: model.files, ignoredPaths: ['cache'], allowSymlinks: false, requiredAlgorithms },
    });
  });

  it.each([
    ['no files', { ...model, files: [] }, {}, 'integrity-no-files'],
    ['a name that leads out', { ...model, files: [fileOf('../a')] }, {}, 'name-not-relative'],
    ['a pattern to ignore', model, { ignoredPaths: ['*.bin'] }, 'integrity-wrong-ignored-path'],
  ])('%s is refused', (_, given, options, code) => {
    expect(integrityStatement(given, options)).toMatchObject({ ok: false, code });
  });
});

describe('names (OMS 6.1.2)', () => {
  it.each([
    ['/etc/passwd', 'name-not-relative'],
    ['../up', 'name-not-relative'],
    ['a/../../up', 'name-not-relative'],
    ['./a', 'name-not-relative'],
    ['a//b', 'name-empty'],
    ['a/', 'name-empty'],
    ['a\\b', 'name-backslash'],
    ['C:/a', 'name-reserved-character'],
    ['a\u0000b', 'name-control-character'],
    ['con', 'name-reserved'],
    ['x'.repeat(300), 'name-too-long'],
    [Array(200).fill('a').join('/'), 'name-too-deep'],
  ])('%j is refused', (name, code) => {
    expect(readIntegrity(statementOf([name]))).toMatchObject({ ok: false, code, path: expect.any(String) });
  });

  it.each([
    [['b', 'a'], 'integrity-unsorted'],
    [['a', 'a'], 'integrity-name-repeated'],
    [['a', 'b', 'a'], 'integrity-name-repeated'],
    [['\u{10000}', '\uffee'], 'integrity-unsorted'],
  ])('%j: their order is refused', (names, code) => {
    expect(codeOf(statementOf(names))).toBe(code);
  });

  it.each([
    ['by code points, as OMS asks', ['a-b', 'a/b', '\uffee', '\u{10000}']],
    ['component after component, as the official tool writes', ['a/b', 'a-b']],
  ])('%s: read, and handed on by code points', (_, names) => {
    const read = readIntegrity(statementOf(names));
    const sorted = names.includes('a/b') ? ['a-b', 'a/b', ...names.slice(2)] : names;
    expect(read.ok && read.value.files.map(({ name }) => name)).toEqual(sorted);
  });
});

/** The statement with other members in its predicate. */
const predicateWith = (more: JsonObject) =>
  statementOf(['a'], ({ predicate }) => ({ predicate: { ...predicate, ...more } }) as unknown as JsonObject);
const serializationWith = (more: JsonObject) =>
  predicateWith({ serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false, ...more } });
const resourceWith = (more: JsonObject) =>
  predicateWith({ resources: [{ ...fileOf('a'), algorithm: 'sha256', ...more }] });
const annotated = (value: unknown) =>
  statementOf(
    ['a'],
    ({ subject }) =>
      ({
        subject: [{ ...subject[0], annotations: { [requiredAlgorithmsKey]: value } }],
      }) as unknown as JsonObject,
  );

describe('what of others is refused', () => {
  it.each<[string, Statement, string]>([
    [
      'another predicate',
      { ...statementOf(['a']), predicateType: 'https://slsa.dev/provenance/v1' },
      'integrity-wrong-predicate',
    ],
    [
      'the predicate before 1.0',
      { ...statementOf(['a']), predicateType: 'https://model_signing/Digests/v0.1' },
      'integrity-deprecated-predicate',
    ],
    [
      'two subjects',
      statementOf(['a'], ({ subject }) => ({ subject: [...subject, ...subject] }) as unknown as JsonObject),
      'integrity-several-subjects',
    ],
    ['no files', predicateWith({ resources: [] }), 'integrity-no-files'],
    ['an unknown field of the predicate', predicateWith({ more: 1 }), 'statement-unknown-field'],
    ['an unknown field of the serialization', serializationWith({ more: 1 }), 'statement-unknown-field'],
    ['shards', serializationWith({ method: 'shards', shard_size: 1000 }), 'integrity-unsupported-method'],
    ['a size of shards without shards', serializationWith({ shard_size: 1000 }), 'integrity-wrong-shard-size'],
    ['another method', serializationWith({ method: 'tensors' }), 'integrity-unsupported-method'],
    ['BLAKE2', serializationWith({ hash_type: 'blake2b' }), 'integrity-unsupported-hash'],
    ['BLAKE3', serializationWith({ hash_type: 'blake3' }), 'integrity-unsupported-hash'],
    ['symbolic links neither allowed nor not', serializationWith({ allow_symlinks: 'false' }), 'statement-wrong-field'],
    ['paths to ignore that are no list', serializationWith({ ignore_paths: '.git' }), 'statement-wrong-field'],
    ['an absolute path to ignore', serializationWith({ ignore_paths: ['/a'] }), 'integrity-wrong-ignored-path'],
    ['a path to ignore that leads out', serializationWith({ ignore_paths: ['../a'] }), 'integrity-wrong-ignored-path'],
    ['the whole model to ignore', serializationWith({ ignore_paths: ['.'] }), 'integrity-wrong-ignored-path'],
    ['a pattern to ignore', serializationWith({ ignore_paths: ['*'] }), 'integrity-wrong-ignored-path'],
    ['a file of another algorithm', resourceWith({ algorithm: 'blake3' }), 'integrity-other-algorithm'],
    ['a file without an algorithm', resourceWith({ algorithm: null }), 'statement-wrong-field'],
    ['a digest in capital letters', resourceWith({ digest: 'AB'.repeat(32) }), 'statement-wrong-digest'],
    ['a digest that is too long', resourceWith({ digest: 'ab'.repeat(33) }), 'statement-wrong-digest'],
    ['another digest of the model', resourceWith({ digest: 'ab'.repeat(32) }), 'integrity-wrong-root'],
    ['required algorithms that are no list', annotated('ml-dsa-87'), 'integrity-wrong-annotation'],
    ['no required algorithm', annotated([]), 'integrity-wrong-annotation'],
    ['one twice', annotated(['ml-dsa-87', 'ml-dsa-87']), 'integrity-wrong-annotation'],
    ['one that is no text', annotated([7]), 'integrity-wrong-annotation'],
    ['one that is not known', annotated(['rsa']), 'integrity-unknown-required-algorithm'],
  ])('%s', (_, statement, code) => {
    expect(codeOf(statement)).toBe(code);
  });

  it('but unknown fields of a file are passed over, as OMS 5.2.1 asks', () => {
    expect(codeOf(resourceWith({ mediaType: 'a/b' }))).toBeUndefined();
  });

  it('and other annotations say nothing', () => {
    const statement = statementOf(
      ['a'],
      ({ subject }) =>
        ({
          subject: [{ ...subject[0], annotations: { other: 1 } }],
        }) as unknown as JsonObject,
    );
    expect(readIntegrity(statement)).toMatchObject({ ok: true, value: { requiredAlgorithms: [] } });
  });
});
