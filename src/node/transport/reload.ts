// A server reads its files again when they change: not twice what was refused, and ever later while encrypted keys are refused.
import { createHash } from 'node:crypto';
import { readTexts } from '../files/files.ts';
import { PassphraseError } from '../files/keys.ts';
import { watchFiles } from '../files/watch.ts';

/** Milliseconds: the first wait after a refusal, the longest, and how long without one makes the next the first again. */
export const backoff = { first: 500, longest: 60_000, forgotten: 600_000 } as const;

/** States that were refused are remembered up to this number, the last ones. */
const mostRefused = 256;

function contentOf(file: string): string {
  try {
    return readTexts([file]).join('');
  } catch {
    return 'cannot be read';
  }
}

/** SHA-256 of what files hold. */
export function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = contentOf(file);
    hash.update(`${Buffer.byteLength(content)} `).update(content);
  }
  return hash.digest('hex');
}

/** A reload that is tried as often as it may be. */
export interface SparingReload {
  readonly reload: () => void;
  readonly close: () => void;
}

/** An attempt, and who is told of it. */
export interface Attempts {
  /** Throws the reason when it fails. */
  readonly attempt: () => void;
  /** The digest of all that decides whether a key opens. */
  readonly digest: () => string;
  /** Told why nothing was reloaded. */
  readonly refused: (error: unknown) => void;
  /** Told in how many milliseconds it is tried. */
  readonly postponed: (wait: number) => void;
  /** Milliseconds of a clock that only goes on. */
  readonly now?: () => number;
}

/**
 * Limits how often an attempt is made: whoever can change the file of an encrypted key may learn something of it from every
 * answer. Files that were refused for their key are not tried again, also when others were there meanwhile. After each such
 * refusal nothing is tried for twice as long as after the one before, up to a minute.
 */
export function sparing({
  attempt,
  digest,
  refused,
  postponed,
  now = () => performance.now(),
}: Attempts): SparingReload {
  const known = new Map<string, PassphraseError>();
  let [wait, notBefore] = [0, 0];
  let timer: NodeJS.Timeout | undefined;
  const remember = (state: string, error: PassphraseError): void => {
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size >= mostRefused) known.delete(oldest);
    known.set(state, error);
    const isFirst = wait === 0 || now() - notBefore > backoff.forgotten;
    wait = isFirst ? backoff.first : Math.min(2 * wait, backoff.longest);
    notBefore = now() + wait;
  };
  const run = (state: string): void => {
    try {
      const before = known.get(state);
      if (before !== undefined) throw before;
      attempt();
    } catch (error) {
      const isNew = error instanceof PassphraseError && error.code === 'passphrase-wrong' && !known.has(state);
      if (isNew) remember(state, error);
      refused(error);
    }
  };
  const reload = (): void => {
    if (timer !== undefined) return;
    const early = notBefore - now();
    if (early <= 0) {
      run(digest());
      return;
    }
    postponed(early);
    timer = setTimeout(() => {
      timer = undefined;
      run(digest());
    }, early);
    timer.unref();
  };
  return { reload, close: () => clearTimeout(timer) };
}

/** A value that a server made of files, and how it is replaced. */
export interface FreshOptions<T> {
  /** The value that is in force. */
  readonly first: T;
  /** The files that it is made of. */
  readonly files: readonly string[];
  /** Those of them that decide whether a key opens. */
  readonly keyFiles: readonly string[];
  /** Makes it again of the files; throws the reason when it cannot. */
  readonly read: () => T;
  /** Puts it in force, or throws; `retired` is fulfilled when nobody uses the value before any more. */
  readonly replace: (next: T) => { readonly retired: Promise<void> };
  /** Overwrites the secrets of a value. */
  readonly wipe: (value: T) => void;
  readonly reloaded: (value: T) => void;
  /** Told why the value before stays in force. */
  readonly refused: (error: unknown) => void;
  /** Told in how many milliseconds the files are read. */
  readonly postponed: (wait: number) => void;
  /** Told, in words, of a directory that is not watched. */
  readonly unwatched: (reason: string) => void;
}

/** A value that is kept fresh until it is closed, which wipes it. */
export interface Fresh {
  readonly close: () => void;
}

/**
 * Reads files again whenever they changed, and on SIGHUP, as often as `sparing` allows. A value that cannot be read changes
 * nothing; a value that is replaced is wiped when its last user left.
 */
export function keepFresh<T>(options: FreshOptions<T>): Fresh {
  const { read, replace, wipe, reloaded, refused, postponed, unwatched } = options;
  let current = options.first;
  const attempt = (): void => {
    const next = read();
    const former = current;
    try {
      replace(next).retired.then(() => wipe(former));
    } catch (error) {
      wipe(next);
      throw error;
    }
    current = next;
    reloaded(next);
  };
  const { reload, close } = sparing({ attempt, refused, digest: () => digestOf(options.keyFiles), postponed });
  const watched = watchFiles(options.files, reload, unwatched);
  process.on('SIGHUP', reload);
  return {
    close: () => {
      process.off('SIGHUP', reload);
      close();
      watched.close();
      wipe(current);
    },
  };
}
