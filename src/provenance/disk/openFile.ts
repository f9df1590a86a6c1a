// Opens a file of a model, so that what is read is what has that name in the model, and stayed the same while it was read.
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { codeOf } from '../../node/files/fileErrors.ts';
import { throwRefused } from './codes.ts';
import { onModelFile } from './walk.ts';

const { O_RDONLY, O_NONBLOCK = 0, O_NOCTTY = 0, O_NOFOLLOW = 0 } = constants;

/** A file that is open for reading. */
export interface OpenFile {
  readonly handle: number;
  readonly status: BigIntStats;
}

/** Where a file is opened. */
export interface Place {
  /** The folder of the model, without links in its path. */
  readonly root: string;
  readonly allowLinks: boolean;
}

/** The path of an open file, without links, as Linux states it. */
function pathOfHandle(handle: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return readlinkSync(`/proc/self/fd/${handle}`);
  } catch {
    return undefined;
  }
}

/**
 * Refuses a file that was reached through a link of a folder. Where the system tells the path of an open file, nothing
 * can come between; elsewhere the folder is looked up again, and a link that came and went is not seen.
 */
function requirePlace(name: string, path: string, { root, allowLinks }: Place, { handle, status }: OpenFile): void {
  const opened = pathOfHandle(handle);
  const inside = root.endsWith(sep) ? root : `${root}${sep}`;
  if (opened !== undefined) {
    if (allowLinks ? opened.startsWith(inside) : opened === path) return;
    throwRefused('file-changed', name, 'it, or a folder on the way to it, was replaced');
  }
  const folder = realpathSync.native(dirname(path));
  if (allowLinks) {
    if (!realpathSync.native(path).startsWith(inside)) throwRefused('file-link-outside', name);
    return;
  }
  const found = lstatSync(path, { bigint: true });
  if (folder !== dirname(path) || found.ino !== status.ino || found.dev !== status.dev)
    throwRefused('file-changed', name, 'it, or a folder on the way to it, was replaced');
}

/** Opens a regular file of a model. @throws RefusedFile */
export function openModelFile(name: string, place: Place): OpenFile {
  const path = join(place.root, ...name.split('/'));
  return onModelFile(name, () => {
    let handle: number;
    try {
      handle = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | (place.allowLinks ? 0 : O_NOFOLLOW));
    } catch (error) {
      if (codeOf(error) === 'ELOOP') return throwRefused('file-link', name);
      throw error;
    }
    try {
      const status = fstatSync(handle, { bigint: true });
      if (!status.isFile()) throwRefused('file-changed', name, 'it is no regular file any more');
      const opened = { handle, status };
      requirePlace(name, path, place, opened);
      return opened;
    } catch (error) {
      closeSync(handle);
      throw error;
    }
  });
}

/** Whether a file has the same content still, as far as its facts tell. */
const isUnchanged = (one: BigIntStats, other: BigIntStats): boolean =>
  one.ino === other.ino &&
  one.dev === other.dev &&
  one.size === other.size &&
  one.mtimeNs === other.mtimeNs &&
  one.ctimeNs === other.ctimeNs;

/** Refuses a file that changed since it was opened, or of which another number of octets was read. @throws RefusedFile */
export function requireUnchanged(name: string, { handle, status }: OpenFile, octets: number): void {
  const now = fstatSync(handle, { bigint: true });
  if (BigInt(octets) !== status.size || !isUnchanged(status, now)) throwRefused('file-changed', name);
}
