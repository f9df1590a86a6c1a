// Names that people and hosts take for each other.

/** Letters of other scripts, and digits, by the ASCII letter that they look like. */
const lookAlikes: Readonly<Record<string, string>> = {
  a: 'аɑαАΑ',
  b: 'ьВΒ',
  c: 'сϲСϹ',
  d: 'ԁ',
  e: 'еҽЕΕ',
  f: 'ғ',
  g: 'ɡ',
  h: 'һНΗ',
  i: 'іıιІΙ',
  j: 'јϳЈ',
  k: 'кκКΚ',
  l: 'ӏӀ1',
  m: 'мМΜ',
  n: 'пηΝ',
  o: 'оοσОΟ0',
  p: 'рρРΡ',
  q: 'ԛ',
  r: 'г',
  s: 'ѕЅ',
  t: 'тτТΤ',
  u: 'υ',
  v: 'νѵѴ',
  w: 'ԝωԜ',
  x: 'хχХΧ',
  y: 'уγүУΥҮ',
  z: 'ᴢΖ',
};
const asAscii = new Map(
  Object.entries(lookAlikes).flatMap(([letter, others]) => [...others].map((other) => [other, letter])),
);

const toAscii = (text: string): string => text.replace(/./gsu, (letter) => asAscii.get(letter) ?? letter);

/**
 * A name as it is compared for likeness: without accents, without case and what cannot be seen, compatible forms as their plain ones,
 * letters of other scripts as the ASCII letters that they look like, and `_` for everything that hosts replace by it.
 */
export const likeness = (name: string): string =>
  toAscii(toAscii(name).normalize('NFKD'))
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\p{M}\p{C}\p{Default_Ignorable_Code_Point}]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '_');
