// What a witness decides (C2SP tlog-witness): whether a checkpoint goes on from the last one that it has seen of the log.
import { passed, refused } from '../../failure.ts';
import { same } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { LogCode } from './codes.ts';
import { type LogReader, readContinuation } from './reader.ts';

const sizes = (seen: Checkpoint, now: Checkpoint): string =>
  `${now.origin}: a checkpoint of ${now.size} entries, after one of ${seen.size}`;

const fork = (seen: Checkpoint, now: Checkpoint): Judged<never, LogCode> =>
  refused(
    'log-fork',
    `${sizes(seen, now)}, and the smaller tree does not begin the larger one; the log has signed both`,
  );

/** Judges a checkpoint that has fewer entries than the last one. That it is no fork is not certain where its tiles are not there. */
async function judgeOlder(reader: LogReader, seen: Checkpoint, now: Checkpoint): Promise<Judged<Checkpoint, LogCode>> {
  const continuation = await readContinuation(reader, now, seen);
  if (continuation.ok && continuation.value === 'forked') return fork(seen, now);
  return refused('log-rollback', `${sizes(seen, now)}; expected at least as many`);
}

/**
 * Judges a checkpoint whose signature by the log was verified: it must be the last one that was seen, or go on from it, as the tiles of the
 * log prove. Tiles that are not of its tree are refused.
 */
export async function judgeCheckpointAfter(
  reader: LogReader,
  seen: Checkpoint | undefined,
  now: Checkpoint,
): Promise<Judged<Checkpoint, LogCode>> {
  if (seen !== undefined && now.size < seen.size) return await judgeOlder(reader, seen, now);
  if (seen !== undefined && now.size === seen.size && !same(now.root, seen.root))
    return refused(
      'log-fork',
      `${now.origin}: two checkpoints of ${now.size} entries with different roots; the log has signed both`,
    );
  const continuation = await readContinuation(reader, seen ?? now, now);
  if (!continuation.ok) return continuation;
  return continuation.value === 'continued' || seen === undefined ? passed(now) : fork(seen, now);
}
