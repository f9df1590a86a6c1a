// The file that a new one replaces: the new one keeps its owner, its group and its rights, and other names of the old
// one are told. Lists of access rights beyond the mode, and labels of the system, are not kept: Node does not know them.
import { type BigIntStats, fchmodSync, fchownSync, fstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf, refuseFile } from './fileErrors.ts';
import { tellOnce } from './fileWarnings.ts';
import { modeText } from './trust.ts';

/** A file that is to be replaced. */
export interface Predecessor {
  readonly file: string;
  readonly status: BigIntStats;
}

const [ofOwner, ofGroup, ofOthers] = [0o700, 0o070, 0o007];
const [ownerReads, groupReads] = [0o400, 0o040];

/** Whether a file with this mode is a secret: nobody else has rights. */
export const isSecret = (mode: number): boolean => (mode & (ofGroup | ofOthers)) === 0;

/**
 * The rights that a new file takes over. A secret goes on to be read by the group that could read it, such as that of a
 * service. It goes on to be read by nobody else, and is changed by its owner only.
 */
function rightsOf(mode: number, { status }: Predecessor): number {
  const before = Number(status.mode) & 0o777;
  if (!isSecret(mode)) return before;
  return (before & 0o600) | ownerReads | ((before & ofOthers) === 0 ? before & groupReads : 0);
}

/** The other names of a file in its directory, and how many names it has elsewhere. */
export function otherNames(file: string, { ino, dev, nlink }: BigIntStats): string {
  const directory = dirname(file);
  const same = readdirSync(directory).filter((name) => {
    if (name === basename(file)) return false;
    const other = statSync(join(directory, name), { bigint: true, throwIfNoEntry: false });
    return other !== undefined && other.ino === ino && other.dev === dev && other.nlink > 1n;
  });
  const elsewhere = Number(nlink) - 1 - same.length;
  const names = same.slice(0, 3).map((name) => join(directory, name));
  return [...names, ...(elsewhere > 0 ? [`${elsewhere} outside of ${directory}`] : [])].join(', ');
}

/** The file that a new one replaces, if there is one. Tells its other names: they keep the old content. */
export function predecessorOf(newFile: {
  readonly file: string;
  readonly mode: number;
  readonly replace?: boolean | undefined;
}): Predecessor | undefined {
  const { file, mode, replace } = newFile;
  if (!replace) return undefined;
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (status === undefined || !status.isFile()) return undefined;
  if (status.nlink > 1n)
    tellOnce(file, `replaced; other names of the same file keep the old one: ${otherNames(file, status)}`);
  const predecessor = { file, status };
  const [before, after] = [Number(status.mode) & 0o777, rightsOf(mode, predecessor)];
  if (process.platform !== 'win32' && after !== before && (before & ~after) !== 0)
    tellOnce(file, `mode ${modeText(status.mode)} before; a secret is written with ${modeText(BigInt(after))}`);
  return predecessor;
}

/** The mode with which a file is made. With a predecessor it is for the owner alone, until it has that one's owner. */
export const firstMode = (mode: number, predecessor?: Predecessor): number =>
  predecessor === undefined ? mode : rightsOf(mode, predecessor) & ofOwner;

/** Without its group: what everybody may, the other group may too, and nothing more. */
const withoutGroup = (rights: number): number => rights & (ofOwner | ofOthers | ((rights & ofOthers) << 3));

/** Changes a file, as far as this user and the file system can. */
function attempt(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (typeof codeOf(error) !== 'string') throw error;
  }
}

/**
 * Gives a new file, which is for its maker alone, the owner, group and rights of its predecessor. Tells those of a
 * public file that cannot be kept.
 * @throws ConfigurationError when somebody who could read a secret could not any more
 */
export function takeOver(handle: number, mode: number, predecessor: Predecessor): void {
  if (process.platform === 'win32') return;
  const { file, status } = predecessor;
  const rights = rightsOf(mode, predecessor);
  const [user, group] = [Number(status.uid), Number(status.gid)];
  const state = (): BigIntStats => fstatSync(handle, { bigint: true });
  const made = state();
  if (made.uid !== status.uid) attempt(() => fchownSync(handle, user, group));
  if (state().gid !== status.gid) attempt(() => fchownSync(handle, Number(state().uid), group));
  const now = state();
  const wanted = now.gid === status.gid ? rights : withoutGroup(rights);
  const isLost = wanted !== rights || (now.uid !== status.uid && status.uid !== 0n); // root can read whatever it is
  const whose = `owned by user ${user} and group ${group}, mode ${modeText(status.mode)}`;
  if (isLost && isSecret(mode))
    refuseFile(file, `${whose}: a new file of user ${now.uid} cannot be given to them; nothing was changed`);
  if (isLost) tellOnce(file, `${whose} before; the new one is of user ${now.uid} and group ${now.gid}`);
  if ((Number(now.mode) & 0o777) !== wanted) attempt(() => fchmodSync(handle, wanted));
}
