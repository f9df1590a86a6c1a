// What appending entries to a log writes: new tiles and bundles of entries, never one of a tree that was signed.
import { passed, refused } from '../../failure.ts';
import { type Bytes, concat, same } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { readEntries } from './audit.ts';
import { logBounds } from './bounds.ts';
import type { LogCode } from './codes.ts';
import { foldHashes, leafHash, type Tree } from './merkle.ts';
import { type LogReader, readContinuation, readRoots, readTile } from './reader.ts';
import { encodeEntries, isFull, pathOfEntries, pathOfTile, type Tile, tilesOfLevel } from './tiles.ts';

/** A file of a log, by its path in it. */
export interface LogFile {
  readonly path: string;
  readonly octets: Bytes;
}

/** A tree that goes on from another one, and what has to be written before it is signed. */
export interface Appended {
  readonly tree: Tree;
  readonly files: readonly LogFile[];
  /** Paths of directories whose partial tiles nobody needs once the tree is signed, as the full one is there. */
  readonly superseded: readonly string[];
  /** Reads the log as it will be. */
  readonly reader: LogReader;
}

/** The partial tile at the right edge of a level, if there is one. */
function edgeOf(level: number, size: number): Tile | undefined {
  const last = tilesOfLevel(level, size, size)[0];
  return last === undefined || isFull(last) ? undefined : last;
}

/** The hashes of the partial tile of a level. */
async function readEdge(reader: LogReader, level: number, size: number): Promise<Judged<readonly Bytes[], LogCode>> {
  const edge = edgeOf(level, size);
  return edge === undefined ? passed([]) : await readTile(reader, edge);
}

/** The entries of the partial bundle: each has the hash of its tile. */
async function readLastEntries(reader: LogReader, size: number): Promise<Judged<readonly Bytes[], LogCode>> {
  const edge = edgeOf(0, size);
  if (edge === undefined) return passed([]);
  const hashes = await readTile(reader, edge);
  return hashes.ok ? await readEntries(reader, edge, hashes.value) : hashes;
}

/** Cuts what stands in the tiles of a level from its right edge on. */
const cutInto = <T>(tiles: readonly Tile[], items: readonly T[]): (readonly [Tile, readonly T[]])[] =>
  tiles.map((tile, at) => [tile, items.slice(256 * at, 256 * at + tile.width)]);

/** A reader of files that are not written yet, before those of another reader. */
function overlay(reader: LogReader, files: readonly LogFile[]): LogReader {
  const fresh = new Map(files.map(({ path, octets }) => [path, octets]));
  return {
    name: reader.name,
    read: async (path, most) => {
      const octets = fresh.get(path);
      return octets === undefined ? await reader.read(path, most) : passed(octets);
    },
  };
}

/** The tiles of every level that change, from the leaves upwards. */
async function newTiles(
  reader: LogReader,
  before: number,
  leaves: readonly Bytes[],
): Promise<Judged<(readonly [Tile, readonly Bytes[]])[], LogCode>> {
  const size = before + leaves.length;
  const all: (readonly [Tile, readonly Bytes[]])[] = [];
  let fresh = leaves;
  for (let level = 0; fresh.length > 0; level += 1) {
    const edge = await readEdge(reader, level, before);
    if (!edge.ok) return edge;
    const cut = cutInto(tilesOfLevel(level, size, before), [...edge.value, ...fresh]);
    all.push(...cut);
    fresh = cut.filter(([tile]) => isFull(tile)).map(([, hashes]) => foldHashes(hashes));
  }
  return passed(all);
}

/** The directory of the partial tiles beside a full one. */
const partialsOf = (path: string): string => `${path}.p`;

/**
 * Prepares to append entries, at least one, to a log with this tree. The tiles of the log are read and must have the root of the tree; the
 * new tree is proved to go on from it. Writes nothing.
 */
export async function prepareAppend(
  reader: LogReader,
  tree: Tree,
  entries: readonly Bytes[],
): Promise<Judged<Appended, LogCode>> {
  const size = tree.size + entries.length;
  if (size > logBounds.size)
    return refused('log-entry-malformed', `${size} entries; a tree has at most ${logBounds.size}`);
  const before = await readContinuation(reader, tree, tree);
  if (!before.ok) return before;
  const last = await readLastEntries(reader, tree.size);
  if (!last.ok) return last;
  const tiles = await newTiles(reader, tree.size, entries.map(leafHash));
  if (!tiles.ok) return tiles;
  const bundles = cutInto(tilesOfLevel(0, size, tree.size), [...last.value, ...entries]);
  const files = [
    ...bundles.map(([tile, some]) => ({ path: pathOfEntries(tile), octets: encodeEntries(some) })),
    ...tiles.value.map(([tile, hashes]) => ({ path: pathOfTile(tile), octets: concat(...hashes) })),
  ];
  const fresh = overlay(reader, files);
  const roots = await readRoots(fresh, [{ start: 0, end: size }], size);
  if (!roots.ok) return roots;
  const [root = tree.root] = roots.value;
  const after = await readContinuation(fresh, tree, { size, root });
  if (!after.ok) return after;
  if (after.value !== 'continued' || same(root, tree.root))
    return refused('log-tile-broken', `${reader.name}: what would be signed does not go on from its checkpoint`);
  const superseded = [
    ...bundles.map(([tile]) => [tile, pathOfEntries(tile)] as const),
    ...tiles.value.map(([tile]) => [tile, pathOfTile(tile)] as const),
  ]
    .filter(([tile]) => isFull(tile))
    .map(([, path]) => partialsOf(path));
  return passed({ tree: { size, root }, files, superseded, reader: fresh });
}
