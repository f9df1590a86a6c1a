// A folder of revocation lists stands for the files in it.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onFile, refuseFile } from './fileErrors.ts';

/** Whether a name is that of a folder, or of a link to one. */
export const isFolder = (name: string): boolean => {
  try {
    return statSync(name).isDirectory();
  } catch {
    return false;
  }
};

/**
 * The files in a folder, sorted. Names that begin with a dot do not count: these are temporary files of this and other
 * programs, and the inner folders of Kubernetes' volumes. Folders in it do not count either.
 * @throws the error of the file system
 */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .sort();

/** A file, or the files of a folder: at least one. @throws ConfigurationError */
export function filesOf(name: string): string[] {
  if (!isFolder(name)) return [name];
  const files = onFile(name, () => filesIn(name));
  if (files.length > 0) return files;
  return refuseFile(name, 'a folder without a file; expected one or more, with names that do not begin with a dot');
}
