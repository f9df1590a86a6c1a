// Walks through the folders of a model: what is a file of it, and what is refused.
import { type Dirent, lstatSync, opendirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { factsOfContent } from '../../node/files/facts.ts';
import { codeOf, reasonOf } from '../../node/files/fileErrors.ts';
import { byCodePoints, foldedPart, judgeFileName, type NameRule } from '../statement/fileNames.ts';
import { type FileCode, RefusedFile, required, throwRefused } from './codes.ts';

/** A file that was found. */
export interface ModelFile {
  /** As in `FileDigest`. */
  readonly name: string;
  /** Its size when it was found. */
  readonly octets: number;
  /** `factsOfContent` of it then, where they were asked for. */
  readonly facts?: string;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A folder on the way of a walk. */
interface Folder {
  /** Relative to the model; empty for the model itself. */
  readonly name: string;
  readonly path: string;
  /** Its path without links, and those of the folders above it. */
  readonly real: readonly string[];
}

interface Walk {
  readonly root: string;
  readonly ignored: ReadonlySet<string>;
  /** Those of them that are left out with what is in them, if they are folders. */
  readonly ignoredWhole: ReadonlySet<string>;
  readonly allowLinks: boolean;
  readonly names: NameRule;
  readonly most: number;
  readonly withFacts: boolean;
  readonly files: ModelFile[];
}

/** A name relative to a folder of the model. */
const within = (folder: string, part: string): string => (folder === '' ? part : `${folder}/${part}`);

/** Runs a call of the file system on a file of the model. @throws RefusedFile */
export function onModelFile<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RefusedFile) throw error;
    const code = codeOf(error);
    if (typeof code !== 'string') throw error;
    if (code === 'ENOENT' || code === 'ENOTDIR') return throwRefused('file-vanished', name);
    return throwRefused('file-unreadable', name, reasonOf(error));
  }
}

/** The names in a folder. They are read as octets, as those that are not UTF-8 would be changed silently. */
function namesIn({ name: folder, path }: Folder, most: number): string[] {
  const names: string[] = [];
  const entries = opendirSync(path, { encoding: 'buffer' as BufferEncoding, bufferSize: 1_024 });
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      const octets = (entry as unknown as Dirent<Buffer>).name;
      if (names.length > most) throwRefused('too-many-files', folder, `at most ${most}`);
      try {
        names.push(decoder.decode(octets));
      } catch {
        throwRefused('name-not-unicode', within(folder, octets.toString('latin1')));
      }
    }
  } finally {
    entries.closeSync();
  }
  return names.sort(byCodePoints);
}

/** Refuses names of one folder that some file system takes for one. What is left out counts too. @throws RefusedFile */
function refuseCollisions(folder: string, names: readonly string[], ignored: ReadonlySet<string>): void {
  const known = new Map<string, string>();
  const above = folder === '' ? '' : `${folder}/`;
  const add = (part: string): void => {
    const folded = foldedPart(part);
    const other = known.get(folded) ?? part;
    known.set(folded, part);
    if (other === part) return;
    const isUnicode = one(part) === one(other);
    throwRefused(isUnicode ? 'files-collide-unicode' : 'files-collide-case', within(folder, part), `beside ${other}`);
  };
  const one = (part: string): string => part.normalize('NFC');
  for (const path of ignored) {
    const part = path.startsWith(above) ? path.slice(above.length) : '/';
    if (!part.includes('/')) add(part);
  }
  for (const part of names) add(part);
}

export function kindOf(status: Stats): 'file' | 'folder' | 'link' | FileCode {
  if (status.isFile()) return 'file';
  if (status.isDirectory()) return 'folder';
  if (status.isSymbolicLink()) return 'link';
  if (status.isFIFO()) return 'file-pipe';
  return status.isSocket() ? 'file-socket' : 'file-device';
}

export const isInside = (root: string, path: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);

/** Where a link leads to, without links. @throws RefusedFile when that is outside, nothing, or a folder above the link */
function followed(walk: Walk, folder: Folder, name: string, path: string): string {
  let target: string;
  try {
    target = realpathSync.native(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ELOOP') return throwRefused('file-link-loop', name);
    if (code === 'ENOENT' || code === 'ENOTDIR') return throwRefused('file-link-dangling', name);
    throw error;
  }
  if (!isInside(walk.root, target)) throwRefused('file-link-outside', name);
  if (folder.real.includes(target)) throwRefused('file-link-loop', name);
  return target;
}

export function fileFound(
  name: string,
  path: string,
  { size }: Stats,
  { withFacts }: Pick<Walk, 'withFacts'>,
): ModelFile {
  if (!withFacts) return { name, octets: size };
  const status = statSync(path, { bigint: true });
  return { name, octets: Number(status.size), facts: factsOfContent(status) };
}

/** Looks at one name of a folder. @returns the folder that it is, to be walked next */
function visit(walk: Walk, folder: Folder, part: string): Folder | undefined {
  const name = within(folder.name, part);
  if (walk.ignoredWhole.has(name)) return undefined;
  if (walk.ignored.has(name) && !lstatSync(join(folder.path, part)).isDirectory()) return undefined;
  required(judgeFileName(name, walk.names));
  const path = join(folder.path, part);
  let status = lstatSync(path);
  let real: string | undefined;
  if (status.isSymbolicLink()) {
    if (!walk.allowLinks) throwRefused('file-link', name);
    real = followed(walk, folder, name, path);
    status = statSync(path);
  }
  const kind = kindOf(status);
  if (kind === 'folder') return { name, path, real: [...folder.real, real ?? join(folder.real.at(-1) ?? '', part)] };
  if (kind !== 'file') return throwRefused(kind === 'link' ? 'file-changed' : kind, name);
  if (walk.files.length >= walk.most) throwRefused('too-many-files', name, `at most ${walk.most}`);
  walk.files.push(fileFound(name, path, status, walk));
  return undefined;
}

/** Walks through the folders of a model. Pauses after each folder, and within large ones. */
export function* walked(walk: Walk): Generator<number, void> {
  const folders: Folder[] = [{ name: '', path: walk.root, real: [walk.root] }];
  let folderCount = 1;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const here = folder;
    const names = onModelFile(here.name, () => namesIn(here, walk.most));
    if (walk.names === 'portable') refuseCollisions(here.name, names, walk.ignored);
    const inside: Folder[] = [];
    for (const [at, part] of names.entries()) {
      const found = onModelFile(within(here.name, part), () => visit(walk, here, part));
      if (found !== undefined) inside.push(found);
      if (at % 1_024 === 0) yield walk.files.length;
    }
    folderCount += inside.length;
    if (folderCount > walk.most) throwRefused('too-many-files', here.name, `at most ${walk.most} folders`);
    for (const one of inside.reverse()) folders.push(one);
  }
}
