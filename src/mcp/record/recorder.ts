// The record of one process: entries in the order in which they come, many with one write under load, and a count of those
// that could not be recorded.
import { reasonOf } from '../../node/files/fileErrors.ts';
import type { Standing } from '../contract.ts';
import { type Members, membersOf, type OwnEvent, standingMembers } from './entry.ts';
import { type FileRecorder, type RecordCode, RecordError, type RecordOptions } from './options.ts';
import { shown } from './text.ts';
import { openWriter } from './writer.ts';

/** An entry that waits to be written. */
interface Waiting {
  readonly members: Members;
  readonly resolve: () => void;
  readonly reject: (error: RecordError) => void;
}

/** Entries that could not be recorded, since they were told of the last time. */
interface Lost {
  count: number;
  readonly since: string;
  readonly reason: string;
}

/** Entries that wait to be written, where nothing else is said. */
export const standardWaiting = 4_096;

/**
 * Opens a record on a file, or begins one. `append` resolves when the system has taken the entry.
 * @throws FileError when the file or its folder cannot be used, or another process writes it
 */
export async function recordFile(options: RecordOptions): Promise<FileRecorder> {
  const {
    file,
    onFull,
    flush = { every: 1_000 },
    mostWaiting = standardWaiting,
    time,
    tell,
    onHead = () => {},
  } = options;
  const writer = await openWriter(options);
  const waiting: Waiting[] = [];
  let standing: Standing = {};
  let lost: Lost | undefined;
  let running: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  let isDirty = false;

  const consequence = { deny: 'what needs an entry is denied', continue: 'work goes on, and they are counted' }[onFull];

  function lose(count: number, reason: string): void {
    if (lost === undefined) tell(`${file}: entries cannot be recorded: ${reason}; ${consequence}`);
    lost ??= { count: 0, since: time().toISOString(), reason: shown(reason) };
    lost.count += count;
  }

  /** Ends an append of which there is no entry. */
  function without({ resolve, reject }: Omit<Waiting, 'members'>, code: RecordCode, reason: string): void {
    if (onFull === 'continue') resolve();
    else reject(new RecordError(code, `${file}: an entry cannot be recorded: ${reason}`));
  }

  const lostEntry = (): readonly OwnEvent[] => (lost === undefined ? [] : [{ event: 'unrecorded', ...lost }]);

  /** The entry says so: they are lost no more than that. */
  function told(count: number): void {
    if (lost === undefined) return;
    lost.count -= count;
    if (lost.count > 0) return;
    tell(`${file}: entries are recorded again; ${count} could not be`);
    lost = undefined;
  }

  async function writeSome(): Promise<void> {
    const own = lostEntry();
    const count = lost?.count ?? 0;
    try {
      const taken = await writer.write(
        own,
        waiting.map(({ members }) => members),
      );
      isDirty = true;
      if (own.length > 0) told(count);
      for (const one of waiting.splice(0, taken)) one.resolve();
    } catch (error) {
      const failed = waiting.splice(0);
      const reason = reasonOf(error);
      lose(failed.length, reason);
      for (const one of failed) without(one, 'record-unavailable', reason);
    }
  }

  async function drain(): Promise<void> {
    await undefined; // what is appended in the same turn is written at once
    while (waiting.length > 0) await writeSome();
    running = undefined;
  }

  async function flushNow(): Promise<void> {
    if (!isDirty) return;
    isDirty = false;
    try {
      await writer.flush();
    } catch (error) {
      tell(`${file}: what was recorded cannot be flushed to the disk: ${reasonOf(error)}`);
    }
  }

  const flushing = typeof flush === 'object' ? setInterval(() => void flushNow(), flush.every) : undefined;
  flushing?.unref();

  async function end(): Promise<void> {
    clearInterval(flushing);
    await running;
    if (lost !== undefined) await writeSome();
    if (flush !== 'none') await flushNow();
    onHead(writer.place().head);
    await writer.close();
  }

  return {
    append: (event) =>
      new Promise((resolve, reject) => {
        const one = { resolve, reject };
        if (closing !== undefined) return reject(new RecordError('record-closed', `${file}: the record is closed`));
        if (waiting.length >= mostWaiting) {
          const reason = `${mostWaiting} entries wait already`;
          lose(1, reason);
          return without(one, 'record-overloaded', reason);
        }
        const members = { ...standingMembers(standing), ...membersOf(event), time: time().toISOString() };
        waiting.push({ ...one, members });
        running ??= drain();
      }),
    standing: (facts) => {
      standing = { ...standing, ...facts };
    },
    head: () => writer.place().head,
    close: () => {
      closing ??= end();
      return closing;
    },
  };
}
