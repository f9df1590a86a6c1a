// Tiles of C2SP tlog-tiles: which there are, where they lie, and what stands in them and in bundles of entries.
import { passed, refused } from '../../failure.ts';
import { type Bytes, concat } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import type { LogCode } from './codes.ts';
import { foldHashes, hashOctets, type Range, rootOfRange, type Subtree, subtreesOf } from './merkle.ts';

/** Hashes of a full tile; a tile is a tree of height 8. */
const fullWidth = 256;
const tileHeight = 8;

/** A tile: its level, its index in the level, and its hashes: 1 to 256. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** The index in groups of three digits: 1234067 is `x001/x234/067`. */
function indexPath(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
}

const widthSuffix = (width: number): string => (width === fullWidth ? '' : `.p/${width}`);

/** Where a tile lies: `tile/<L>/<N>[.p/<W>]`. */
export const pathOfTile = ({ level, index, width }: Tile): string =>
  `tile/${level}/${indexPath(index)}${widthSuffix(width)}`;

/** Where the entries of a tile of level 0 lie. */
export const pathOfEntries = ({ index, width }: Tile): string =>
  `tile/entries/${indexPath(index)}${widthSuffix(width)}`;

/** The full tile in the place of a partial one. */
export const fullTile = (tile: Tile): Tile => ({ ...tile, width: fullWidth });

export const isFull = ({ width }: Tile): boolean => width === fullWidth;

/** Hashes of a level in a tree of `size` entries: floor(size / 256^level). */
const hashesInLevel = (level: number, size: number): number => Math.floor(size / fullWidth ** level);

const tileAt = (level: number, index: number, size: number): Tile => ({
  level,
  index,
  width: Math.min(fullWidth, hashesInLevel(level, size) - index * fullWidth),
});

/** The tiles of a level from the one on that changes when the tree grows beyond `before` entries. */
export const tilesOfLevel = (level: number, size: number, before = 0): Tile[] => {
  const [first, hashes] = [Math.floor(hashesInLevel(level, before) / fullWidth), hashesInLevel(level, size)];
  const count = Math.max(0, Math.ceil(hashes / fullWidth) - first);
  return Array.from({ length: count }, (_, i) => tileAt(level, first + i, size));
};

/** Where a subtree stands in tiles: a tile, and a part of its hashes. */
function placeOf({ height, index }: Subtree, size: number): { tile: Tile; from: number; count: number } {
  const count = 2 ** (height % tileHeight);
  const at = index * count;
  return {
    tile: tileAt(Math.floor(height / tileHeight), Math.floor(at / fullWidth), size),
    from: at % fullWidth,
    count,
  };
}

/** The tiles from which the roots of ranges are computed, each once. */
export function tilesOf(ranges: readonly Range[], size: number): Tile[] {
  const tiles = ranges.flatMap(subtreesOf).map((subtree) => placeOf(subtree, size).tile);
  return [...new Map(tiles.map((tile) => [pathOfTile(tile), tile])).values()];
}

/** The hashes of tiles, by their paths. */
export type TileHashes = ReadonlyMap<string, readonly Bytes[]>;

/** The root of a range of a tree of `size` entries. All tiles of `tilesOf` are there. */
export const rootIn = (tiles: TileHashes, range: Range, size: number): Bytes =>
  rootOfRange(range, (subtree) => {
    const { tile, from, count } = placeOf(subtree, size);
    return foldHashes((tiles.get(pathOfTile(tile)) ?? []).slice(from, from + count));
  });

/** Octets of equal length, cut apart. */
export const hashesOf = (octets: Bytes): Bytes[] =>
  Array.from({ length: octets.length / hashOctets }, (_, i) => octets.slice(i * hashOctets, (i + 1) * hashOctets));

const lengthOctets = 2;

/** A bundle of entries: before each its length in two octets, the more significant first. Each has at most 65,535. */
export const encodeEntries = (entries: readonly Bytes[]): Bytes =>
  concat(...entries.flatMap((entry) => [Uint8Array.of(entry.length >>> 8, entry.length & 0xff), entry]));

/** The entries of a bundle of exactly `width` entries. */
export function decodeEntries(octets: Bytes, width: number, path: string): Judged<readonly Bytes[], LogCode> {
  const entries: Bytes[] = [];
  for (let at = 0; at < octets.length; ) {
    const end = at + lengthOctets + 0x100 * (octets[at] ?? 0) + (octets[at + 1] ?? 0);
    if (at + lengthOctets > octets.length || end > octets.length)
      return refused('log-entries-broken', `${path}: entry ${entries.length} of it is cut off`);
    entries.push(octets.slice(at + lengthOctets, end));
    at = end;
  }
  if (entries.length !== width)
    return refused('log-entries-broken', `${path}: ${entries.length} entries; expected ${width}`);
  return passed(entries);
}
