// The owner of files, and who else can change them, which decides whether a file is trusted. See spec/security.md.
// Windows states neither owner nor mode: there, every file counts as this user's own.
import { type BigIntStats, statSync } from 'node:fs';
import { refuseFile } from './fileErrors.ts';
import { tellOnce } from './fileWarnings.ts';

const [byGroup, byOthers] = [0o020n, 0o002n];

/** The user that this process runs as; `undefined` on Windows. */
const self = (): bigint | undefined => {
  const user = process.geteuid?.();
  return user === undefined ? undefined : BigInt(user);
};

/** Whether a file belongs to this user. */
export const isOwn = ({ uid }: Pick<BigIntStats, 'uid'>): boolean => {
  const user = self();
  return user === undefined || uid === user;
};

/** The last four octal digits of a mode, as `chmod` takes them. */
export const modeText = (mode: bigint): string => (mode & 0o7777n).toString(8).padStart(4, '0');

/**
 * The only user who can make, replace and remove names in a directory, when that is this user or root. Otherwise
 * `undefined`: then no file in the directory can decide on the meaning of others.
 */
export function ownerOf(directory: string): bigint | undefined {
  const status = statSync(directory, { bigint: true, throwIfNoEntry: false });
  if (status?.isDirectory() !== true) return undefined;
  const user = self();
  if (user === undefined) return status.uid;
  if ((status.mode & (byGroup | byOthers)) !== 0n) return undefined;
  return status.uid === user || status.uid === 0n ? status.uid : undefined;
}

/** Whether a directory belongs to this user, and only this user or root can write in it. */
export const isOwnDirectory = (directory: string): boolean => {
  const uid = ownerOf(directory);
  return uid !== undefined && isOwn({ uid });
};

/** Whether a group belongs to one user and has the same number, as systems make one for each user. */
const isPrivateGroup = ({ uid, gid }: BigIntStats): boolean => uid === gid && BigInt(process.getegid?.() ?? -1) === gid;

/**
 * Refuses a file with a key or another secret that others can change: they could choose the secret. Warns once of a
 * file that others can read. Judges regular files only, as the mode of a pipe means nothing.
 * @throws ConfigurationError
 */
export function checkSecret(file: string, status: BigIntStats): void {
  const user = self();
  if (user === undefined || !status.isFile()) return;
  const { uid, mode } = status;
  if (uid !== user && uid !== 0n) {
    const whose = `owned by user ${uid}, who can read and change a secret of user ${user}`;
    if (user !== 0n) refuseFile(file, `${whose}; expected a file of one's own`);
    tellOnce(file, whose);
  }
  const changing = mode & (isPrivateGroup(status) ? byOthers : byGroup | byOthers);
  if (changing !== 0n) refuseFile(file, `mode ${modeText(mode)} lets others change a secret; expected 0600`);
  if ((mode & 0o077n) !== 0n) tellOnce(file, `mode ${modeText(mode)} lets others at a secret; expected 0600`);
}

/**
 * Refuses a directory of an authority in which everybody can write. Warns when a group or another user can.
 * @throws ConfigurationError
 */
export function checkAuthorityDirectory(directory: string): void {
  const status = statSync(directory, { bigint: true, throwIfNoEntry: false });
  const user = self();
  if (user === undefined || status?.isDirectory() !== true) return;
  const { mode, uid } = status;
  if ((mode & byOthers) !== 0n)
    refuseFile(
      directory,
      `mode ${modeText(mode)} lets everybody write in the directory of an authority; expected 0700`,
    );
  const unlocked = 'so there is neither lock nor journal: let one command at a time write';
  if ((mode & byGroup) !== 0n)
    tellOnce(directory, `mode ${modeText(mode)} lets a group write in the directory of an authority, ${unlocked}`);
  else if (uid !== user && uid !== 0n)
    tellOnce(directory, `owned by user ${uid}, who can write in the directory of an authority, ${unlocked}`);
}
