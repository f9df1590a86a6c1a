// Judges the lines of one record, file after file: whether each entry is the one that follows the entry before it.
import { type Entry, entryOf, type Head, nothingBefore, type Opening, openingOf, type Torn } from './entry.ts';
import type { Line } from './lines.ts';
import { shown } from './text.ts';

/** Faults: what nobody who only writes a record leaves behind. */
export type FaultKind =
  | 'foreign' // a line that is no entry
  | 'changed' // an entry is not the one that the next says it follows
  | 'missing' // entries or files are not there
  | 'duplicate' // an entry or a file stands twice
  | 'order' // an entry stands where another one was
  | 'torn' // a file ends inside of a line
  | 'name' // a file has not the name that the next one states
  | 'head'; // what the caller expects is not in any record

/** What is said of a record without a fault in it. */
export type NoticeKind =
  | 'torn' // a write that was cut short, as the next file says
  | 'unrecorded' // entries that could not be recorded, as an entry says
  | 'removed' // files that are not kept, as an entry says
  | 'crash' // a process began without an end of the one before
  | 'part'; // files before or behind were not given

/** Something that was found, and where. */
export interface Finding<Kind = FaultKind | NoticeKind> {
  readonly kind: Kind;
  readonly file: string;
  /** Counts from 1; absent when it is about the file. */
  readonly line?: number;
  readonly message: string;
}

/** Takes the lines of a record in the order of its files. */
export interface Judge {
  readonly file: (file: string, name: string, opening: Opening) => void;
  readonly line: (line: Line) => void;
  /** Behind the last file. Gives the place of the last entry. */
  readonly end: () => Head;
}

/** Where a judge tells what it finds. */
export interface Telling {
  readonly fault: (finding: Finding<FaultKind>) => void;
  readonly notice: (finding: Finding<NoticeKind>) => void;
  /** Each entry: its place. */
  readonly entry: (head: Head) => void;
}

/** Whether all files that there are were given. */
export type Extent = 'all' | 'some';

/** The file before the one that is read. */
interface Last {
  readonly file: string;
  readonly name: string;
  readonly number: number;
  readonly entries: number;
  readonly torn: (Torn & { readonly line: number }) | undefined;
  readonly isContinued: boolean;
}

const entriesText = (first: number, last: number): string =>
  first === last ? `entry ${first} is missing` : `entries ${first} to ${last} are missing`;
const filesText = (first: number, last: number): string =>
  first === last ? `file ${first} of the record is missing` : `files ${first} to ${last} of the record are missing`;

/** What an entry says where it does not follow. */
function faultOf(entry: Entry, { sequence, digest }: Head, line: Line, at: number): Omit<Finding<FaultKind>, 'file'> {
  const here = `line ${at} (entry ${entry.sequence})`;
  if (entry.sequence > sequence + 1) {
    const missing = entriesText(sequence + 1, entry.sequence - 1);
    return { kind: 'missing', line: at, message: `before ${here}, ${missing}` };
  }
  if (entry.sequence === sequence + 1) {
    const message = `${here} follows another entry ${sequence} than the one before it: that one was changed, or this one`;
    return { kind: 'changed', line: Math.max(1, at - 1), message };
  }
  if (line.digest === digest) return { kind: 'duplicate', line: at, message: `${here} is the line before it again` };
  return { kind: 'order', line: at, message: `${here} stands behind entry ${sequence}: moved, or put there again` };
}

