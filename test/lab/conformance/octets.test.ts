import { describe, expect, it } from 'vitest';
import { collected, compared } from '../../../src/lab/conformance/runner/octets.ts';

const octets = (count: number, from = 0): Uint8Array => Uint8Array.from({ length: count }, (_, i) => from + i);

describe('octets that come in parts', () => {
  it('are put together in their order, however many parts there are, and again when more come', () => {
    const all = collected();
    for (let i = 0; i < 3_000; i += 1) all.add(Uint8Array.of(i & 0xff));
    expect(all.length()).toBe(3_000);
    expect(all.octets()).toEqual(octets(3_000));
    all.add(octets(2));
    expect(all.octets()).toHaveLength(3_002);
    expect(all.octets().subarray(2_999)).toEqual(Uint8Array.of(2_999 & 0xff, 0, 1));
  });

  it('are compared with what was given, cut otherwise', () => {
    const both = compared();
    both.given(octets(5));
    both.given(octets(5, 5));
    both.came(octets(7));
    expect([both.isWhole(), both.wrongAt()]).toEqual([false, undefined]);
    both.came(octets(3, 7));
    expect([both.isWhole(), both.length(), both.wrongAt()]).toEqual([true, 10, undefined]);
  });

  it.each([
    ['another octet', [octets(4), Uint8Array.of(9)], 4],
    ['one octet more than was given', [octets(10), Uint8Array.of(10)], 10],
    ['the first of two wrong octets', [Uint8Array.of(0, 9, 9)], 1],
  ])('%s is found', (_, parts, at) => {
    const both = compared();
    both.given(octets(10));
    for (const part of parts) both.came(part);
    expect(both.wrongAt()).toBe(at);
  });
});
