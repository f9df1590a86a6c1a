// Tiles: where they lie, what stands in them, that logs grow by them as by the definition, and that changed ones are found.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/octets.ts';
import { prepareAppend } from '../../../src/provenance/log/append.ts';
import { auditLog } from '../../../src/provenance/log/audit.ts';
import { leafHash, type Tree, verifyConsistency, verifyInclusion } from '../../../src/provenance/log/merkle.ts';
import { findLeaves, readContinuation, readInclusions, readRoots } from '../../../src/provenance/log/reader.ts';
import {
  decodeEntries,
  encodeEntries,
  pathOfEntries,
  pathOfTile,
  type Tile,
  tilesOfLevel,
} from '../../../src/provenance/log/tiles.ts';
import { given } from './signing.ts';
import { append, emptyTree, entriesOf, flipped, type Memory, memoryLog, mth, path, subproof } from './trees.ts';

const paths = (level: number, size: number): string[] => tilesOfLevel(level, size).map(pathOfTile);

describe('where tiles lie', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 0, width: 1 }, 'tile/0/000.p/1'],
    [{ level: 1, index: 999, width: 256 }, 'tile/1/999'],
    [{ level: 1, index: 1000, width: 255 }, 'tile/1/x001/000.p/255'],
    [{ level: 2, index: 1_234_067, width: 256 }, 'tile/2/x001/x234/067'],
  ] as const)('%j', (tile, where) => {
    expect(pathOfTile(tile)).toBe(where);
    expect(pathOfEntries(tile)).toBe(where.replace(/^tile\/\d/, 'tile/entries'));
  });

  it('a tree of 70,000 entries has the tiles that the specification counts', () => {
    const [zero, one, two, three] = [0, 1, 2, 3].map((level) => paths(level, 70_000)) as [
      string[],
      string[],
      string[],
      string[],
    ];
    expect([zero.length, zero.at(-2), zero.at(-1)]).toEqual([274, 'tile/0/272', 'tile/0/273.p/112']);
    expect([one, two, three]).toEqual([['tile/1/000', 'tile/1/001.p/17'], ['tile/2/000.p/1'], []]);
  });

  it('a tree of 256 entries has one full tile, and one of one hash above it', () => {
    expect([paths(0, 256), paths(1, 256), paths(2, 256)]).toEqual([['tile/0/000'], ['tile/1/000.p/1'], []]);
  });
});

describe('bundles of entries', () => {
  it('have two octets of length before each entry', () => {
    const octets = encodeEntries([Uint8Array.of(7), new Uint8Array(), new Uint8Array(258)]);
    expect(toHex(octets.slice(0, 7))).toBe('00010700000102');
    expect(given(decodeEntries(octets, 3, 'path')).map(({ length }) => length)).toEqual([1, 0, 258]);
  });

  it.each([
    ['fewer entries', [0, 1, 7], 2],
    ['more entries', [0, 1, 7, 0, 0], 1],
    ['an entry that is cut off', [0, 2, 7], 1],
    ['a length that is cut off', [0, 1, 7, 0], 1],
  ])('%s than expected are refused', (_, octets, width) => {
    expect(decodeEntries(Uint8Array.from(octets as number[]), width, 'path')).toMatchObject({
      code: 'log-entries-broken',
    });
  });
});

const most = 600;
const entries = entriesOf(most);

/** A log in memory with the first entries, appended in portions. */
async function grown(portions: readonly number[]): Promise<{ log: Memory; tree: Tree; trees: Tree[] }> {
  const log = memoryLog();
  let tree = emptyTree;
  const trees = [tree];
  for (const portion of portions) {
    const fresh = entries.slice(tree.size, tree.size + portion);
    if (fresh.length > 0) tree = await append(log, tree, fresh);
    trees.push(tree);
  }
  return { log, tree, trees };
}

