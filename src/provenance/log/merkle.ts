// Merkle trees of RFC 6962, section 2.1, with SHA-256. Numbers are exact up to 2^53 - 1; they are halved by division, as shifts have 32 bits.
import { sha256 } from '../../crypto/sha256.ts';
import { type Bytes, same } from '../../octets.ts';

const [leafPrefix, nodePrefix] = [Uint8Array.of(0), Uint8Array.of(1)];

/** Octets of a hash. */
export const hashOctets = 32;
/** The root of the tree without entries. */
export const emptyRoot: Bytes = sha256();
/** MTH({d}) = SHA-256(0x00 || d). */
export const leafHash = (entry: Bytes): Bytes => sha256(leafPrefix, entry);
/** SHA-256(0x01 || left || right). */
export const nodeHash = (left: Bytes, right: Bytes): Bytes => sha256(nodePrefix, left, right);

/** The entries from `start` on, before `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The largest power of two smaller than n, which is at least 2 (the k of section 2.1). */
function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** PATH(m, D[n]) of section 2.1.1: the ranges whose roots prove the entry `index` in a tree of `size`, from the leaf upwards. */
export function inclusionRanges(index: number, size: number): Range[] {
  const path: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + split(end - start);
    path.push(index < middle ? { start: middle, end } : { start, end: middle });
    if (index < middle) end = middle;
    else start = middle;
  }
  return path.reverse();
}

/** PROOF(m, D[n]) of section 2.1.2: the ranges whose roots prove that the tree of `first` entries begins that of `second`. */
export function consistencyRanges(first: number, second: number): Range[] {
  if (first === 0 || first >= second) return [];
  const path: Range[] = [];
  let [start, end] = [0, second];
  while (end !== first) {
    const middle = start + split(end - start);
    path.push(first <= middle ? { start: middle, end } : { start, end: middle });
    if (first <= middle) end = middle;
    else start = middle;
  }
  if (start > 0) path.push({ start, end }); // otherwise it is the first tree, whose root the verifier has
  return path.reverse();
}

/** A tree of 2^height entries: those from index * 2^height on. */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** The trees of a power of two of entries that make up a range, from the left. The range begins where the first of them may. */
export function subtreesOf({ start, end }: Range): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = start; at < end; ) {
    let [height, width] = [0, 1];
    while (2 * width <= end - at) [height, width] = [height + 1, 2 * width];
    subtrees.push({ height, index: at / width });
    at += width;
  }
  return subtrees;
}

/** The root of a range (MTH of section 2.1), of the roots of its subtrees. */
export const rootOfRange = (range: Range, hashOf: (subtree: Subtree) => Bytes): Bytes =>
  range.start === range.end
    ? emptyRoot
    : subtreesOf(range)
        .map(hashOf)
        .reduceRight((right, left) => nodeHash(left, right));

/** The root of a power of two of hashes of the same height. */
export function foldHashes(hashes: readonly Bytes[]): Bytes {
  let level = hashes;
  while (level.length > 1)
    level = Array.from({ length: level.length / 2 }, (_, i) =>
      nodeHash(level[2 * i] as Bytes, level[2 * i + 1] as Bytes),
    );
  return level[0] ?? emptyRoot;
}

const isOdd = (n: number): boolean => n % 2 === 1;
const halved = (n: number): number => Math.floor(n / 2);

/**
 * RFC 9162, section 2.1.3.2: whether the hash of an entry is at `index` of the tree of `size` entries with this root. The proof goes from
 * the leaf upwards.
 */
export function verifyInclusion(
  leaf: Bytes,
  index: number,
  size: number,
  proof: readonly Bytes[],
  root: Bytes,
): boolean {
  if (index >= size) return false;
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      r = nodeHash(p, r);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [halved(fn), halved(sn)];
    } else r = nodeHash(r, p);
    [fn, sn] = [halved(fn), halved(sn)];
  }
  return sn === 0 && same(r, root);
}

/** A tree: how many entries it has, and its root. */
export interface Tree {
  readonly size: number;
  readonly root: Bytes;
}

function isPowerOfTwo(n: number): boolean {
  let power = 1;
  while (power < n) power *= 2;
  return power === n;
}

/** RFC 9162, section 2.1.4.2: whether the first tree begins the second one. Between equal trees, and from the empty one, the proof is empty. */
export function verifyConsistency(first: Tree, second: Tree, proof: readonly Bytes[]): boolean {
  if (first.size === 0) return proof.length === 0 && same(first.root, emptyRoot);
  if (first.size === second.size) return proof.length === 0 && same(first.root, second.root);
  if (first.size > second.size || proof.length === 0) return false;
  const [start = first.root, ...path] = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof;
  let [fn, sn, fr, sr] = [first.size - 1, second.size - 1, start, start];
  while (isOdd(fn)) [fn, sn] = [halved(fn), halved(sn)];
  for (const c of path) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [halved(fn), halved(sn)];
    } else sr = nodeHash(sr, c);
    [fn, sn] = [halved(fn), halved(sn)];
  }
  return sn === 0 && same(fr, first.root) && same(sr, second.root);
}
