// Statements are read strictly: what two readers could understand differently is refused, each with its own code.
import { expect, it } from 'vitest';
import { decodeStatement, encodeStatement, statementLimits } from '../../../src/provenance/statement/inToto.ts';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const digest = 'ab'.repeat(32);
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'model', digest: { sha256: digest } }],
  predicateType: 'https://example.com/predicate',
  predicate: { some: ['thing'] },
};
const codeOf = (value: unknown): string | undefined => {
  const read = decodeStatement(typeof value === 'string' ? octets(value) : octets(JSON.stringify(value)));
  return read.ok ? undefined : read.code;
};

it('what is written is read again, without the type', () => {
  const { _type, ...rest } = statement;
  const read = decodeStatement(encodeStatement(rest));
  expect(read).toEqual({ ok: true, value: rest });
  expect(new TextDecoder().decode(encodeStatement(rest))).toBe(JSON.stringify(statement));
});

it('fields of a subject that in-toto may add later are passed over, and annotations are kept', () => {
  const subject = [{ name: 'model', digest: { sha256: digest }, mediaType: 'a/b', annotations: { key: 'value' } }];
  const read = decodeStatement(octets(JSON.stringify({ ...statement, subject })));
  expect(read.ok && read.value.subject).toEqual([
    { name: 'model', digest: { sha256: digest }, annotations: { key: 'value' } },
  ]);
});

const subjectWith = (more: object): object => ({ ...statement, subject: [{ ...statement.subject[0], ...more }] });

it.each([
  ['octets that are no text', '\u0000', 'statement-not-json'],
  ['no JSON', '{', 'statement-not-json'],
  ['a key twice', JSON.stringify(statement).replace('{', '{"_type":"x",'), 'statement-repeated-key'],
  [
    'a key twice, once with an escape',
    JSON.stringify(statement).replace('"some"', '"s":1,"\\u0073":2,"some"'),
    'statement-repeated-key',
  ],
  ['more levels than are read', `${'['.repeat(33)}${']'.repeat(33)}`, 'statement-too-deep'],
  ['a million levels', '['.repeat(1_000_000), 'statement-too-deep'],
  ['a key that changes objects', JSON.stringify(statement).replace('"some"', '"__proto__"'), 'statement-unsafe-key'],
  ['half of a pair', JSON.stringify(statement).replace('"model"', '"\\ud800"'), 'statement-not-utf8'],
  ['a list', [], 'statement-wrong-field'],
  ['another type', { ...statement, _type: 'https://in-toto.io/Statement/v0.1' }, 'statement-wrong-type'],
  ['no type', { ...statement, _type: undefined }, 'statement-missing-field'],
  ['an unknown field', { ...statement, subjects: [] }, 'statement-unknown-field'],
  ['a key that it would have trusted', { ...statement, publicKey: 'AAAA' }, 'statement-unknown-field'],
  ['no subject', { ...statement, subject: [] }, 'statement-no-subject'],
  ['subjects that are no list', { ...statement, subject: {} }, 'statement-wrong-field'],
  ['a subject without a name', subjectWith({ name: undefined }), 'statement-missing-field'],
  ['a subject with an empty name', subjectWith({ name: '' }), 'statement-wrong-field'],
  ['no SHA-256', subjectWith({ digest: { sha512: 'ab'.repeat(64) } }), 'statement-missing-field'],
  ['a digest in capital letters', subjectWith({ digest: { sha256: 'AB'.repeat(32) } }), 'statement-wrong-digest'],
  ['a digest that is too short', subjectWith({ digest: { sha256: 'ab'.repeat(31) } }), 'statement-wrong-digest'],
  [
    'a digest of another algorithm that is none',
    subjectWith({ digest: { sha256: digest, blake3: 'abc' } }),
    'statement-wrong-digest',
  ],
  ['annotations that are no object', subjectWith({ annotations: [] }), 'statement-wrong-field'],
  ['no type of the predicate', { ...statement, predicateType: undefined }, 'statement-missing-field'],
  ['a predicate that is a text', { ...statement, predicate: 'x' }, 'statement-wrong-field'],
])('%s is refused', (_, value, code) => {
  expect(codeOf(value)).toBe(code);
});

it('a statement that is not UTF-8 is refused', () => {
  const read = decodeStatement(Uint8Array.of(0x22, 0xff, 0x22));
  expect(read).toMatchObject({ ok: false, code: 'statement-not-utf8' });
});

it('a refusal names the field', () => {
  const read = decodeStatement(octets(JSON.stringify(subjectWith({ name: 7 }))));
  expect(read).toEqual({
    ok: false,
    code: 'statement-wrong-field',
    detail: 'subject[0].name: expected a text, found a number',
    path: 'subject[0].name',
  });
});

it('more octets than are read are refused before they are parsed', () => {
  const huge = { length: statementLimits.octets + 1 } as Uint8Array;
  expect(decodeStatement(huge)).toMatchObject({ ok: false, code: 'statement-too-large' });
});

it('more values of JSON than are read are refused before they are parsed', () => {
  const many = `[${'{},'.repeat(statementLimits.values / 2)}{}]`;
  expect(decodeStatement(octets(many))).toMatchObject({ ok: false, code: 'statement-too-large' });
});
