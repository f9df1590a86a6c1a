// Verifies files of records: finds which belong together, and judges them line by line. Holds one line at a time.
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { reasonOf, refuseFile } from '../../node/files/fileErrors.ts';
import { filesIn, isFolder } from '../../node/files/folder.ts';
import type { Head, Opening } from './entry.ts';
import { type Extent, type FaultKind, type Finding, type NoticeKind, recordJudge, type Telling } from './judge.ts';
import { lineCutter } from './lines.ts';
import { readOpening } from './tail.ts';

/** The most faults, and the most notices, that are told one by one; the others are counted. */
const mostTold = 100;

/** One record, in one file or several. */
export interface VerifiedRecord {
  /** Its name in its first entries. */
  readonly record: string;
  /** In their order. */
  readonly files: readonly string[];
  readonly first: number;
  readonly head: Head;
}

/** What a verification found. Records without a fault are whole, as far as they themselves can say. */
export interface Verification {
  readonly ok: boolean;
  readonly records: readonly VerifiedRecord[];
  readonly faults: readonly Finding<FaultKind>[];
  readonly notices: readonly Finding<NoticeKind>[];
  /** Findings that are not told one by one. */
  readonly untold: number;
}

/** What the caller knows of records. */
export interface Expected {
  /** Digests of which each must be the place of an entry: what was noted as the head before. */
  readonly heads?: readonly string[];
  /** Entries that the records have at least, together. */
  readonly count?: number;
}

interface Part {
  readonly path: string;
  readonly handle: FileHandle;
  readonly opening: Opening;
  readonly first: number;
}

const orderOf = (one: Part, other: Part): number =>
  one.opening.file - other.opening.file || (one.path < other.path ? -1 : 1);

async function readLines(handle: FileHandle, cutter: ReturnType<typeof lineCutter>): Promise<void> {
  const chunk = Buffer.allocUnsafe(65_536);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    cutter.take(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
  cutter.end();
}

/** The files of folders and the files given. @throws FileError */
function pathsOf(names: readonly string[]): { readonly paths: readonly string[]; readonly extent: Extent } {
  const extent = names.every(isFolder) ? 'all' : 'some';
  const paths = names.flatMap((name) => {
    if (!isFolder(name)) return [name];
    const files = filesIn(name);
    return files.length > 0 ? files : refuseFile(name, 'a folder without a file; expected those of a record');
  });
  return { paths: [...new Set(paths)], extent };
}

/** Opens files and reads what they say they are. Those that are no files of records are told. @throws FileError */
async function partsOf(paths: readonly string[], handles: FileHandle[], fault: Telling['fault']): Promise<Part[]> {
  const parts: Part[] = [];
  for (const path of paths) {
    const handle = await open(path).catch((error: unknown) => refuseFile(path, reasonOf(error)));
    handles.push(handle);
    const found = await readOpening(handle).catch((error: unknown) => refuseFile(path, reasonOf(error)));
    if (found !== undefined) parts.push({ path, handle, opening: found.opening, first: found.entry.sequence });
    else
      fault({ kind: 'foreign', file: path, line: 1, message: 'line 1 is not the first entry of a file of a record' });
  }
  return parts;
}

async function judgeRecord(parts: readonly Part[], extent: Extent, telling: Telling): Promise<VerifiedRecord> {
  const judge = recordJudge(extent, telling);
  const [begin] = parts;
  let before: Part | undefined;
  for (const part of parts) {
    const { path, handle, opening } = part;
    if (before?.opening.file === opening.file) {
      telling.fault({
        kind: 'duplicate',
        file: path,
        message: `file ${opening.file} of the record, as ${before.path} is`,
      });
      continue;
    }
    before = part;
    judge.file(path, basename(path), opening);
    await readLines(handle, lineCutter(judge.line)).catch((error: unknown) => refuseFile(path, reasonOf(error)));
  }
  const files = parts.map(({ path }) => path);
  return { record: begin?.opening.record ?? '', files, first: begin?.first ?? 0, head: judge.end() };
}

/**
 * Verifies records. Files of one record belong together by what they say; their order does not matter. Of folders every file
 * counts whose name does not begin with a dot, and none may be missing at the ends.
 * @throws FileError for a file that cannot be read
 */
export async function verifyRecords(names: readonly string[], expected: Expected = {}): Promise<Verification> {
  const { paths, extent } = pathsOf(names);
  const [faults, notices]: [Finding<FaultKind>[], Finding<NoticeKind>[]] = [[], []];
  const wanted = new Set(expected.heads);
  let [count, untold] = [0, 0];
  const add = <Kind>(list: Finding<Kind>[], one: Finding<Kind>): void => {
    if (list.length < mostTold) list.push(one);
    else untold += 1;
  };
  const telling: Telling = {
    fault: (one) => add(faults, one),
    notice: (one) => add(notices, one),
    entry: ({ digest }) => {
      count += 1;
      wanted.delete(digest);
    },
  };
  const handles: FileHandle[] = [];
  const records: VerifiedRecord[] = [];
  try {
    const parts = (await partsOf(paths, handles, telling.fault)).sort(orderOf);
    for (const record of new Set(parts.map(({ opening }) => opening.record))) {
      const own = parts.filter(({ opening }) => opening.record === record);
      records.push(await judgeRecord(own, extent, telling));
    }
  } finally {
    for (const handle of handles) await handle.close();
  }
  const [file = ''] = names;
  for (const digest of wanted) {
    const message = `no entry has the digest ${digest}: entries were cut from the end, or changed`;
    telling.fault({ kind: 'head', file, message });
  }
  if (expected.count !== undefined && count < expected.count)
    telling.fault({ kind: 'head', file, message: `${count} entries; expected ${expected.count} or more` });
  return { ok: faults.length === 0, records, faults, notices, untold };
}
