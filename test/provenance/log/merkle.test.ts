// Trees and their proofs: published values, the definitions of RFC 6962 by recursion, and what a changed proof is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/octets.ts';
import {
  consistencyRanges,
  inclusionRanges,
  leafHash,
  type Range,
  type Tree,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/provenance/log/merkle.ts';
import { entriesOf, flipped, mth, path, subproof } from './trees.ts';

// The entries and roots with which implementations of Certificate Transparency have been tested since RFC 6962.
const published = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map(fromHex);
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const publishedPaths: [index: number, size: number, hashes: string[]][] = [
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
];
const publishedConsistency: [first: number, second: number, hashes: string[]][] = [
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

const rangesOf = (entries: readonly Uint8Array[], ranges: readonly Range[]): Uint8Array[] =>
  ranges.map(({ start, end }) => mth(entries, start, end));
const hex = (octets: readonly Uint8Array[]): string[] => octets.map(toHex);

describe('published values', () => {
  it.each(roots.map((root, size) => [size, root] as const))('the root of %i entries', (size, root) => {
    expect(toHex(mth(published, 0, size))).toBe(root);
  });

  it.each(publishedPaths)('entry %i of %i is proved by these hashes', (index, size, hashes) => {
    const leaf = leafHash(published[index] ?? new Uint8Array());
    expect(hex(rangesOf(published, inclusionRanges(index, size)))).toEqual(hashes);
    expect(verifyInclusion(leaf, index, size, hashes.map(fromHex), fromHex(roots[size] ?? ''))).toBe(true);
  });

  it.each(publishedConsistency)('%i entries begin %i by these hashes', (first, second, hashes) => {
    const trees = [first, second].map((size) => ({ size, root: fromHex(roots[size] ?? '') })) as [never, never];
    expect(hex(rangesOf(published, consistencyRanges(first, second)))).toEqual(hashes);
    expect(verifyConsistency(...trees, hashes.map(fromHex))).toBe(true);
  });
});

const most = 300;
const entries = entriesOf(most);
const treeOf = (size: number): Tree => ({ size, root: mth(entries, 0, size) });

/** Some of the numbers up to `end`: the first, the last, and those around the middle. */
const some = (end: number): number[] =>
  [...new Set([0, 1, end >> 1, (end >> 1) + 1, end - 1])].filter((n) => n >= 0 && n < end);

describe('the definitions of RFC 6962', () => {
  it('entries of trees of every size have the path of section 2.1.1, which verifies, and for no other index', () => {
    for (let size = 1; size <= most; size += 1) {
      const { root } = treeOf(size);
      for (const index of size <= 20 ? Array(size).keys() : some(size)) {
        const proof = path(index, entries, 0, size);
        expect(hex(rangesOf(entries, inclusionRanges(index, size)))).toEqual(hex(proof));
        const leaf = leafHash(entries[index] ?? new Uint8Array());
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(leaf, (index + 1) % (size + 1), size, proof, root)).toBe(false);
      }
    }
  });

  it('trees of every size have the proof of section 2.1.2, which verifies, and not the other way round', () => {
    for (let second = 2; second <= most; second += 1) {
      for (const before of second <= 20 ? Array(second - 1).keys() : some(second - 1)) {
        const first = before + 1;
        const proof = subproof(first, entries, true, 0, second);
        expect(hex(rangesOf(entries, consistencyRanges(first, second)))).toEqual(hex(proof));
        expect(verifyConsistency(treeOf(first), treeOf(second), proof)).toBe(true);
        expect(verifyConsistency(treeOf(second), treeOf(first), proof)).toBe(false);
        expect(verifyConsistency(treeOf(first), treeOf(second), proof.slice(1))).toBe(false);
      }
    }
  });

  it('the empty tree begins every tree, without a proof; equal trees are one', () => {
    const [empty, three] = [treeOf(0), treeOf(3)];
    expect([verifyConsistency(empty, three, []), verifyConsistency(three, three, [])]).toEqual([true, true]);
    expect(verifyConsistency(empty, three, [mth(entries)])).toBe(false);
    expect(verifyConsistency(three, three, [mth(entries)])).toBe(false);
    expect(verifyConsistency({ size: 0, root: mth(entries) }, three, [])).toBe(false);
  });
});

describe('one bit', () => {
  const sized = fc
    .integer({ min: 1, max: 300 })
    .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1), fc.nat()));

  it('of an inclusion proof, a leaf or a root makes it false', () => {
    fc.assert(
      fc.property(sized, ([size, index, bit]) => {
        const [proof, { root }, leaf] = [
          path(index, entries, 0, size),
          treeOf(size),
          leafHash(entries[index] ?? new Uint8Array()),
        ];
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        const parts = [leaf, root, ...proof];
        const at = bit % parts.length;
        const [changedLeaf = leaf, changedRoot = root, ...changed] = parts.map((one, i) =>
          i === at ? flipped(one, bit % 256) : one,
        );
        expect(verifyInclusion(changedLeaf, index, size, changed, changedRoot)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('of a consistency proof or of a root makes it false', () => {
    fc.assert(
      fc.property(sized, ([second, other, bit]) => {
        const first = Math.max(1, other);
        fc.pre(first < second);
        const proof = subproof(first, entries, true, 0, second);
        const parts = [treeOf(first).root, treeOf(second).root, ...proof];
        const at = bit % parts.length;
        const [a, b, ...changed] = parts.map((one, i) => (i === at ? flipped(one, bit % 256) : one));
        expect(
          verifyConsistency({ size: first, root: a as Uint8Array }, { size: second, root: b as Uint8Array }, changed),
        ).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
