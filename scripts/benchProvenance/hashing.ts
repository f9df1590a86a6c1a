// Hashes a model once, in a process of its own, and tells what that took. Arguments: the path, the number of workers, and the folder of a cache.
import { readFileSync } from 'node:fs';
import { digestCache } from '../../src/provenance/disk/cache.ts';
import { hashModel } from '../../src/provenance/disk/hash.ts';

/** What a child process tells. */
export interface Hashing {
  readonly seconds: number;
  /** Of processors, all threads together. */
  readonly processorSeconds: number;
  /** The most memory that the process had, in octets; `undefined` where the system does not tell it. */
  readonly peak: number | undefined;
  readonly files: number;
  readonly cachedFiles: number;
  /** Of the first file. */
  readonly digest: string | undefined;
}

/** The high-water mark of resident memory, as Linux counts it. */
function peak(): number | undefined {
  try {
    const [, kilo] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kilo === undefined ? undefined : 1024 * Number(kilo);
  } catch {
    return undefined;
  }
}

if (process.send !== undefined) {
  const [path = '', workers = '1', directory] = process.argv.slice(2);
  const cache =
    directory === undefined ? {} : { cache: digestCache({ directory, key: 'bench', onNote: console.error }) };
  const [began, usage] = [performance.now(), process.cpuUsage()];
  const found = await hashModel(path, { workers: Number(workers), ...cache });
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(usage);
  if (!found.ok) throw new Error(found.detail);
  const { files, cachedFiles } = found.value;
  const told: Hashing = {
    seconds,
    processorSeconds: (user + system) / 1e6,
    peak: peak(),
    files: files.length,
    cachedFiles,
    digest: files[0]?.digest,
  };
  process.send(told);
}
