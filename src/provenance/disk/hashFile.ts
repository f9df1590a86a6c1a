// The digest of one file of a model, in one pass.
import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { factsOfContent } from '../../node/files/facts.ts';
import { throwRefused } from './codes.ts';
import { openModelFile, type Place, requireUnchanged } from './openFile.ts';
import { onModelFile } from './walk.ts';

/** Octets that are read at one time. More is not faster, as a chunk then leaves the cache of the processor before it is hashed. */
export const chunkOctets = 262_144;

/** What one pass over a file found. */
export interface HashedFile {
  /** SHA-256, hexadecimal in small letters. */
  readonly digest: string;
  readonly octets: number;
  /** `factsOfContent` of the file, before and after the pass. */
  readonly facts: string;
}

/**
 * Hashes a file. `chunk` is overwritten. `onOctets` is told the octets of each chunk before the next one is read; what it
 * throws ends the pass. @throws RefusedFile, also for a file that changed meanwhile
 */
export function hashFile(name: string, place: Place, chunk: Buffer, onOctets: (octets: number) => void): HashedFile {
  const opened = openModelFile(name, place);
  try {
    const hash = createHash('sha256');
    let octets = 0;
    for (;;) {
      const read = onModelFile(name, () => readSync(opened.handle, chunk, 0, chunk.length, null));
      if (read === 0) break;
      octets += read;
      if (octets > opened.status.size) throwRefused('file-changed', name, 'it grew');
      hash.update(read === chunk.length ? chunk : chunk.subarray(0, read));
      onOctets(read);
    }
    requireUnchanged(name, opened, octets);
    return { digest: hash.digest('hex'), octets, facts: factsOfContent(opened.status) };
  } finally {
    closeSync(opened.handle);
  }
}
