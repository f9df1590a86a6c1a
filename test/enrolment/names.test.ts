import { describe, expect, it } from 'vitest';
import { matchesPattern, notAllowed, patternRefusal } from '../../src/enrolment/allowed.ts';
import { folded, looksLikeSerialNumber, reservedName } from '../../src/enrolment/names.ts';
import { timesAsLong } from '../duration.ts';
import fc from '../property.ts';

describe('reserved names', () => {
  it.each([
    ...['ca', 'CA', 'ca.key', 'ca.pem', 'ca.crl', 'ca.json', 'challenges'],
    ...['alice.previous', 'alice.Previous', 'bob.', 'bob '],
    ...['0123456789abcdef', '4f2a0c61b7d35e8890ab12cd34ef5678', '4F2A0C61B7D35E8890AB12CD34EF5678', '0x0f', 'c0:ff:ee'],
    ...['con', 'NUL', 'aux.txt', 'com1', 'lpt9.example'],
  ])('%s is one', (name) => expect(reservedName(name)).toBeDefined());

  it.each([
    ...[
      'alice',
      'bob',
      'ada',
      'dead',
      'c0ffee',
      'node-01',
      'carol_2',
      'ca.example.org',
      'previous',
      'alice.previous.x',
    ],
    ...['console', 'com10', 'common', '20261128', `${'a'.repeat(41)}`, 'host.example.org', '0123456789abcdeg'],
  ])('%s is none', (name) => expect(reservedName(name)).toBeUndefined());

  it('a serial number that is written with colons or 0x is one at any length', () => {
    expect(['0xa', 'a:b'].map(looksLikeSerialNumber)).toEqual([true, true]);
    expect(['a', ':', '0x', 'bob', ''].map(looksLikeSerialNumber)).toEqual([false, false, false, false, false]);
  });
});

it('names that a person takes for each other have one folded form', () => {
  const bob = folded('https://bob.example');
  for (const one of ['https://BOB.example', 'https://bob.example/', 'https://bob.example.', 'https://b%6fb.example'])
    expect(folded(one)).toBe(bob);
  expect(folded('ｂｏｂ')).toBe(folded('Bob')); // full width
  expect(folded('https://bob.example/x')).not.toBe(bob);
});

describe('patterns of alternative names', () => {
  it.each([
    [
      'https://bob.example',
      ['https://bob.example'],
      ['https://bob.example/', 'https://Bob.example', 'https://bob.exampl'],
    ],
    [
      'https://*.example',
      ['https://bob.example', 'https://a-b_9.example'],
      [
        ...[
          'https://a.b.example',
          'https://.example',
          'https://evil@x.example',
          'https://x/.example',
          'https://b%6f.example',
        ],
        ...[
          'https://bob.example.org',
          'https://bob.example:1',
          'http://bob.example',
          'https://bob#.example',
          'https://*.example',
        ],
      ],
    ],
    [
      'spiffe://example.org/node/*/agent',
      ['spiffe://example.org/node/n1.a~b/agent'],
      [
        ...[
          'spiffe://example.org/node//agent',
          'spiffe://example.org/node/a/b/agent',
          'spiffe://example.org/node/../agent',
        ],
        ...[
          'spiffe://example.org/node/./agent',
          'spiffe://example.org/node/a%2fb/agent',
          'spiffe://example.org/node/a',
        ],
      ],
    ],
    ['https://*.example.org/*', ['https://x.example.org/y'], ['https://x.example.org/', 'https://x.y.example.org/z']],
    ['urn:pquake:node:*', ['urn:pquake:node:7'], ['urn:pquake:node:7:8', 'urn:pquake:node:']],
  ])('%s', (pattern, right, wrong) => {
    expect(patternRefusal(pattern)).toBeUndefined();
    expect(right.filter((uri) => !matchesPattern(pattern, uri))).toEqual([]);
    expect(wrong.filter((uri) => matchesPattern(pattern, uri))).toEqual([]);
  });

  it.each(['*', '', 'bob', '*://x', 'https://x*', 'https://*x', 'https://a/*.json', 'https://a/b*', 'https://**'])(
    '%j is none, and allows nothing',
    (pattern) => {
      expect(patternRefusal(pattern)).toBeDefined();
      expect(matchesPattern(pattern, pattern)).toBe(false);
    },
  );

  it('a pattern without * allows itself only; what was confirmed is allowed as it is', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.webUrl(), (one, other) => {
        fc.pre(!one.includes('*') && one !== other);
        expect([matchesPattern(one, one), matchesPattern(one, other)]).toEqual([true, false]);
      }),
    );
    expect(notAllowed(['https://*.example', 'a:b'], ['https://*.example'], ['a:b'])).toEqual(['https://*.example']);
  });

  it('takes time in proportion to the text', () => {
    const matching = (parts: number) => {
      const pattern = `https://${'*.'.repeat(parts)}example/${'*/'.repeat(parts)}x`;
      const uri = `https://${'a.'.repeat(parts)}example/${'a/'.repeat(parts)}y`;
      return () => {
        for (let i = 0; i < 20; i += 1) expect(matchesPattern(pattern, uri)).toBe(false);
      };
    };
    const [whole, fourth] = [matching(4_000), matching(1_000)];
    expect(timesAsLong(10, whole, fourth)).toBeLessThan(10); // 4 when linear, 16 when quadratic
  });
});
