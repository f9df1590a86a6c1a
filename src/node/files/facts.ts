// What the file system tells of files without their contents, so that a change is seen by comparison.
import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from './fileErrors.ts';
import { filesIn } from './folder.ts';
import { journalName } from './journal.ts';

/** Of a regular file: device, inode, octets, and the times of the last change of its content and of its facts, in nanoseconds. */
export const factsOfContent = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;

/** A journal decides on the contents of the files beside it (change.ts). */
function factsOfJournal(directory: string): string {
  try {
    const status = lstatSync(join(directory, journalName), { bigint: true, throwIfNoEntry: false });
    return status === undefined ? '' : factsOfContent(status);
  } catch {
    return '';
  }
}

/** A pipe has no more than its identity: reading it changes its times. */
const factsOfStatus = (status: BigIntStats): string =>
  status.isFile() ? factsOfContent(status) : `${status.dev} ${status.ino}`;

/** Absence is a fact too, and so is any other reason why there are no others. */
function orReason(facts: () => string): string {
  try {
    return facts();
  } catch (error) {
    return String(codeOf(error));
  }
}

const factsWithin = (folder: string): string =>
  filesIn(folder)
    .map((file) => `${file} ${orReason(() => factsOfStatus(statSync(file, { bigint: true })))}`)
    .join('\n');

const factsOfName = (name: string): string =>
  orReason(() => {
    const status = statSync(name, { bigint: true });
    return status.isDirectory() ? `${factsWithin(name)}\n${factsOfJournal(name)}` : factsOfStatus(status);
  });

/**
 * A text that differs between two states of files, and of the files in folders: device, inode, size, times of content
 * and status in nanoseconds. No program sets the time of the status, so that new content under the old size and time is
 * seen. Links are followed.
 */
export function factsOf(names: readonly string[]): string {
  const journals = [...new Set(names.map((name) => dirname(name)))].map(factsOfJournal);
  return [...names.map(factsOfName), ...journals].join('\n');
}
