// What a record on a file is asked for, and how it says that it cannot.
import type { Recorder } from '../contract.ts';
import type { Writing } from './disk.ts';
import type { Head } from './entry.ts';

/** Why an entry was not recorded. */
export type RecordCode = 'record-unavailable' | 'record-overloaded' | 'record-closed';

/** An entry was not recorded. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly code: RecordCode;

  constructor(code: RecordCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** How a record is written. */
export interface RecordOptions {
  /** The file that is written; those before it have its name with a number. Its folder is there, and nobody else can write in it. */
  readonly file: string;
  /** Octets from which another file is begun. Default 64 MiB. */
  readonly rotateAt?: number;
  /** How many files before the one that is written are kept, at least 1. Default: all. */
  readonly keep?: number;
  /** Whether `append` rejects when an entry cannot be recorded, or resolves all the same; both count such entries. */
  readonly onFull: 'deny' | 'continue';
  /** When written lines are flushed to the disk: never, before an append resolves, or every so many milliseconds. Default 1,000 ms. */
  readonly flush?: 'none' | 'each' | { readonly every: number };
  /** Entries that wait at most. Default 4,096. */
  readonly mostWaiting?: number;
  /** Milliseconds to wait for another process that writes the file to end. Default 12,000. */
  readonly patience?: number;
  readonly time: () => Date;
  /** Told once when entries cannot be recorded any more, and once when they can again. */
  readonly tell: (message: string) => void;
  /** Told the place in the chain when a file begins and when the record is closed, to be kept where nobody can change it. */
  readonly onHead?: (head: Head) => void;
  /** Names a new record: 32 hexadecimal digits. */
  readonly name?: () => string;
  readonly writing?: Writing;
}

/** A recorder on a file. */
export interface FileRecorder extends Recorder {
  /** The place of the last entry in the chain. */
  readonly head: () => Head;
}
