// Compares the files of a model with those that were signed (OMS, section 8.4).
import type { FileDigest, Judged } from '../contract.ts';
import { byCodePoints } from '../statement/fileNames.ts';
import { type FileCode, refuseFile } from './codes.ts';

export interface CompareOptions {
  /** Allows files that were not signed (`--ignore-unsigned-files` of OMS). */
  readonly allowExtra?: boolean | undefined;
}

/** One difference. */
export interface FileDifference {
  readonly code: Extract<FileCode, 'file-modified' | 'file-missing' | 'file-extra' | 'file-renamed'>;
  readonly name: string;
  /** For `file-renamed`: the name that it has now. */
  readonly found?: string;
}

/** All differences, in the order of names. Both lists in any order; a name stands once in each. */
export function differencesOf(
  found: readonly FileDigest[],
  expected: readonly FileDigest[],
  { allowExtra = false }: CompareOptions = {},
): readonly FileDifference[] {
  const digests = new Map(found.map(({ name, digest }) => [name, digest]));
  const signed = new Set(expected.map(({ name }) => name));
  /** Files that were not signed under their names, by their digests. */
  const extra = new Map<string, string[]>();
  for (const { name, digest } of found) if (!signed.has(name)) extra.set(digest, [...(extra.get(digest) ?? []), name]);
  const differences: FileDifference[] = [];
  for (const { name, digest } of expected) {
    const now = digests.get(name);
    if (now === digest) continue;
    if (now !== undefined) {
      differences.push({ code: 'file-modified', name });
      continue;
    }
    const renamed = extra.get(digest)?.shift();
    differences.push(
      renamed === undefined ? { code: 'file-missing', name } : { code: 'file-renamed', name, found: renamed },
    );
  }
  if (!allowExtra)
    for (const names of extra.values()) for (const name of names) differences.push({ code: 'file-extra', name });
  return differences.sort((one, other) => byCodePoints(one.name, other.name));
}

/** Whether a model has the files that were signed, and no others. The first difference by the order of names is told. */
export function compareModel(
  found: readonly FileDigest[],
  expected: readonly FileDigest[],
  options: CompareOptions = {},
): Judged<true, FileCode> {
  const differences = differencesOf(found, expected, options);
  const [first] = differences;
  if (first === undefined) return { ok: true, value: true };
  const others = differences.length - 1;
  const more = others === 0 ? '' : `${others} more ${others === 1 ? 'file differs' : 'files differ'}`;
  const now = first.found === undefined ? '' : `now ${first.found}`;
  return refuseFile(first.code, first.name, [now, more].filter(Boolean).join('; ') || undefined);
}
