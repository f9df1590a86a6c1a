// The files of a model, as OMS enumerates them (section 6.1 and 6.2), and stricter: a model means the same on every file system.
import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { codeOf, reasonOf } from '../../node/files/fileErrors.ts';
import type { Judged } from '../contract.ts';
import { proofFileOf } from '../log/proof.ts';
import { byCodePoints, judgeFileName, type NameRule } from '../statement/fileNames.ts';
import { defaultIgnoredPaths } from '../statement/integrity.ts';
import { type FileCode, RefusedFile, required, throwRefused } from './codes.ts';
import { fileFound, isInside, kindOf, type ModelFile, onModelFile, walked } from './walk.ts';

/** The most files of a model, and the most folders. */
export const mostFiles = 4_000_000;

export interface EnumerateOptions {
  /** Files and folders, relative to the model, that are left out beside those of `defaultIgnoredPaths`: exactly these, with what is in them. */
  readonly ignore?: readonly string[] | undefined;
  /** As `ignore`, of files alone: a folder of such a name is a part of the model. */
  readonly ignoreFiles?: readonly string[] | undefined;
  /** Files of signatures, relative to the working directory: left out where they lie in the model, with proofs of logs beside them. */
  readonly signatures?: readonly string[] | undefined;
  /** Follows symbolic links that stay in the model. By default they are refused. */
  readonly allowLinks?: boolean | undefined;
  /** Which names are refused. By default all that some file system would read otherwise. */
  readonly names?: NameRule | undefined;
  /** At most `mostFiles`, which is the default. */
  readonly mostFiles?: number | undefined;
}

/** The files of a model. */
export interface ModelFiles {
  /** The last component of its path. */
  readonly name: string;
  /** Its path without symbolic links. */
  readonly root: string;
  /** Whether it is one file: then `root` is the folder of that file. */
  readonly isFile: boolean;
  /** Sorted by name, by code points. At least one. */
  readonly files: readonly ModelFile[];
  /** Of all files together. */
  readonly octets: number;
  /** What was left out, relative to the model: `defaultIgnoredPaths` and what the options name, as `ignore_paths` of OMS states it. */
  readonly ignored: readonly string[];
}

/** Judges a path to ignore as OMS has it: relative, without patterns. A slash at its end is dropped. @throws RefusedFile */
function ignoredPath(path: string): string {
  const plain = path.endsWith('/') ? path.slice(0, -1) : path;
  const judged = judgeFileName(plain, 'any');
  if (!judged.ok || /[*?[]/.test(plain)) throwRefused('ignored-path-invalid', path);
  return plain;
}

/** The files of signatures that lie in a folder, relative to it. */
function inFolder(root: string, files: readonly string[]): string[] {
  const found: string[] = [];
  for (const file of files) {
    const path = resolve(file);
    let folder: string;
    try {
      folder = realpathSync.native(dirname(path));
    } catch {
      continue; // a file that is to be written, in a folder that is not there: not in the model
    }
    if (isInside(root, folder))
      found.push(join(folder, basename(path)).slice(root.length).split(sep).filter(Boolean).join('/'));
  }
  return found;
}

/** What a model is. @throws RefusedFile */
function rootOf(
  path: string,
  allowLinks: boolean,
): { readonly name: string; readonly path: string; readonly status: Stats } {
  const whole = resolve(path); // drops a slash at the end, behind which a link would be followed
  const name = basename(whole);
  try {
    const link = lstatSync(whole);
    if (link.isSymbolicLink() && !allowLinks) throwRefused('model-link', path);
    return { name, path: realpathSync.native(whole), status: statSync(whole) };
  } catch (error) {
    if (error instanceof RefusedFile) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return throwRefused('model-absent', path);
    if (code === 'ELOOP') return throwRefused('file-link-loop', path);
    if (typeof code !== 'string') throw error;
    return throwRefused('model-unreadable', path, reasonOf(error));
  }
}

/**
 * Finds the files of a model, in steps: each one looks at a few hundred names at most, and tells how many files were
 * found. @throws RefusedFile
 */
export function* enumerationSteps(
  path: string,
  options: EnumerateOptions,
  withFacts: boolean,
): Generator<number, ModelFiles> {
  const { allowLinks = false, names = 'portable', mostFiles: most = mostFiles } = options;
  const root = rootOf(path, allowLinks);
  const kind = kindOf(root.status);
  if (kind === 'file') {
    const { name } = root;
    required(judgeFileName(name, names));
    const file = onModelFile(name, () => fileFound(name, root.path, root.status, { withFacts }));
    return { name, root: dirname(root.path), isFile: true, files: [file], octets: file.octets, ignored: [] };
  }
  if (kind !== 'folder') return throwRefused(kind === 'link' ? 'model-link' : kind, path);
  const asked = (options.ignore ?? []).map(ignoredPath);
  const signatures = (options.signatures ?? []).flatMap((signature) => [signature, proofFileOf(signature)]);
  const whole = [...defaultIgnoredPaths, ...asked];
  const alone = [...(options.ignoreFiles ?? []).map(ignoredPath), ...inFolder(root.path, signatures)];
  const ignored = [...new Set([...whole, ...alone])];
  const files: ModelFile[] = [];
  const sets = { ignored: new Set(ignored), ignoredWhole: new Set(whole) };
  yield* walked({ root: root.path, ...sets, allowLinks, names, most, withFacts, files });
  if (files.length === 0) throwRefused('model-empty', path);
  files.sort((one, other) => byCodePoints(one.name, other.name));
  const octets = files.reduce((sum, file) => sum + file.octets, 0);
  return { name: root.name, root: root.path, isFile: false, files, octets, ignored };
}

/** Runs what throws refusals, and returns them. Other errors pass. */
export function judgedFiles<T>(run: () => T): Judged<T, FileCode> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    if (error instanceof RefusedFile) return error.refusal;
    throw error;
  }
}

/**
 * Finds the files of a model: a folder, or one file. Nothing is read but names and facts. The first refusal by the order
 * of names counts.
 */
export function enumerateModel(path: string, options: EnumerateOptions = {}): Judged<ModelFiles, FileCode> {
  return judgedFiles(() => {
    const steps = enumerationSteps(path, options, false);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  });
}
