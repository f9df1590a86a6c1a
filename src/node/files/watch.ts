// Reports changes of files, however they were replaced; once for all changes that come together.
//
// A watch of the system is on an inode: on a folder that was exchanged it sees nothing more. So every folder on the way
// to a file is watched, again after each look, and the facts of the files are compared every few seconds besides. That
// suffices where watches fail: on network file systems, and beyond the limits of the system.
import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename } from 'node:path';
import { type Chain, chainOf, type Names } from './chain.ts';
import { factsOf } from './facts.ts';

/** A watch that can be stopped. */
export interface Watch {
  readonly close: () => void;
}

/** Milliseconds. */
export interface WatchTiming {
  /** Without a further change before the files are looked at. */
  readonly quiet: number;
  /** The longest wait for that, so that a file that changes all the time is looked at too. */
  readonly longest: number;
  /** Between two comparisons, whatever was seen. */
  readonly poll: number;
}

/** By these a change is seen within two and a half seconds, and most within one. */
export const watchTiming: WatchTiming = { quiet: 200, longest: 1_000, poll: 2_000 };

/** What is watched, and who hears of it. */
export interface WatchOptions {
  /** Files, and folders of files. */
  readonly files: readonly string[];
  /** The facts of the files (`factsOf`) before they were read; default those of now. */
  readonly seen?: string | undefined;
  readonly onChange: () => void;
  /** Called with a sentence, once for each reason why a folder cannot be watched; the comparisons go on. */
  readonly onTrouble: (reason: string) => void;
  readonly timing?: Partial<WatchTiming> | undefined;
}

interface FolderWatch {
  readonly watcher: FSWatcher;
  readonly is: string;
  readonly names: Names;
}

/** Tells a folder from another one under the same name. Inodes are used again, so the time of birth counts too. */
function identityOf(folder: string): string {
  try {
    const { dev, ino, birthtimeNs } = statSync(folder, { bigint: true });
    return `${dev} ${ino} ${birthtimeNs}`;
  } catch {
    return 'absent';
  }
}

const isSameNames = (one: Names, other: Names): boolean =>
  one === 'any' || other === 'any'
    ? one === other
    : one.size === other.size && [...one].every((name) => other.has(name));

/** Watches of folders, which follow a chain. */
interface FolderWatches {
  /** Watches the folders of a chain. With `all` every watch is made again, also those of folders that stayed. */
  readonly follow: (chain: Chain, all: boolean) => void;
  readonly close: () => void;
}

function folderWatches(happened: () => void, onTrouble: (reason: string) => void): FolderWatches {
  const watches = new Map<string, FolderWatch>();
  const told = new Set<string>();
  const trouble = (folder: string, error: unknown): void => {
    const { code = 'cannot be watched' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || told.has(code)) return; // went away: its parent tells
    told.add(code);
    onTrouble(`${folder}: ${code}`);
  };
  const stop = (folder: string): void => {
    watches.get(folder)?.watcher.close();
    watches.delete(folder);
  };
  const begin = (folder: string, names: Names, is: string): void => {
    const counts = (name: string | null): boolean =>
      name === null || names === 'any' || names.has(name) || name === basename(folder);
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => counts(name) && happened());
      watcher.on('error', (error) => {
        trouble(folder, error);
        stop(folder);
      });
      watches.set(folder, { watcher, is, names });
    } catch (error) {
      trouble(folder, error);
    }
  };
  return {
    follow: (chain, all) => {
      for (const folder of [...watches.keys()]) if (all || !chain.has(folder)) stop(folder);
      for (const [folder, names] of chain) {
        const is = identityOf(folder);
        const present = watches.get(folder);
        if (present !== undefined && present.is === is && isSameNames(present.names, names)) continue;
        stop(folder);
        begin(folder, names, is);
      }
    },
    close: () => {
      for (const folder of [...watches.keys()]) stop(folder);
    },
  };
}

/**
 * Calls `onChange` when the facts of files differ from those before, at the latest `longest` and `poll` milliseconds
 * later. Watches keep no process alive.
 */
export function watchFiles({ files, seen, onChange, onTrouble, timing }: WatchOptions): Watch {
  const { quiet, longest, poll } = { ...watchTiming, ...timing };
  let known = seen ?? factsOf(files);
  let timer: NodeJS.Timeout | undefined;
  let since = 0;
  const look = (): void => {
    timer = undefined;
    folders.follow(chainOf(files), true); // first the watches, so that no change falls between them and the facts
    const now = factsOf(files);
    if (now === known) return;
    known = now;
    onChange();
  };
  const happened = (): void => {
    const now = performance.now();
    if (timer === undefined) since = now;
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(0, Math.min(quiet, since + longest - now))).unref();
  };
  const folders = folderWatches(happened, onTrouble);
  const compare = (): void => {
    if (timer !== undefined) return;
    folders.follow(chainOf(files), false);
    if (factsOf(files) !== known) happened();
  };
  compare();
  const polling = setInterval(compare, poll).unref();
  return {
    close: () => {
      clearTimeout(timer);
      clearInterval(polling);
      folders.close();
    },
  };
}
