// The patterns of a policy, against a matcher that is slow and plain, and what a pattern must never match.
import { describe, expect, it } from 'vitest';
import { isPlainUri } from '../../../src/mcp/policy/plainUri.ts';
import { comparable, compilePattern, mostStars, parsePattern, patternSet } from '../../../src/pattern.ts';
import fc from '../../property.ts';

const matches = (pattern: string, text: string): boolean => patternSet([pattern], 'names').matches(comparable(text));

/** The language as its description says it: try everything. */
function plainly(pattern: string, text: string, separator: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('[*]')) return text.startsWith('*') && plainly(pattern.slice(3), text.slice(1), separator);
  if (!pattern.startsWith('*')) return text[0] === pattern[0] && plainly(pattern.slice(1), text.slice(1), separator);
  const rest = pattern.slice(pattern.startsWith('**') ? 2 : 1);
  for (let taken = 0; taken <= text.length; taken += 1) {
    if (!pattern.startsWith('**') && text.slice(0, taken).includes(separator)) return false;
    if (plainly(rest, text.slice(taken), separator)) return true;
  }
  return false;
}

describe('patterns', () => {
  const part = fc.constantFrom('a', 'b', '/', '.', '*', '**', '[*]');
  const pattern = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
  const text = fc.array(fc.constantFrom('a', 'b', '/', '.', '*'), { maxLength: 10 }).map((parts) => parts.join(''));

  it.each([
    ['', '/'],
    ['DNS:', '.'],
  ])('match as a matcher that tries everything (%s)', (prefix, separator) => {
    fc.assert(
      fc.property(pattern, text, (one, name) => {
        fc.pre(!/\*\*\*/.test(one.replaceAll('[*]', '')) && typeof parsePattern(prefix + one, 'names') !== 'string');
        expect(matches(prefix + one, prefix + name)).toBe(plainly(one, name, separator));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['URI:spiffe://a.example/ns/*/sa/nurse', 'URI:spiffe://a.example/ns/ward-3/sa/nurse', true],
    ['URI:spiffe://a.example/ns/*/sa/nurse', 'URI:spiffe://a.example/ns/ward/3/sa/nurse', false],
    ['URI:spiffe://a.example/ns/*/sa/nurse', 'URI:spiffe://a.example/ns/x/sa/nurse/more', false],
    ['URI:spiffe://a.example/ns/*/sa/nurse', 'evil URI:spiffe://a.example/ns/x/sa/nurse', false],
    ['URI:spiffe://a.example/**', 'URI:spiffe://a.example/', true],
    ['URI:spiffe://a.example/**', 'URI:spiffe://a.example.evil/x', false],
    ['DNS:*.a.example', 'DNS:b.a.example', true],
    ['DNS:*.a.example', 'DNS:c.b.a.example', false],
    ['DNS:B.a.Example', 'DNS:b.A.example', true],
    ['CN=Nurse', 'CN=nurse', false],
    ['CN=\u00e9', 'CN=e\u0301', false],
    ['CN=a*', 'CN=a\n', true],
    ['read_[*]', 'read_*', true],
    ['read_[*]', 'read_x', false],
    ['a.b', 'axb', false],
  ])('%s and %s: %s', (one, name, expected) => expect(matches(one, name)).toBe(expected));

  it('have forms for the names of peers alone', () => {
    expect(patternSet(['DNS:Look*'], 'texts').matches('DNS:Look.up')).toBe(true);
    expect(patternSet(['DNS:Look'], 'texts').matches('DNS:look')).toBe(false);
  });

  it('what is no pattern is told', () => {
    expect(parsePattern('a***', 'texts')).toMatch(/three \*/);
    expect(parsePattern('*a'.repeat(mostStars + 1), 'texts')).toMatch(/17 wildcards, expected at most 16/);
  });

  it('take steps in proportion to the text, whatever it is', () => {
    const worst = '*a'.repeat(mostStars);
    const parts = parsePattern(worst, 'texts');
    if (typeof parts === 'string') throw new Error(parts);
    expect(compilePattern(worst, parts).matches('a'.repeat(4_096))).toBe(true);
    expect(compilePattern(worst, parts).matches(`${'a'.repeat(4_095)}b`)).toBe(false);
    const across = parsePattern(worst.replaceAll('*', '**'), 'texts');
    if (typeof across === 'string') throw new Error(across);
    expect(compilePattern(worst, across).matches(`/${'ab'.repeat(2_047)}`)).toBe(false);
  });
});

it.each([
  ['file:///records/7', true],
  ['stats://hospital.example/ward/3?of=a/b..#//', true],
  ['urn:example:a', true],
  ['test://static/resource/{id}', true],
  ['file:///public/', true],
  ['file:///a%20b', true],
  ['file:///public/../secret', false],
  ['file:///public/./a', false],
  ['file:///public//a', false],
  ['file:////secret', false],
  ['file:///%73ecret', false],
  ['file:///public%2f..%2fsecret', false],
  ['file:///public/%2e%2e/secret', false],
  ['file:///public%5c..', false],
  ['file:///public\\..\\secret', false],
  ['file:///a%00b', false],
  ['file:///a%', false],
  ['file:///a%zz', false],
  ['file:///a b', false],
  ['FILE:///a', false],
  ['https://Example.com/a', false],
  ['../a', false],
  ['file:///public/a?/../../secret', false],
  ['file:///public/a#/../../secret', false],
  ['file:///public/a?..', false],
])('the URI %s is in a normal form: %s', (uri, expected) => expect(isPlainUri(uri)).toBe(expected));
