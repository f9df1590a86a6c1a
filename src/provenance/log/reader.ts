// Trees of logs, read from wherever their files lie: checked against the root of a checkpoint.
import { passed, refused } from '../../failure.ts';
import { type Bytes, same, toHex } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { logBounds } from './bounds.ts';
import type { LogCode } from './codes.ts';
import {
  consistencyRanges,
  hashOctets,
  inclusionRanges,
  type Range,
  type Tree,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
import { fullTile, hashesOf, isFull, pathOfTile, rootIn, type Tile, tilesOf, tilesOfLevel } from './tiles.ts';

/** Where the files of a log are read from, by their paths in it. */
export interface LogReader {
  /** For people: a directory or a URL. */
  readonly name: string;
  /** The octets of a file, at most `most`; refused with `log-file-missing` when it is not there. */
  readonly read: (path: string, most: number) => Promise<Judged<Bytes, LogCode>>;
}

/** The hashes that stand in the octets of a tile, of which a full one may stand in the place of a partial one. */
export function hashesIn(tile: Tile, octets: Bytes): Judged<readonly Bytes[], LogCode> {
  const length = tile.width * hashOctets;
  return octets.length === length
    ? passed(hashesOf(octets))
    : refused('log-tile-broken', `${pathOfTile(tile)}: ${octets.length} octets; expected ${length}`);
}

/** Reads a tile. A log may drop a partial tile when the full one is there. */
export async function readTile(reader: LogReader, tile: Tile): Promise<Judged<readonly Bytes[], LogCode>> {
  const octets = await reader.read(pathOfTile(tile), logBounds.tile);
  if (octets.ok) return hashesIn(tile, octets.value);
  if (octets.code !== 'log-file-missing' || isFull(tile)) return octets;
  const full = await reader.read(pathOfTile(fullTile(tile)), logBounds.tile);
  if (!full.ok) return octets;
  const hashes = hashesIn(fullTile(tile), full.value);
  return hashes.ok ? passed(hashes.value.slice(0, tile.width)) : hashes;
}

/** The roots of ranges of a tree of `size` entries, as its tiles have them. */
export async function readRoots(
  reader: LogReader,
  ranges: readonly Range[],
  size: number,
): Promise<Judged<Bytes[], LogCode>> {
  const tiles = new Map<string, readonly Bytes[]>();
  for (const tile of tilesOf(ranges, size)) {
    const hashes = await readTile(reader, tile);
    if (!hashes.ok) return hashes;
    tiles.set(pathOfTile(tile), hashes.value);
  }
  return passed(ranges.map((range) => rootIn(tiles, range, size)));
}

/** A hash, and the index of the entry of which it is the leaf. */
export interface Leaf {
  readonly leaf: Bytes;
  readonly index: number;
}

const nameOf = ({ start, end }: Range): string => `${start} ${end}`;

/** Proofs that hashes are the leaves of entries in a tree. What they have in common is read and computed once. */
export async function readInclusions(
  reader: LogReader,
  leaves: readonly Leaf[],
  tree: Tree,
): Promise<Judged<readonly (readonly Bytes[])[], LogCode>> {
  const { size, root } = tree;
  const ranges = leaves.map(({ index }) => inclusionRanges(index, size));
  const distinct = [...new Map(ranges.flat().map((range) => [nameOf(range), range])).values()];
  const roots = await readRoots(reader, distinct, size);
  if (!roots.ok) return roots;
  const hashes = new Map(distinct.map((range, at) => [nameOf(range), roots.value[at] ?? root]));
  const paths = ranges.map((some) => some.map((range) => hashes.get(nameOf(range)) ?? root));
  const wrong = leaves.find(({ leaf, index }, at) => !verifyInclusion(leaf, index, size, paths[at] ?? [], root));
  if (wrong === undefined) return passed(paths);
  return refused(
    'log-tile-broken',
    `${reader.name}: its tiles do not lead from entry ${wrong.index} to the root of its checkpoint`,
  );
}

/** How the tree of a log stands to a smaller one: whether it goes on from it. */
export type Continuation = 'continued' | 'forked';

/**
 * Whether the larger tree, of which the tiles are read, begins with the smaller one. Tiles that are not of the larger tree are refused:
 * then nothing is known.
 */
export async function readContinuation(
  reader: LogReader,
  smaller: Tree,
  larger: Tree,
): Promise<Judged<Continuation, LogCode>> {
  const { size } = larger;
  const begin = await readRoots(reader, [{ start: 0, end: smaller.size }], size);
  if (!begin.ok) return begin;
  const proof = await readRoots(reader, consistencyRanges(smaller.size, size), size);
  if (!proof.ok) return proof;
  const [root = smaller.root] = begin.value;
  if (!verifyConsistency({ size: smaller.size, root }, larger, proof.value))
    return refused(
      'log-tile-broken',
      `${reader.name}: its tiles do not have the root of the checkpoint of ${size} entries`,
    );
  return passed(same(root, smaller.root) ? 'continued' : 'forked');
}

/**
 * Where leaf hashes, in hexadecimal digits, stand first in a log. Reads the tiles of level 0 one after the other, until all are found;
 * checks them by nothing.
 */
export async function findLeaves(
  reader: LogReader,
  leaves: readonly string[],
  size: number,
): Promise<Judged<ReadonlyMap<string, number>, LogCode>> {
  const [found, sought] = [new Map<string, number>(), new Set(leaves)];
  const tiles = tilesOfLevel(0, size);
  if (tiles.length > logBounds.searchedTiles)
    return refused(
      'log-unreadable',
      `${reader.name}: ${tiles.length} tiles of hashes; at most ${logBounds.searchedTiles} are searched`,
    );
  for (const tile of tiles) {
    if (found.size === sought.size) break;
    const hashes = await readTile(reader, tile);
    if (!hashes.ok) return hashes;
    for (const [at, hash] of hashes.value.map(toHex).entries())
      if (sought.has(hash) && !found.has(hash)) found.set(hash, 256 * tile.index + at);
  }
  return passed(found);
}