/** Judges one record. `extent` says whether files that are missing at its ends are a fault. */
export function recordJudge(extent: Extent, { fault, notice, entry: onEntry }: Telling): Judge {
  let head: Head | undefined;
  let last: Last | undefined;
  let [file, name, at, entries] = ['', '', 0, 0];
  let opening: Opening | undefined;
  let torn: Last['torn'];
  let [isContinued, isRunning, removed, firstFile] = [false, false, 0, 1];

  const about = (message: string, line?: number): Omit<Finding, 'kind'> => ({ file, message, ...(line && { line }) });

  function joinTorn(before: Last, stated: Torn | undefined): void {
    const { torn: found } = before;
    if (found === undefined && stated === undefined) return;
    const where = { file: before.file, ...(found && { line: found.line }) };
    if (found !== undefined && stated?.digest === found.digest && stated.octets === found.octets) {
      const message = `${found.octets} octets behind the last line, of a write that was cut short: the next file says so, and goes on behind the line`;
      notice({ ...where, kind: 'torn', message });
      return;
    }
    const octets = `${found?.octets ?? 0} octets behind the last line`;
    const said = stated === undefined ? 'says nothing of them' : `states ${stated.octets} others`;
    fault({ ...where, kind: 'torn', message: `${octets}; the next file ${said}` });
  }

  /** Whether the file that begins is the one that follows the last. */
  function join(next: Opening): void {
    if (last === undefined) {
      firstFile = next.file;
      return;
    }
    if (next.file > last.number + 1) {
      fault({ kind: 'missing', ...about(filesText(last.number + 1, next.file - 1)) });
      return;
    }
    joinTorn(last, next.before?.torn);
    if (next.before?.entries !== last.entries) {
      const message = `${last.entries} entries; the next file states ${next.before?.entries ?? 0}`;
      fault({ kind: 'missing', file: last.file, message });
    }
    if (next.before?.name !== last.name) {
      const message = `the next file says that its name is ${shown(next.before?.name ?? '')}`;
      fault({ kind: 'name', file: last.file, message });
    }
  }

  function leaveFile(): void {
    if (opening === undefined) return;
    last = { file, name, number: opening.file, entries, torn, isContinued };
  }

  /** What the record says of itself. */
  function read({ value, sequence }: Entry): void {
    if (isContinued) fault({ kind: 'foreign', ...about(`line ${at} stands behind the last entry of the file`, at) });
    isContinued = value.event === 'continued';
    if (value.event === 'removed' && typeof value['file'] === 'number') removed = Math.max(removed, value['file']);
    if (value.event === 'unrecorded') {
      const [count, reason] = [String(value['count']), String(value['reason'])];
      notice({
        kind: 'unrecorded',
        ...about(`${count} entries could not be recorded before entry ${sequence}: ${reason}`, at),
      });
    }
    if (value.event === 'started' && isRunning)
      notice({
        kind: 'crash',
        ...about(`a process started before entry ${sequence} and its end was not recorded`, at),
      });
    if (value.event === 'started' || value.event === 'stopped') isRunning = value.event === 'started';
  }

  /** The first entry of all files that were given is believed, unless it is the first of the record. */
  function baseOf({ sequence, previous }: Entry): Head {
    return opening?.file === 1 ? { sequence: 0, digest: nothingBefore } : { sequence: sequence - 1, digest: previous };
  }

  return {
    file: (path, itsName, itsOpening) => {
      leaveFile();
      [file, name, opening, at, entries, torn] = [path, itsName, itsOpening, 0, 0, undefined];
      join(itsOpening);
      isContinued = false;
    },
    line: (line) => {
      at += 1;
      if (!line.isWhole) {
        torn = { octets: line.length, digest: line.digest, line: at };
        return;
      }
      const entry = line.octets && entryOf(line.octets);
      if (entry === undefined || (at > 1 && openingOf(entry) !== undefined)) {
        fault({
          kind: 'foreign',
          ...about(`line ${at} is not an entry of a record that could stand there`, at),
        });
        return;
      }
      head ??= baseOf(entry);
      if (entry.sequence !== head.sequence + 1 || entry.previous !== head.digest)
        fault({ file, ...faultOf(entry, head, line, at) });
      entries += 1;
      head = { sequence: entry.sequence, digest: line.digest };
      onEntry(head);
      read(entry);
    },
    end: () => {
      leaveFile();
      if (last?.torn !== undefined) {
        const { octets, line } = last.torn;
        const message = `${octets} octets behind the last line: a crash, after which no process has started, or a cut`;
        fault({ kind: 'torn', ...about(message, line) });
      }
      if (firstFile > 1) {
        const before = filesText(1, firstFile - 1);
        if (removed >= firstFile - 1) notice({ kind: 'removed', ...about(`${before}: removed, as an entry says`) });
        else if (extent === 'some') notice({ kind: 'part', ...about(`${before}: not given`) });
        else fault({ kind: 'missing', ...about(`${before}, and no entry says that they were removed`) });
      }
      if (last?.isContinued) {
        const message = `the record goes on in file ${last.number + 1}`;
        if (extent === 'some') notice({ kind: 'part', ...about(`${message}, which was not given`) });
        else fault({ kind: 'missing', ...about(`${message}, which is missing`) });
      }
      return head ?? { sequence: 0, digest: nothingBefore };
    },
  };
}
