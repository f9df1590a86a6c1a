// What an authority leaves behind when another one takes its directory: its files, under other names beside the new ones.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../limits.ts';
import { isThere, type NewFile, readTogether } from '../files/change.ts';
import { refuseFile } from '../files/fileErrors.ts';

/** The files of an authority, the key first, and their permissions. */
export const authorityFiles: Readonly<Record<string, number>> = {
  'ca.key': 0o600,
  'ca.pem': 0o644,
  'ca.json': 0o644,
  'ca.crl': 0o644,
};

const present = (directory: string): string[] =>
  Object.keys(authorityFiles).filter((name) => isThere(join(directory, name)));

/**
 * The files of the authority that is in a directory, to be written under names of the form `ca.key.replaced-1`, in the
 * same change as those that replace them. Without an authority there are none.
 * @throws ConfigurationError when there is an authority and `force` is unset: no option is proposed, since its key and
 *   its records cannot be made again
 */
export function filesToKeep(directory: string, force: boolean): NewFile[] {
  const names = present(directory);
  const [first] = names;
  if (first === undefined) return [];
  if (!force) refuseFile(join(directory, first), 'exists already: an authority is there, and stays as it is');
  let number = 1;
  while (Object.keys(authorityFiles).some((name) => isThere(join(directory, `${name}.replaced-${number}`))))
    number += 1;
  const contents = readTogether(names.map((name) => ({ file: join(directory, name), most: limits.databaseFile })));
  return names.map((name, i) => ({
    file: join(directory, `${name}.replaced-${number}`),
    content: contents[i] ?? '',
    mode: (authorityFiles[name] ?? 0o600) & statSync(join(directory, name)).mode,
  }));
}
