// Reads a file up to a bound, through one handle. The size that the file system states is not relied on. A pipe, such
// as `<(...)` of a shell, is read too, with bounds on its length and on the wait.

import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { wipe } from '../../crypto/secret.ts';
import { limits } from '../../limits.ts';
import { codeOf, refuseFile } from './fileErrors.ts';
import { pause, sleep } from './sleep.ts';

const { O_RDONLY, O_NONBLOCK = 0, O_NOCTTY = 0, O_NOFOLLOW = 0 } = constants;
const chunkOctets = 65_536;

/** The octets of a file, and its state in the file system. */
export interface Content {
  readonly octets: Buffer;
  readonly status: BigIntStats;
}

/** Reads into a chunk. Returns the number of octets, or `undefined` when a pipe has none yet. */
function readSome(handle: number, chunk: Buffer): number | undefined {
  try {
    return readSync(handle, chunk);
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only, ...more] = chunks;
  if (only !== undefined && more.length === 0) return only;
  const all = Buffer.concat(chunks);
  wipe(...chunks);
  return all;
}

/** Reads to the end. For a pipe it waits for the writer. */
function readAll(file: string, handle: number, most: number, status: BigIntStats): Buffer {
  const isRegular = status.isFile();
  const first = isRegular && status.size < most ? Number(status.size) + 1 : Math.min(chunkOctets, most + 1);
  const chunks: Buffer[] = [];
  const opened = Date.now();
  for (let total = 0; ; ) {
    const chunk = Buffer.allocUnsafeSlow(total === 0 ? first : Math.min(chunkOctets, most + 1 - total));
    const octets = readSome(handle, chunk);
    const waited = Date.now() - opened;
    if (octets !== undefined && octets > 0) {
      chunks.push(chunk.subarray(0, octets));
      total += octets;
      if (total <= most) continue;
      wipe(...chunks);
      return refuseFile(file, `more than ${most} octets; at most ${most} are read`);
    }
    // A pipe without a writer ends at once, but its writer may still come.
    const mayCome = octets === undefined || (!isRegular && total === 0);
    if (!mayCome) return joined(chunks);
    if (waited >= (octets === undefined ? limits.pipeWait : limits.writerWait)) {
      wipe(...chunks);
      return refuseFile(file, `a pipe or device that did not end within ${Math.round(waited / 1000)} seconds`);
    }
    sleep(pause);
  }
}

/**
 * Reads a file of at most `most` octets.
 * @param options.plain - refuses a symbolic link, and everything that is not a regular file
 * @param options.check - judges the state of the file before it is read
 * @throws ConfigurationError for a longer file, and for a pipe whose writer does not come or does not end
 * @throws the error of the file system
 */
export function readUpTo(
  file: string,
  most: number,
  { plain = false, check }: { readonly plain?: boolean; readonly check?: (status: BigIntStats) => void } = {},
): Content {
  const handle = openSync(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | (plain ? O_NOFOLLOW : 0));
  try {
    const status = fstatSync(handle, { bigint: true });
    if (plain && !status.isFile()) refuseFile(file, 'not a regular file');
    check?.(status);
    if (status.isFile() && status.size > most) refuseFile(file, `${status.size} octets; at most ${most} are read`);
    return { octets: readAll(file, handle, most, status), status };
  } finally {
    closeSync(handle);
  }
}
