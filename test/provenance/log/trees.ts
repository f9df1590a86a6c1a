// Trees of tests: the definitions of RFC 6962, written down once more as they stand there, by recursion; and logs in memory.
import { createHash } from 'node:crypto';
import { concat } from '../../../src/octets.ts';
import type { LogFile } from '../../../src/provenance/log/append.ts';
import { prepareAppend } from '../../../src/provenance/log/append.ts';
import { emptyRoot, type Tree } from '../../../src/provenance/log/merkle.ts';
import type { LogReader } from '../../../src/provenance/log/reader.ts';

export const sha256 = (...parts: Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** The largest power of two smaller than n. */
const k = (n: number): number => 2 ** (Math.ceil(Math.log2(n)) - 1);

/** The roots of ranges that were computed already. */
const known = new WeakMap<readonly Uint8Array[], Map<string, Uint8Array>>();

/** MTH of section 2.1, of D[start:end]. */
export function mth(d: readonly Uint8Array[], start = 0, end = d.length): Uint8Array {
  const roots = known.get(d) ?? new Map<string, Uint8Array>();
  known.set(d, roots);
  const found = roots.get(`${start} ${end}`);
  if (found !== undefined) return found;
  const middle = start + k(end - start);
  const [first] = d.slice(start, end);
  const root =
    first === undefined
      ? sha256()
      : end - start === 1
        ? sha256(Uint8Array.of(0), first)
        : sha256(Uint8Array.of(1), mth(d, start, middle), mth(d, middle, end));
  roots.set(`${start} ${end}`, root);
  return root;
}

/** PATH of section 2.1.1, of D[start:end]. */
export function path(m: number, d: readonly Uint8Array[], start = 0, end = d.length): Uint8Array[] {
  if (end - start === 1) return [];
  const middle = start + k(end - start);
  return start + m < middle
    ? [...path(m, d, start, middle), mth(d, middle, end)]
    : [...path(start + m - middle, d, middle, end), mth(d, start, middle)];
}

/** SUBPROOF of section 2.1.2, of D[start:end]. */
export function subproof(m: number, d: readonly Uint8Array[], b: boolean, start = 0, end = d.length): Uint8Array[] {
  if (m === end - start) return b ? [] : [mth(d, start, end)];
  const middle = start + k(end - start);
  return start + m <= middle
    ? [...subproof(m, d, b, start, middle), mth(d, middle, end)]
    : [...subproof(start + m - middle, d, false, middle, end), mth(d, start, middle)];
}

export const entriesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new TextEncoder().encode(`entry ${i}`));

/** A log in memory: its files by their paths. */
export interface Memory {
  readonly files: Map<string, Uint8Array>;
  readonly reader: LogReader;
}

export function memoryLog(files = new Map<string, Uint8Array>()): Memory {
  const reader: LogReader = {
    name: 'memory',
    read: async (name) => {
      const value = files.get(name);
      return value === undefined ? { ok: false, code: 'log-file-missing', detail: name } : { ok: true, value };
    },
  };
  return { files, reader };
}

/** Appends entries to a log in memory. */
export async function append({ files, reader }: Memory, tree: Tree, entries: readonly Uint8Array[]): Promise<Tree> {
  const appended = await prepareAppend(reader, tree, entries);
  if (!appended.ok) throw new Error(`${appended.code}: ${appended.detail}`);
  for (const { path: name, octets } of appended.value.files as LogFile[]) files.set(name, octets);
  return appended.value.tree;
}

export const emptyTree: Tree = { size: 0, root: emptyRoot };

/** The octets with one bit the other way round. */
export function flipped(octets: Uint8Array, bit: number): Uint8Array {
  const copy = concat(octets);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
