import { describe, expect, it } from 'vitest';
import {
  byCodePoints,
  foldedPart,
  judgeFileName,
  judgePart,
  type NameCode,
  nameBounds,
} from '../../../src/provenance/statement/fileNames.ts';

const long = 'a'.repeat(nameBounds.partOctets);

describe('names of files', () => {
  it.each([
    'a',
    'a/b/c.bin',
    '.hidden',
    'a b',
    'weights-00001-of-00002.safetensors',
    'größe.bin',
    '模型/重み',
    'console',
    'com',
    'COM10',
    long,
    '...a',
  ])('%s is a name', (name) => expect(judgeFileName(name)).toEqual({ ok: true, value: name }));

  const refused: readonly (readonly [NameCode, string])[] = [
    ['name-empty', ''],
    ['name-empty', 'a//b'],
    ['name-empty', 'a/'],
    ['name-not-relative', '/a'],
    ['name-not-relative', '../a'],
    ['name-not-relative', 'a/../b'],
    ['name-not-relative', 'a/..'],
    ['name-not-relative', './a'],
    ['name-not-unicode', 'a\ud800'],
    ['name-control-character', 'a\nb'],
    ['name-control-character', 'a\0'],
    ['name-control-character', 'a\u007f'],
    ['name-control-character', 'a\u202efdp.exe'],
    ['name-backslash', 'a\\b'],
    ['name-backslash', '..\\a'],
    ['name-reserved-character', 'C:/a'],
    ['name-reserved-character', 'a:stream'],
    ['name-reserved-character', 'a?'],
    ['name-reserved', 'CON'],
    ['name-reserved', 'a/nul.txt'],
    ['name-reserved', 'Com1.bin'],
    ['name-reserved', 'lpt9'],
    ['name-trailing-dot-or-space', 'a.'],
    ['name-trailing-dot-or-space', 'a /b'],
    ['name-too-long', `${long}a`],
    ['name-too-long', 'ä'.repeat(128)],
    ['name-too-long', Array.from({ length: 20 }, () => long).join('/')],
    ['name-too-deep', Array.from({ length: nameBounds.depth + 1 }, () => 'a').join('/')],
  ];
  it.each(refused)('%s: %j', (code, name) => expect(judgeFileName(name)).toMatchObject({ ok: false, code }));

  it('those that only Windows reads otherwise are allowed where OMS allows them', () => {
    for (const name of ['C:/a', 'a?', 'CON', 'a.', 'a '])
      expect(judgeFileName(name, 'any')).toEqual({ ok: true, value: name });
    for (const name of ['a\\b', '../a', '/a', 'a\nb', 'a//b', ''])
      expect(judgeFileName(name, 'any')).toMatchObject({ ok: false });
  });

  it('what cannot be seen is escaped in the error', () => {
    const refusal = judgeFileName('a\u202e\nb');
    expect(refusal).toMatchObject({ path: 'a?\\nb' });
  });

  it('a part has no slash', () => {
    expect(judgePart('a')).toEqual({ ok: true, value: 'a' });
    expect(judgePart('a/b')).toMatchObject({ ok: false, code: 'name-not-relative' });
  });
});

it('names are ordered by code points, as Python orders them, and not by UTF-16', () => {
  const names = ['a', 'B', 'a/b', 'a.b', '\u{1f600}', '\uff5e', '\ud7ff', 'ab', ''];
  expect([...names].sort(byCodePoints)).toEqual(['', 'B', 'a', 'a.b', 'a/b', 'ab', '\ud7ff', '\uff5e', '\u{1f600}']);
  expect([...names].sort()).not.toEqual([...names].sort(byCodePoints));
});

it('names that some file system takes for one have one folded form', () => {
  const same = [
    ['Model.bin', 'model.BIN'],
    ['\u00e4', 'a\u0308'],
    ['\u00c4', 'a\u0308'],
    ['stra\u00dfe', 'STRASSE'],
    ['.git', '.g\u200cit'],
    ['\u03c2', '\u03c3'],
  ] as const;
  for (const [one, other] of same) expect(foldedPart(one)).toBe(foldedPart(other));
  expect(foldedPart('a')).not.toBe(foldedPart('b'));
});
