// The open challenges of an authority: DIR/challenges/NONCE.json.

import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../configuration.ts';
import { limits } from '../../limits.ts';
import { timeOf } from '../../time.ts';
import { inDirectory, type OnStep, type Write } from '../files/change.ts';
import { codeOf } from '../files/fileErrors.ts';
import { readBounded } from '../files/files.ts';

/** The directory of open challenges. */
export const challengesOf = (directory: string): string => join(directory, 'challenges');

/** The file of an open challenge. */
export const openFile = (directory: string, nonce: string): string => join(challengesOf(directory), `${nonce}.json`);

function hasEnded(file: string, time: Date): boolean {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    const open: unknown = JSON.parse(readBounded(file, limits.enrolmentFile).toString('latin1'));
    const { type, expires } = (open ?? {}) as Partial<Record<string, unknown>>;
    if (type !== 'pquake open challenge' || typeof expires !== 'string') return false;
    const end = timeOf(expires);
    return end !== undefined && end < time;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ConfigurationError) return false; // written by another program
    throw error;
  }
}

/** Removes open challenges that have expired. If one cannot be removed, its answer is still refused. */
export function dropEnded(directory: string, time = new Date()): void {
  const at = challengesOf(directory);
  try {
    for (const name of readdirSync(at)) {
      const file = join(at, name);
      if (/^[0-9a-f]{64}\.json$/.test(name) && hasEnded(file, time)) rmSync(file, { force: true });
    }
  } catch (error) {
    if (typeof codeOf(error) !== 'string') throw error;
  }
}

/** Works in the directory of an authority (`inDirectory`), then removes expired challenges. */
export const inAuthorityDirectory = <T>(directory: string, work: (write: Write) => T, onStep?: OnStep): T =>
  inDirectory(
    directory,
    (write) => {
      const done = work(write);
      dropEnded(directory);
      return done;
    },
    onStep,
  );
