// Reports changes of files, however they were replaced; once for all changes that come together.
import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** A text that differs between two states of a file. Absence is a state too. */
function stateOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'absent';
  }
}

/** The directories in which a file can be replaced: that of its name, and that of the target of a symbolic link. */
function directoriesOf(file: string): string[] {
  try {
    return [dirname(file), dirname(realpathSync(file))];
  } catch {
    return [dirname(file)];
  }
}

/** A watch that can be stopped. */
export interface Watch {
  readonly close: () => void;
}

/**
 * Calls `onChange` when files changed and then stayed the same for `quiet` milliseconds. It watches directories, as an
 * editor replaces a file with a new one; an event counts only when the state of a file differs. Calls `onTrouble` with
 * a sentence for a directory that cannot be watched, or no longer.
 */
export function watchFiles(
  files: readonly string[],
  onChange: () => void,
  onTrouble: (reason: string) => void,
  quiet = 200,
): Watch {
  const states = (): string => files.map(stateOf).join('\n');
  let known = states();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const now = states();
    if (now === known) return;
    known = now;
    onChange();
  };
  const happened = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, quiet);
  };
  const watchers: FSWatcher[] = [];
  for (const directory of new Set(files.flatMap(directoriesOf))) {
    const trouble = (error: NodeJS.ErrnoException): void =>
      onTrouble(`${directory}: ${error.code ?? 'cannot be watched'}`);
    try {
      watchers.push(watch(directory, { persistent: false }, happened).on('error', trouble));
    } catch (error) {
      trouble(error as NodeJS.ErrnoException);
    }
  }
  return {
    close: () => {
      clearTimeout(timer);
      for (const one of watchers) one.close();
    },
  };
}
