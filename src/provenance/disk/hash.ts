// The digests of all files of a model.

import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import type { FileDigest, Judged, ModelDigests } from '../contract.ts';
import { type FileCode, RefusedFile } from './codes.ts';
import { type EnumerateOptions, enumerationSteps, type ModelFiles, onModelFile } from './enumerate.ts';
import { openModelFile, type Place, requireUnchanged } from './openFile.ts';

/** How far the hashing is. */
export interface HashProgress {
  readonly files: number;
  readonly octets: number;
  readonly allFiles: number;
  readonly allOctets: number;
}

export interface HashOptions extends EnumerateOptions {
  /** Threads: by default as many as there are cores, and not more than files. */
  readonly workers?: number | undefined;
  /** Told some times in a second. */
  readonly onProgress?: ((progress: HashProgress) => void) | undefined;
  /** Cancels; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A model with its digests, and what was left out of it. */
export interface HashedModel extends ModelDigests {
  /** As in `ModelFiles`. */
  readonly ignored: readonly string[];
}

const chunkOctets = 1_048_576;

function hashFile(name: string, place: Place, chunk: Buffer): FileDigest {
  const opened = openModelFile(name, place);
  try {
    const hash = createHash('sha256');
    let octets = 0;
    for (;;) {
      const read = onModelFile(name, () => readSync(opened.handle, chunk, 0, chunk.length, null));
      if (read === 0) break;
      octets += read;
      hash.update(read === chunk.length ? chunk : chunk.subarray(0, read));
    }
    requireUnchanged(name, opened, octets);
    return { name, digest: hash.digest('hex') };
  } finally {
    closeSync(opened.handle);
  }
}

const breath = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function enumerated(path: string, options: HashOptions): Promise<ModelFiles> {
  const steps = enumerationSteps(path, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await breath();
    options.signal?.throwIfAborted();
  }
}

/** Computes SHA-256 of each file of a model. A file that changes meanwhile is refused. @throws the reason of the signal */
export async function hashModel(path: string, options: HashOptions = {}): Promise<Judged<HashedModel, FileCode>> {
  try {
    const found = await enumerated(path, options);
    const place = { root: found.root, allowLinks: options.allowLinks ?? false };
    const chunk = Buffer.allocUnsafeSlow(chunkOctets);
    const files = found.files.map(({ name }) => hashFile(name, place, chunk));
    return { ok: true, value: { name: found.name, files, octets: found.octets, ignored: found.ignored } };
  } catch (error) {
    if (error instanceof RefusedFile) return error.refusal;
    throw error;
  }
}