describe('a log that grows', () => {
  it('has the root of the definition after each portion, and proofs of it, whatever the portions are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 220 }), { minLength: 1, maxLength: 5 }),
        fc.nat(),
        async (portions, any) => {
          const { log, tree, trees } = await grown(portions);
          for (const { size, root } of trees) expect(toHex(root)).toBe(toHex(mth(entries, 0, size)));
          const index = any % tree.size;
          const leaf = leafHash(entries[index] ?? new Uint8Array());
          const proof = given(await readInclusions(log.reader, [{ leaf, index }], tree))[0] ?? [];
          expect(proof.map(toHex)).toEqual(path(index, entries, 0, tree.size).map(toHex));
          expect(verifyInclusion(leaf, index, tree.size, proof, tree.root)).toBe(true);
          expect(given(await findLeaves(log.reader, [toHex(leaf)], tree.size)).get(toHex(leaf))).toBe(index);
          for (const before of trees) expect(given(await readContinuation(log.reader, before, tree))).toBe('continued');
          expect(given(await auditLog(log.reader, tree))).toBe(tree.size);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('proves at every size that it goes on from every other one', async () => {
    const { log, tree } = await grown([200, 200, 200]);
    for (let size = 1; size < most; size += 7) {
      const before = { size, root: mth(entries, 0, size) };
      expect(given(await readContinuation(log.reader, before, tree))).toBe('continued');
      expect(given(await readContinuation(log.reader, { size, root: mth(entries, 0, size + 1) }, tree))).toBe('forked');
      expect(verifyConsistency(before, tree, subproof(size, entries, true, 0, most))).toBe(true);
    }
  });

  it('reads a full tile where the partial one is gone', async () => {
    const { log } = await grown([5, 595]);
    const small = { size: 5, root: mth(entries, 0, 5) };
    log.files.delete('tile/0/000.p/5');
    expect(given(await readRoots(log.reader, [{ start: 0, end: 5 }], 5)).map(toHex)).toEqual([toHex(small.root)]);
    expect(given(await auditLog(log.reader, small).then((judged) => judged))).toBe(5);
  });

  it('an entry that is not there is not found', async () => {
    const { log, tree } = await grown([10]);
    expect(given(await findLeaves(log.reader, [toHex(leafHash(new Uint8Array()))], tree.size)).size).toBe(0);
  });
});

/** The files that a tree of a size consists of. */
const filesOf = (size: number): string[] =>
  [0, 1, 2].flatMap((level) =>
    tilesOfLevel(level, size).flatMap((tile: Tile) => [
      pathOfTile(tile),
      ...(level === 0 ? [pathOfEntries(tile)] : []),
    ]),
  );

describe('what is broken', () => {
  it('any bit of any tile or entry is found, with the code of what it is', async () => {
    const { log, tree } = await grown([300]);
    const files = filesOf(tree.size);
    await fc.assert(
      fc.asyncProperty(fc.nat(files.length - 1), fc.nat(), async (at, any) => {
        const file = files[at] ?? '';
        const right = log.files.get(file) ?? new Uint8Array();
        log.files.set(file, flipped(right, any % (8 * right.length)));
        const audited = await auditLog(log.reader, tree);
        log.files.set(file, right);
        const code = file.includes('entries') ? 'log-entries-broken' : 'log-tile-broken';
        expect(audited).toMatchObject({ ok: false, code });
      }),
      { numRuns: 150 },
    );
  });

  it('nothing is signed on broken tiles or entries at the right edge, nor when they are gone', async () => {
    const { log, tree } = await grown([300]);
    for (const file of ['tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/001.p/44']) {
      const right = log.files.get(file) ?? new Uint8Array();
      const code = file.includes('entries') ? 'log-entries-broken' : 'log-tile-broken';
      log.files.set(file, flipped(right, 77));
      expect(await prepareAppend(log.reader, tree, [Uint8Array.of(1)])).toMatchObject({ ok: false, code });
      log.files.set(file, right.slice(1));
      expect(await prepareAppend(log.reader, tree, [Uint8Array.of(1)])).toMatchObject({ ok: false, code });
      log.files.delete(file);
      expect(await prepareAppend(log.reader, tree, [Uint8Array.of(1)])).toMatchObject({
        ok: false,
        code: 'log-file-missing',
      });
      log.files.set(file, right);
    }
  });

  it('an entry that was changed together with its tile is found by the root', async () => {
    const { log, tree } = await grown([3]);
    const other = [entries[0], Uint8Array.of(9), entries[2]].map((one) => one ?? new Uint8Array());
    const forged = memoryLog();
    await append(forged, emptyTree, other);
    for (const [name, octets] of forged.files) log.files.set(name, octets);
    expect(await auditLog(log.reader, tree)).toMatchObject({ code: 'log-tile-broken' });
  });

  it('a log does not grow beyond the numbers that are exact', async () => {
    const full = { size: Number.MAX_SAFE_INTEGER, root: emptyTree.root };
    expect(await prepareAppend(memoryLog().reader, full, [Uint8Array.of(1)])).toMatchObject({
      code: 'log-entry-malformed',
    });
  });
});
