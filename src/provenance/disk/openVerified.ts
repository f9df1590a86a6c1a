// Opens a file of a model for use: what is handed over was hashed, and has the digest that was signed. No gap is left
// between the check and the use, as nothing is read again unchecked.
import { close as closeHandle, realpathSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Judged } from '../contract.ts';
import { judgeFileName, type NameRule } from '../statement/fileNames.ts';
import { type FileCode, fileCodes, RefusedFile, required, throwRefused } from './codes.ts';
import { type OpenFile, openModelFile } from './openFile.ts';
import { hashChunks, readWhole, type VerifiedChunks } from './verifiedChunks.ts';
import { onModelFile } from './walk.ts';

/** The octets of a file that are held in memory, if nothing else is said. */
export const mostInMemory = 1_073_741_824;

export interface OpenVerifiedOptions {
  /** Follows symbolic links that stay in the model, for a model that was signed with them. */
  readonly allowLinks?: boolean | undefined;
  readonly names?: NameRule | undefined;
  /** Cancels; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface ReadVerifiedOptions extends OpenVerifiedOptions {
  /** The most octets that are read; default `mostInMemory`. */
  readonly maxOctets?: number | undefined;
}

/** A read of a file that was verified found other octets than those that were hashed, or failed. */
export class VerifiedFileError extends Error {
  override readonly name = 'VerifiedFileError';
  readonly code: FileCode;
  readonly path: string;

  constructor(refused: RefusedFile) {
    const { code, detail, path } = refused.refusal;
    super(detail ?? fileCodes[code]);
    this.code = code;
    this.path = path ?? '';
  }
}

/** A part of a file. */
export interface Part {
  /** The first octet; default 0. */
  readonly offset?: number | undefined;
  /** Octets; default: up to the end. */
  readonly length?: number | undefined;
}

/** A file that is open and has the digest that was expected. */
export interface VerifiedFile {
  readonly octets: number;
  /**
   * The octets, or a part of them, as a stream. It is destroyed with a VerifiedFileError before an octet leaves that was
   * not hashed. What left before was hashed.
   */
  readonly stream: (part?: Part) => Readable;
  /**
   * Octets from any place. @throws VerifiedFileError for octets that were not hashed
   * @throws RangeError for a part that is not in the file
   */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  /** Closes the file. Reads that run end with an error. */
  readonly close: () => Promise<void>;
}

const closed = ({ handle }: OpenFile): Promise<void> =>
  new Promise((resolve, reject) => {
    closeHandle(handle, (error) => (error ? reject(error) : resolve()));
  });

/** Opens a file of the model whose folder is `root`. @throws RefusedFile */
function opened(root: string, name: string, { allowLinks = false, names = 'any' }: OpenVerifiedOptions): OpenFile {
  required(judgeFileName(name, names));
  const real = onModelFile(name, () => realpathSync.native(root));
  return openModelFile(name, { root: real, allowLinks });
}

/** The whole file is hashed with the digest that is expected. @throws RefusedFile */
function requireDigest(name: string, digest: string, expected: string): void {
  if (digest !== expected) throwRefused('file-modified', name);
}

async function judged<T>(run: () => Promise<T>): Promise<Judged<T, FileCode>> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    if (error instanceof RefusedFile) return error.refusal;
    throw error;
  }
}

/** The octets of a part that lie in a chunk. */
const cut = (chunk: Buffer, chunkStart: number, start: number, end: number): Buffer =>
  chunk.subarray(Math.max(0, start - chunkStart), Math.min(chunk.length, end - chunkStart));

/** @throws RangeError */
function placesOf({ octets }: VerifiedChunks, { offset = 0, length = octets - offset }: Part): [number, number] {
  const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (isWhole && offset >= 0 && length >= 0 && offset + length <= octets) return [offset, offset + length];
  throw new RangeError(`${length} octets from ${offset}: not in a file of ${octets} octets`);
}

/** The chunks of a part, each one checked before it is handed over. @throws VerifiedFileError */
async function* checkedChunks(chunks: VerifiedChunks, start: number, end: number): AsyncGenerator<Buffer> {
  const size = chunks.chunkOctets;
  try {
    for (let at = start - (start % size); at < end; at += size)
      yield cut(await chunks.chunk(at / size), at, start, end);
  } catch (error) {
    throw error instanceof RefusedFile ? new VerifiedFileError(error) : error;
  }
}

function verifiedFile(name: string, file: OpenFile, chunks: VerifiedChunks): VerifiedFile {
  let isOpen = true;
  /** A number of a handle that was closed may be that of another file. */
  const guarded: VerifiedChunks = {
    ...chunks,
    chunk: async (index) => {
      if (!isOpen) throw new Error(`${name}: it was closed`);
      return await chunks.chunk(index);
    },
  };
  return {
    octets: chunks.octets,
    stream: (part = {}) => Readable.from(checkedChunks(guarded, ...placesOf(chunks, part)), { objectMode: false }),
    read: async (offset, length) => {
      const parts: Buffer[] = [];
      for await (const part of checkedChunks(guarded, ...placesOf(chunks, { offset, length }))) parts.push(part);
      const [only] = parts;
      return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
    },
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      await closed(file);
    },
  };
}

/**
 * Opens a file of a model for streams and for reads from any place, when it has the digest that is expected. It is
 * hashed once now; then each chunk is checked again when it is read, before it is handed over.
 * @param root - the folder of the model
 * @param name - the name of the file, as in `FileDigest`
 * @param digest - the SHA-256 that is expected, hexadecimal in small letters
 */
export function openVerified(
  root: string,
  name: string,
  digest: string,
  options: OpenVerifiedOptions = {},
): Promise<Judged<VerifiedFile, FileCode>> {
  return judged(async () => {
    const file = opened(root, name, options);
    try {
      const chunks = await hashChunks(name, file, options.signal);
      requireDigest(name, chunks.digest, digest);
      return verifiedFile(name, file, chunks);
    } catch (error) {
      await closed(file);
      throw error;
    }
  });
}

/**
 * Reads a file of a model into memory, and hands it over when that memory has the digest that is expected. Nothing stays open.
 * The parameters are those of `openVerified`.
 */
export function readVerified(
  root: string,
  name: string,
  digest: string,
  options: ReadVerifiedOptions = {},
): Promise<Judged<Uint8Array, FileCode>> {
  const { maxOctets = mostInMemory, signal } = options;
  return judged(async () => {
    const file = opened(root, name, options);
    try {
      if (file.status.size > maxOctets)
        throwRefused('file-too-large', name, `${file.status.size}; at most ${maxOctets}`);
      const whole = await readWhole(name, file, signal);
      requireDigest(name, whole.digest, digest);
      return whole.octets;
    } finally {
      await closed(file);
    }
  });
}
