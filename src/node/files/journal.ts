// The journal of a change, DIR/.pquake.pending: the final names of temporary files.
//
// It decides on the meaning of other files, so it is believed only when nobody else can have written it. The owner
// alone, this user or root, can write in the directory; the journal and the temporary files are regular files of that
// owner, or a temporary file is of the owner of the file that it replaces. The journal lists each temporary file with
// its inode and the time at which the system last saw it change, in nanoseconds. An unpacked archive cannot forge these.
import { type BigIntStats, lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { limits } from '../../limits.ts';
import { readUpTo } from './boundedRead.ts';
import { codeOf, reasonOf } from './fileErrors.ts';
import { temporaryPattern } from './lock.ts';

/** The name of the journal in its directory. */
export const journalName = '.pquake.pending';

interface Entry {
  readonly temporary: string;
  readonly name: string;
  readonly is: string;
}

/** An entry of a journal, in the order of renaming. */
export type Pending = readonly Entry[];

/** Tells a temporary file from any other, by inode and time of change. Windows keeps no such time. */
export const identityOf = ({ ino, ctimeNs }: BigIntStats): string =>
  process.platform === 'win32' ? `${ino}` : `${ino}.${ctimeNs}`;

/** The text of a journal. */
export const journalText = (pending: Pending): string => JSON.stringify(pending);

const isEntry = (entry: unknown): boolean =>
  typeof entry === 'object' &&
  entry !== null &&
  'temporary' in entry &&
  'name' in entry &&
  'is' in entry &&
  typeof entry.temporary === 'string' &&
  typeof entry.name === 'string' &&
  typeof entry.is === 'string' &&
  temporaryPattern.test(entry.temporary) &&
  entry.name === basename(entry.name) &&
  !['', '.', '..', journalName].includes(entry.name);

function parse(text: string): Pending | undefined {
  try {
    const pending: unknown = JSON.parse(text);
    if (!Array.isArray(pending) || !pending.every(isEntry)) return undefined;
    const entries: Pending = pending;
    return new Set(entries.map(({ name }) => name)).size === entries.length ? entries : undefined;
  } catch {
    return undefined;
  }
}

/** The reason not to believe an entry; `undefined` when it is believed. */
function reasonAgainst(directory: string, owner: bigint, { temporary, name, is }: Entry): string | undefined {
  const from = lstatSync(join(directory, temporary), { bigint: true, throwIfNoEntry: false });
  const target = lstatSync(join(directory, name), { bigint: true, throwIfNoEntry: false });
  // A file that replaces another one has its owner.
  const isWritten = (one: BigIntStats): boolean =>
    one.isFile() && (one.uid === owner || one.uid === target?.uid) && identityOf(one) === is;
  if (from !== undefined && !isWritten(from)) return `${temporary} is not the file that was written for ${name}`;
  return target === undefined || target.isFile() ? undefined : `${name} is not a regular file`;
}

/** A journal that is believed, or the reason not to believe it. */
export type Journal =
  | { readonly pending: Pending; readonly against?: undefined }
  | { readonly pending?: undefined; readonly against: string };

/** Reads the journal of a directory in which its owner alone writes. Returns an empty journal when there is none. */
export function readJournal(directory: string, owner: bigint): Journal {
  const file = join(directory, journalName);
  try {
    const { octets, status } = readUpTo(file, limits.journal, { plain: true });
    if (status.uid !== owner) return { against: `owned by user ${status.uid}, the directory by user ${owner}` };
    const pending = parse(octets.toString('utf8'));
    if (pending === undefined) return { against: 'not a journal of pquake' };
    const against = pending.map((entry) => reasonAgainst(directory, owner, entry)).find((one) => one !== undefined);
    return against === undefined ? { pending } : { against };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { pending: [] };
    return { against: reasonOf(error).replace(`${file}: `, '') };
  }
}
