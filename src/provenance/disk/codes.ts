// The codes of files of models on disk.
import type { Judged, ProvenanceRefusal } from '../contract.ts';
import { type NameCode, nameCodes, shownName } from '../statement/fileNames.ts';

/** Why a model on disk, or a file of it, is refused, with what it means. */
export const fileCodes = {
  ...nameCodes,
  'model-absent': 'there is no such file or folder',
  'model-empty': 'the model has no files',
  'model-link': 'the model is a symbolic link',
  'model-unreadable': 'the model cannot be read',
  'ignored-path-invalid': 'a path to ignore is not a plain relative path',
  'file-link': 'a symbolic link',
  'file-link-outside': 'a symbolic link that leads out of the model',
  'file-link-dangling': 'a symbolic link to nothing',
  'file-link-loop': 'a symbolic link that leads back to itself or to a folder above it',
  'file-device': 'a device',
  'file-pipe': 'a pipe',
  'file-socket': 'a socket',
  'file-unreadable': 'a file or folder cannot be read',
  'file-vanished': 'a file or folder went away while the model was read',
  'file-changed': 'a file changed while it was read',
  'files-collide-case': 'two names that some file systems take for one, as they differ in case',
  'files-collide-unicode': 'two names that some file systems take for one, as they differ in the form of Unicode',
  'file-too-large': 'a file is too large to be held in memory',
  'too-many-files': 'the model has too many files',
  'file-modified': 'a file is not the one that was signed',
  'file-missing': 'a file that was signed is not there',
  'file-extra': 'a file was not signed',
  'file-renamed': 'a file that was signed has another name',
} as const satisfies Readonly<Record<string, string>> & Readonly<Record<NameCode, string>>;

/** See `fileCodes`. */
export type FileCode = keyof typeof fileCodes;

/** A refusal of a file. The path is shown with escapes for what cannot be seen. */
export function refuseFile(code: FileCode, path: string, more?: string): ProvenanceRefusal<FileCode> {
  const shown = shownName(path);
  const meaning = more === undefined ? fileCodes[code] : `${fileCodes[code]}: ${more}`;
  return { ok: false, code, detail: `${shown}: ${meaning}`, path: shown };
}

/** Carries a refusal out of a walk through folders. */
export class RefusedFile extends Error {
  override readonly name = 'RefusedFile';
  readonly refusal: ProvenanceRefusal<FileCode>;

  constructor(refusal: ProvenanceRefusal<FileCode>) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}

/** @throws RefusedFile */
export function throwRefused(code: FileCode, path: string, more?: string): never {
  throw new RefusedFile(refuseFile(code, path, more));
}

/** The value of a judgement. @throws RefusedFile */
export function required<T>(judged: Judged<T, FileCode>): T {
  if (judged.ok) return judged.value;
  throw new RefusedFile(judged);
}
