// The frame of an element: every length that is not the one encoding is refused, as is what does not fit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerError } from '../../src/der/derError.ts';
import { enter } from '../../src/der/tlv.ts';
import { type Bytes, concat } from '../../src/octets.ts';

/** Where the contents begin and end, or why there are none. */
function read(octets: Bytes, at = 0, end = octets.length): readonly [number, number] | string {
  const place = { start: -1, end: -1 };
  try {
    enter(octets, at, end, place);
    return [place.start, place.end];
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    expect(place).toEqual({ start: -1, end: -1 });
    return `${error.code}: ${error.message}`;
  }
}

const element = (head: readonly number[], contents = 0): Bytes =>
  concat(Uint8Array.from(head), new Uint8Array(contents));

describe('a length in as few octets as possible is read', () => {
  it.each<[string, readonly number[], number]>([
    ['none', [0x04, 0], 0],
    ['1', [0x04, 1], 1],
    ['127, the longest short form', [0x04, 0x7f], 127],
    ['128, the shortest of one octet', [0x04, 0x81, 0x80], 128],
    ['255', [0x04, 0x81, 0xff], 255],
    ['256, the shortest of two octets', [0x04, 0x82, 1, 0], 256],
    ['65535', [0x04, 0x82, 0xff, 0xff], 65_535],
    ['65536, the shortest of three octets', [0x04, 0x83, 1, 0, 0], 65_536],
    ['2^24, the shortest of four octets', [0x04, 0x84, 1, 0, 0, 0], 2 ** 24],
  ])('%s', (_, head, length) => {
    const octets = element(head, length);
    expect(read(octets)).toEqual([head.length, head.length + length]);
    expect(read(element(head, length + 3))).toEqual([head.length, head.length + length]); // others may follow
    if (length > 0) expect(read(octets.subarray(0, -1))).toMatch(/^malformed: .*cut off in its contents/);
  });
});

describe('refused as malformed', () => {
  it.each<[string, readonly number[], number, RegExp]>([
    ['nothing', [], 0, /cut off in its identifier or length/],
    ['an identifier alone', [0x30], 0, /cut off in its identifier or length/],
    ['a high tag number', [0x1f, 0x1f, 0], 10, /an identifier of more than one octet/],
    ['a high tag number, constructed, of a context', [0xbf, 0x81, 0x01, 0], 10, /an identifier of more than one octet/],
    ['the indefinite length', [0x30, 0x80], 10, /indefinite/],
    ['the indefinite length with its end', [0x30, 0x80, 0x05, 0, 0, 0], 0, /indefinite/],
    ['0 in the long form', [0x04, 0x81, 0], 10, /more octets than it needs/],
    ['127 in the long form', [0x04, 0x81, 0x7f], 127, /more octets than it needs/],
    ['128 in two octets', [0x04, 0x82, 0, 0x80], 128, /more octets than it needs/],
    ['255 in four octets', [0x04, 0x84, 0, 0, 0, 0xff], 255, /more octets than it needs/],
    ['a length of five octets', [0x04, 0x85, 0, 0, 0, 0, 1], 10, /more than 4 octets/],
    ['a length of five octets, 2^32', [0x04, 0x85, 1, 0, 0, 0, 0], 10, /more than 4 octets/],
    ['the reserved first octet of a length', [0x04, 0xff], 200, /more than 4 octets/],
    ['a length that is cut off', [0x04, 0x82, 1], 0, /cut off in its length/],
    ['a length that is not there', [0x04, 0x84], 0, /cut off in its length/],
    ['2^31 octets that are not there', [0x04, 0x84, 0x80, 0, 0, 0], 100, /cut off in its contents/],
    ['2^32 - 1 octets that are not there', [0x04, 0x84, 0xff, 0xff, 0xff, 0xff], 100, /cut off in its contents/],
  ])('%s', (_, head, contents, why) => {
    expect(read(element(head, contents))).toMatch(/^malformed: /);
    expect(read(element(head, contents))).toMatch(why);
  });
});

it('nothing outside of the bounds counts', () => {
  const octets = concat(Uint8Array.of(0x30, 3, 0x04, 2, 7), Uint8Array.of(7, 7)); // the outer one ends within the inner one
  expect(read(octets, 0)).toEqual([2, 5]);
  expect(read(octets, 2, 5)).toMatch(/cut off in its contents/);
  expect(read(octets, 2)).toEqual([4, 6]);
  expect(read(octets, 4, 5)).toMatch(/cut off in its identifier or length/);
});

it('any octets: what is read is the one encoding of its contents, and nothing but a DerError leaves', () => {
  const lengthOf = (length: number): number[] => {
    if (length < 0x80) return [length];
    const digits: number[] = [];
    for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) digits.unshift(rest % 0x100);
    return [0x80 | digits.length, ...digits];
  };
  const heads = fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.constantFrom(...[0x81, 0x82, 0x83, 0x84].map((one) => Uint8Array.of(0x04, one))),
  );
  fc.assert(
    fc.property(heads, fc.uint8Array({ maxLength: 400 }), (head, more) => {
      const octets = concat(head, more);
      const found = read(octets);
      if (typeof found === 'string') return;
      const [start, end] = found;
      expect(Array.from(octets.subarray(1, start))).toEqual(lengthOf(end - start));
      expect(end).toBeLessThanOrEqual(octets.length);
    }),
    { numRuns: 2_000 },
  );
});
