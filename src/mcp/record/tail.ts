// The two ends of a file of a record: its first entry, and its last with what stands behind it.
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { refuseFile } from '../../node/files/fileErrors.ts';
import { type Entry, entryOf, type Head, mostLine, type Opening, openingOf, type Torn } from './entry.ts';
import { sha256 } from './text.ts';

const lineFeed = 0x0a;
const chunkOctets = 65_536;
/** Octets that hold the first entry of a file in nearly all cases. */
const firstOctets = 4_096;

/** Reads octets from a place. Fewer come at the end of the file. */
async function readAt(handle: FileHandle, from: number, octets: number): Promise<Buffer> {
  const into = Buffer.alloc(octets);
  let filled = 0;
  while (filled < octets) {
    const { bytesRead } = await handle.read(into, filled, octets - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return into.subarray(0, filled);
}

/** The first entry of a file; `undefined` when it is not the beginning of a file of a record. */
export async function readOpening(handle: FileHandle): Promise<{ opening: Opening; entry: Entry } | undefined> {
  let start = await readAt(handle, 0, firstOctets);
  if (start.length === firstOctets && !start.includes(lineFeed)) start = await readAt(handle, 0, mostLine);
  const end = start.indexOf(lineFeed);
  const entry = end < 0 ? undefined : entryOf(start.subarray(0, end));
  const opening = entry && openingOf(entry);
  return entry && opening && { opening, entry };
}

/** The place behind the last line feed before `end`; 0 when there is none. */
async function lastLineStart(handle: FileHandle, end: number): Promise<number> {
  for (let to = end; to > 0; ) {
    const from = Math.max(0, to - chunkOctets);
    const at = (await readAt(handle, from, to - from)).lastIndexOf(lineFeed);
    if (at >= 0) return from + at + 1;
    to = from;
  }
  return 0;
}

async function tornAt(handle: FileHandle, from: number, end: number): Promise<Torn | undefined> {
  if (from === end) return undefined;
  const hash = createHash('sha256');
  for (let at = from; at < end; at += chunkOctets)
    hash.update(await readAt(handle, at, Math.min(chunkOctets, end - at)));
  return { octets: end - from, digest: hash.digest('hex') };
}

/** How a file of a record ends. */
export interface Tail {
  readonly opening: Opening;
  /** Entries in the file. */
  readonly entries: number;
  readonly last: Entry;
  readonly head: Head;
  /** Octets up to the end of the last whole line. */
  readonly size: number;
  readonly torn: Torn | undefined;
}

/**
 * Reads the ends of a file. What stands between is not looked at.
 * @throws FileError when the first line or the last whole one is not an entry
 */
export async function readTail(handle: FileHandle, file: string): Promise<Tail> {
  const first = await readOpening(handle);
  if (first === undefined) return refuseFile(file, 'its first line is not the first entry of a file of a record');
  const { size: octets } = await handle.stat();
  const size = await lastLineStart(handle, octets);
  const start = await lastLineStart(handle, size - 1);
  const line = size - start > mostLine ? undefined : await readAt(handle, start, size - start);
  const last = line && entryOf(line.subarray(0, -1));
  if (line === undefined || last === undefined)
    return refuseFile(file, 'its last line is not an entry of a record; look at it, and move the file away');
  const entries = last.sequence - first.entry.sequence + 1;
  const head = { sequence: last.sequence, digest: sha256(line) };
  return { opening: first.opening, entries, last, head, size, torn: await tornAt(handle, size, octets) };
}
