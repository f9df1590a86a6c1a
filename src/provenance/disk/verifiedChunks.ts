// Reads a file again, and lets through only what was hashed before.
//
// In the first pass the state of SHA-256 is kept before each chunk, and the digest of all octets up to the end of the
// chunk. A chunk that is read again continues the state that was kept, and must lead to the same digest: other octets
// would be a second preimage of SHA-256. So one pass gives the digest of the whole and what checks each chunk, and
// nothing is copied to another file. The octets that are checked are those that are handed over: they lie in memory of
// this process, and the file may change meanwhile as it likes.
import { createHash, type Hash } from 'node:crypto';
import { read } from 'node:fs';
import { throwRefused } from './codes.ts';
import { type OpenFile, requireUnchanged } from './openFile.ts';
import { onModelFile } from './walk.ts';

/** The least octets of a chunk. */
const leastChunk = 1_048_576;

/** The most chunks of a file, whose states stay in memory: larger files have larger chunks. */
const mostChunks = 16_384;

/** A file whose chunks were hashed. */
export interface VerifiedChunks {
  readonly octets: number;
  /** Of each chunk but the last one. */
  readonly chunkOctets: number;
  /** SHA-256 of all octets, hexadecimal. */
  readonly digest: string;
  /** Reads a chunk into memory of its own. @throws RefusedFile for other octets than those that were hashed */
  readonly chunk: (index: number) => Promise<Buffer>;
}

/** Octets of a chunk for a file of a size: a power of two. */
export function chunkFor(octets: number): number {
  let chunk = leastChunk;
  while (chunk * mostChunks < octets) chunk *= 2;
  return chunk;
}

const readSome = (handle: number, into: Buffer, from: number, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(handle, into, from, into.length - from, position, (error, octets) => {
      if (error === null) resolve(octets);
      else reject(error);
    });
  });

/** Reads until the octets are full, or the file ends. @returns how many were read */
async function fill(name: string, handle: number, into: Buffer, position: number): Promise<number> {
  let octets = 0;
  while (octets < into.length) {
    const some = await readSome(handle, into, octets, position + octets).catch((error: unknown) =>
      onModelFile<number>(name, () => {
        throw error;
      }),
    );
    if (some === 0) break;
    octets += some;
  }
  return octets;
}

/** Reads a whole file into memory, and hashes that memory. @throws RefusedFile */
export async function readWhole(
  name: string,
  { handle, status }: OpenFile,
  signal: AbortSignal | undefined,
): Promise<{ readonly octets: Buffer; readonly digest: string }> {
  const octets = Buffer.allocUnsafeSlow(Number(status.size));
  const hash = createHash('sha256');
  for (let at = 0; at < octets.length; at += leastChunk) {
    signal?.throwIfAborted();
    const chunk = octets.subarray(at, at + leastChunk);
    if ((await fill(name, handle, chunk, at)) !== chunk.length) throwRefused('file-changed', name, 'it became shorter');
    hash.update(chunk);
  }
  return { octets, digest: hash.digest('hex') };
}

/** Hashes a file, and keeps what checks each of its chunks. @throws RefusedFile for a file that changes meanwhile */
export async function hashChunks(
  name: string,
  opened: OpenFile,
  signal: AbortSignal | undefined,
): Promise<VerifiedChunks> {
  const { handle } = opened;
  const octets = Number(opened.status.size);
  const chunkOctets = chunkFor(octets);
  const states: Hash[] = [];
  const ends: string[] = [];
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(Math.min(chunkOctets, octets));
  for (let at = 0; at < octets; at += chunkOctets) {
    signal?.throwIfAborted();
    const chunk = buffer.subarray(0, Math.min(chunkOctets, octets - at));
    if ((await fill(name, handle, chunk, at)) !== chunk.length) throwRefused('file-changed', name, 'it became shorter');
    states.push(hash.copy());
    hash.update(chunk);
    ends.push(hash.copy().digest('hex'));
  }
  requireUnchanged(name, opened, octets);

  async function chunkAt(index: number): Promise<Buffer> {
    const [state, end, at] = [states[index], ends[index], index * chunkOctets];
    if (state === undefined || end === undefined) throw new RangeError(`chunk ${index} of ${states.length}`);
    const chunk = Buffer.allocUnsafeSlow(Math.min(chunkOctets, octets - at));
    const filled = await fill(name, handle, chunk, at);
    if (filled !== chunk.length || state.copy().update(chunk).digest('hex') !== end) {
      const where = `octets ${at} to ${at + chunk.length} are not those that were hashed`;
      return throwRefused('file-changed', name, where);
    }
    return chunk;
  }
  return { octets, chunkOctets, digest: hash.digest('hex'), chunk: chunkAt };
}
