// A symbolic link is written through: it stays, and the file that it leads to is replaced. So whoever publishes a file
// under another name goes on to publish the new one.
import { type BigIntStats, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { mostLinks } from './chain.ts';
import { refuseFile } from './fileErrors.ts';
import { tellOnce } from './fileWarnings.ts';
import type { NewFile } from './newFile.ts';
import { isOwn, ownerOf } from './trust.ts';

/** Whether a link is of somebody whom this user lets decide where it writes. */
const isTrusted = (link: string, status: BigIntStats): boolean =>
  isOwn(status) || status.uid === 0n || ownerOf(dirname(link)) !== undefined;

/** The file that a name leads to, which need not exist. @throws ConfigurationError for a link of somebody else */
function targetOf(name: string): string {
  let file = name;
  for (let links = 0; links <= mostLinks; links += 1) {
    const status = lstatSync(file, { bigint: true, throwIfNoEntry: false });
    if (status?.isSymbolicLink() !== true) return file;
    if (!isTrusted(file, status))
      refuseFile(file, `a symbolic link of user ${status.uid} where others can write; not followed`);
    const next = resolve(dirname(file), readlinkSync(file));
    file = join(realpathSync(dirname(next)), basename(next));
  }
  return refuseFile(name, `more than ${mostLinks} symbolic links, one after the other`);
}

/** The file behind each name, with the name of its directory as given where it is in the same. Tells each link. */
export function throughLinks(files: readonly NewFile[]): NewFile[] {
  const found = files.map((one) => {
    const target = targetOf(one.file);
    if (target === one.file) return one;
    const directory = dirname(one.file);
    const file = dirname(target) === realpathSync(directory) ? join(directory, basename(target)) : target;
    tellOnce(one.file, `a symbolic link, which stays: the file behind it is written, ${file}`);
    return { ...one, file };
  });
  const twice = found.find(({ file }, i) => found.findIndex((one) => one.file === file) !== i);
  return twice === undefined ? found : refuseFile(twice.file, 'two files to write lead to this one');
}
