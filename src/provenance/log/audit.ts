// The whole of a log, checked: each entry has the hash of its tile, each tile those of the tiles below it, and all the root.
import { passed, refused } from '../../failure.ts';
import { type Bytes, same } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { logBounds } from './bounds.ts';
import type { LogCode } from './codes.ts';
import { foldHashes, leafHash, type Tree } from './merkle.ts';
import { type LogReader, readContinuation, readTile } from './reader.ts';
import { decodeEntries, fullTile, isFull, pathOfEntries, pathOfTile, type Tile, tilesOfLevel } from './tiles.ts';

/** The octets of a bundle of entries, and how many it has: a full one may stand in the place of a partial one. */
async function readBundle(reader: LogReader, tile: Tile): Promise<Judged<readonly Bytes[], LogCode>> {
  const path = pathOfEntries(tile);
  const octets = await reader.read(path, logBounds.entries);
  if (octets.ok) return decodeEntries(octets.value, tile.width, path);
  if (octets.code !== 'log-file-missing' || isFull(tile)) return octets;
  const full = await reader.read(pathOfEntries(fullTile(tile)), logBounds.entries);
  if (!full.ok) return octets;
  const entries = decodeEntries(full.value, fullTile(tile).width, pathOfEntries(fullTile(tile)));
  return entries.ok ? passed(entries.value.slice(0, tile.width)) : entries;
}

/** The entries of a tile of level 0 with these hashes. */
export async function readEntries(
  reader: LogReader,
  tile: Tile,
  hashes: readonly Bytes[],
): Promise<Judged<readonly Bytes[], LogCode>> {
  const entries = await readBundle(reader, tile);
  if (!entries.ok) return entries;
  const wrong = entries.value.findIndex((entry, at) => !same(leafHash(entry), hashes[at] ?? entry));
  return wrong < 0
    ? entries
    : refused(
        'log-entries-broken',
        `${reader.name}: entry ${256 * tile.index + wrong} does not have the hash of its tile`,
      );
}

/** Checks a tile of a level above the lowest against the roots of full tiles below it. */
function isOfBelow(tile: Tile, hashes: readonly Bytes[], below: readonly Bytes[]): boolean {
  return hashes.every((hash, at) => same(hash, below[256 * tile.index + at] ?? new Uint8Array()));
}

/** Checks the tiles of a level against those below. @returns the roots of its full tiles */
async function auditLevel(
  reader: LogReader,
  level: number,
  size: number,
  below: readonly Bytes[],
): Promise<Judged<readonly Bytes[], LogCode>> {
  const roots: Bytes[] = [];
  for (const tile of tilesOfLevel(level, size)) {
    const hashes = await readTile(reader, tile);
    if (!hashes.ok) return hashes;
    if (level > 0 && !isOfBelow(tile, hashes.value, below))
      return refused(
        'log-tile-broken',
        `${reader.name}: ${pathOfTile(tile)} does not have the roots of the tiles below it`,
      );
    if (isFull(tile)) roots.push(foldHashes(hashes.value));
  }
  return passed(roots);
}

/** Checks all entries against the tiles of the lowest level, which are right. */
async function auditEntries(reader: LogReader, size: number): Promise<Judged<number, LogCode>> {
  for (const tile of tilesOfLevel(0, size)) {
    const hashes = await readTile(reader, tile);
    if (!hashes.ok) return hashes;
    const entries = await readEntries(reader, tile, hashes.value);
    if (!entries.ok) return entries;
  }
  return passed(size);
}

/** Reads a whole log, and checks it against a tree that was signed: first all tiles, then the entries. */
export async function auditLog(reader: LogReader, tree: Tree): Promise<Judged<number, LogCode>> {
  let below: readonly Bytes[] = [];
  for (let level = 0; tilesOfLevel(level, tree.size).length > 0; level += 1) {
    const roots = await auditLevel(reader, level, tree.size, below);
    if (!roots.ok) return roots;
    below = roots.value;
  }
  const whole = await readContinuation(reader, tree, tree);
  return whole.ok ? await auditEntries(reader, tree.size) : whole;
}
