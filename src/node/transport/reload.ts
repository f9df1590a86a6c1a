// A server reads its files again when they change. It does not try refused files twice, and waits longer after each
// refusal of an encrypted key.
import { createHash } from 'node:crypto';
import { readTexts } from '../files/files.ts';
import { PassphraseError } from '../files/keys.ts';
import { watchFiles } from '../files/watch.ts';

/**
 * Milliseconds: the first wait after a refusal, the longest wait, and the time without a refusal after which the first
 * applies again.
 */
export const backoff = { first: 500, longest: 60_000, forgotten: 600_000 } as const;

/** The number of refused states that are remembered; the oldest are forgotten. */
const mostRefused = 256;

function contentOf(file: string): string {
  try {
    return readTexts([file]).join('');
  } catch {
    return 'cannot be read';
  }
}

/** SHA-256 of the contents of files, in hexadecimal digits. */
export function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = contentOf(file);
    hash.update(`${Buffer.byteLength(content)} `).update(content);
  }
  return hash.digest('hex');
}

/** A reload whose attempts are limited. */
export interface SparingReload {
  readonly reload: () => void;
  readonly close: () => void;
}

/** An attempt, and the receivers of its reports. */
export interface Attempts {
  /** Throws the reason when it fails. */
  readonly attempt: () => void;
  /** The digest of everything that decides whether a key opens. */
  readonly digest: () => string;
  /** Called with the reason why nothing was reloaded. */
  readonly refused: (error: unknown) => void;
  /** Called with the milliseconds until the next attempt. */
  readonly postponed: (wait: number) => void;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/**
 * Limits how often a reload is attempted: every answer may tell something of an encrypted key to somebody who can
 * change its file. Files that were refused with `passphrase-wrong` are not tried again, even after others. After each such
 * refusal no attempt is made for twice the wait of the one before, up to a minute.
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

/** A value that a server makes from files, and how it is replaced. */
export interface FreshOptions<T> {
  /** The value in use. */
  readonly first: T;
  /** The files that it is made from. */
  readonly files: readonly string[];
  /** Those files that decide whether a key opens. */
  readonly keyFiles: readonly string[];
  /** Makes the value from the files again; throws the reason when it cannot. */
  readonly read: () => T;
  /** Puts a value in use, or throws; `retired` is fulfilled when nobody uses the former value any more. */
  readonly replace: (next: T) => { readonly retired: Promise<void> };
  /** Overwrites the secrets of a value. */
  readonly wipe: (value: T) => void;
  readonly reloaded: (value: T) => void;
  /** Called with the reason why the former value stays in use. */
  readonly refused: (error: unknown) => void;
  /** Called with the milliseconds until the files are read. */
  readonly postponed: (wait: number) => void;
  /** Called, in words, for a directory that is not watched. */
  readonly unwatched: (reason: string) => void;
}

/** A value that is kept up to date until it is closed, which wipes it. */
export interface Fresh {
  readonly close: () => void;
}

/**
 * Reads files again when they change, and on SIGHUP, as often as `sparing` allows. A value that cannot be read changes
 * nothing. A replaced value is wiped when its last user has left.
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
