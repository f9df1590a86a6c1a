// Keeps a policy up to date with its files, while it is used. A file that cannot be used changes nothing, and is told.
import type { WatchTiming } from '../../node/files/watch.ts';
import { keepFresh } from '../../node/transport/reload.ts';
import { type Policy, readPolicy } from './policy.ts';

/** Who hears of it. */
export interface PolicyWatchOptions {
  /** Another policy is in force. */
  readonly onChange: (policy: Policy) => void;
  /** The files were not taken, in words: the former policy stays in force. */
  readonly onRefused: (reason: string) => void;
  /** A folder is not watched, in words: the files are compared every few seconds. */
  readonly onUnwatched?: (reason: string) => void;
  readonly timing?: Partial<WatchTiming> | undefined;
}

/** A policy that follows its files. */
export interface WatchedPolicy {
  /** The policy in force. */
  readonly current: () => Policy;
  /** Reads the files at once when they changed; to be called before what takes long is let in. */
  readonly look: () => void;
  readonly close: () => void;
}

/**
 * Reads a policy, and again when its files change, and on SIGHUP.
 * @throws FileError when it cannot be read the first time
 */
export function watchPolicy(file: string, options: PolicyWatchOptions): WatchedPolicy {
  const { onChange, onRefused, onUnwatched = () => {}, timing } = options;
  let current = readPolicy(file);
  let fresh = follow(current);

  /** Follows the files of a policy; another policy may name other files of Cedar. */
  function follow(first: Policy) {
    return keepFresh<Policy>({
      first,
      files: first.files,
      seen: '', // read again at once: they may have changed while they were read
      keyFiles: [],
      read: (former) => {
        const next = readPolicy(file);
        return next.digest === former.digest ? former : next;
      },
      replace: (next) => {
        current = next;
        return { retired: Promise.resolve() };
      },
      wipe: () => {},
      reloaded: (next) => {
        if (next.files.join('\0') !== first.files.join('\0')) {
          fresh.close();
          fresh = follow(next);
        }
        if (next !== told) onChange(next);
        told = next;
      },
      refused: (error) => onRefused(error instanceof Error ? error.message : String(error)),
      postponed: () => {},
      unwatched: onUnwatched,
      timing,
    });
  }

  let told = current;
  return { current: () => current, look: () => fresh.look(), close: () => fresh.close() };
}
