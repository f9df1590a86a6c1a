// A server reads its files again when they change. It does not try refused files twice, and waits longer after each
// refusal of an encrypted key.
import { createHash } from 'node:crypto';
import { factsOf } from '../files/facts.ts';
import { readTexts } from '../files/files.ts';
import { PassphraseError } from '../files/keys.ts';
import { type WatchTiming, watchFiles } from '../files/watch.ts';

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

/** Why files are read: they changed, SIGHUP came, a handshake is about to begin, or they could not be used before. */
export type Cause = 'change' | 'hangup' | 'handshake' | 'again';

/** A value that a server makes from files, and how it is replaced. */
export interface FreshOptions<T> {
  /** The value in use. */
  readonly first: T;
  /** The files that it is made from, and folders of them. */
  readonly files: readonly string[];
  /** The facts of the files (`factsOf`) before `first` was read. */
  readonly seen: string;
  /** Those files that decide whether a key opens; empty for a value without a key. */
  readonly keyFiles: readonly string[];
  /**
   * Makes the value from the files again, or returns `former` when nothing is new. Throws the reason when it cannot,
   * and reports to `refused` what does not take force when the rest does.
   */
  readonly read: (former: T, cause: Cause, refused: (error: unknown) => void) => T;
  /** Puts a value in use, or throws; `retired` is fulfilled when nobody uses the former value any more. */
  readonly replace: (next: T) => { readonly retired: Promise<void> };
  /** Overwrites the secrets of a value. */
  readonly wipe: (value: T) => void;
  readonly reloaded: (value: T) => void;
  /** Called with the reason why the former value, or a part of it, stays in use. */
  readonly refused: (error: unknown) => void;
  /** Called with the milliseconds until the files are read. */
  readonly postponed: (wait: number) => void;
  /** Called, in words, for a folder that is not watched; its files are compared every few seconds. */
  readonly unwatched: (reason: string) => void;
  readonly timing?: Partial<WatchTiming & RetryTiming> | undefined;
}

/** Milliseconds until files that could not be used are read again: the first wait, which doubles, and the longest. */
export interface RetryTiming {
  readonly firstRetry: number;
  readonly longestRetry: number;
}

/** A file may be unreadable for a moment, as when the process has too many open, and leave no trace when it is again. */
const retryTiming: RetryTiming = { firstRetry: 5_000, longestRetry: 60_000 };

/** A value that is kept up to date until it is closed, which wipes it. */
export interface Fresh {
  /**
   * Reads the files at once when their facts changed. Does not say what it refuses: the files may be in the middle of
   * their change, and the look that follows tells. Does nothing for a value with a key, whose attempts are limited.
   */
  readonly look: () => void;
  readonly close: () => void;
}

/** Calls `again` after a wait that doubles with each call of `later`, until `never` is called. */
function retrying(
  again: () => void,
  { firstRetry, longestRetry }: RetryTiming,
): { readonly later: () => void; readonly never: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let wait = 0;
  return {
    later: () => {
      clearTimeout(timer);
      wait = wait === 0 ? firstRetry : Math.min(2 * wait, longestRetry);
      timer = setTimeout(again, wait).unref();
    },
    never: () => {
      clearTimeout(timer);
      wait = 0;
    },
  };
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Reads files again when they change, and on SIGHUP. A value that cannot be read changes nothing. With a key it is read as
 * often as `sparing` allows; without one what was refused is read again later, also when nothing changed. A replaced
 * value is wiped when its last user has left.
 */
export function keepFresh<T>(options: FreshOptions<T>): Fresh {
  const { files, keyFiles, seen, read, replace, wipe, postponed, unwatched, timing } = options;
  const isKeyed = keyFiles.length > 0;
  let current = options.first;
  let lastRead = seen;
  /** Whether a value that was read for a handshake was told; the look that follows finds nothing new. */
  let isTold = false;
  let told: ReadonlySet<string> = new Set();

  /** @returns whether there is another value */
  const renew = (cause: Cause, refused: (error: unknown) => void): boolean => {
    lastRead = factsOf(files);
    const next = read(current, cause, refused);
    if (next === current) return false;
    const former = current;
    try {
      replace(next).retired.then(() => wipe(former));
    } catch (error) {
      wipe(next);
      throw error;
    }
    current = next;
    return true;
  };

  /** Reads, and tells of it. What was refused before is told again unless this is only another try. */
  const attempt = (cause: Cause): void => {
    const reasons: unknown[] = [];
    const tellReasons = (): void => {
      for (const error of reasons) if (cause !== 'again' || !told.has(wordsOf(error))) options.refused(error);
      told = new Set(reasons.map(wordsOf));
      if (reasons.length > 0 && !isKeyed) retry.later();
    };
    if (cause !== 'again') retry.never();
    let isNew = false;
    try {
      isNew = renew(cause, (error) => reasons.push(error));
    } catch (error) {
      if (isKeyed) throw error; // `sparing` tells
      reasons.push(error);
    }
    tellReasons();
    const wasAsked = cause === 'hangup' || (cause === 'change' && !isTold);
    if (isNew || (wasAsked && reasons.length === 0)) options.reloaded(current);
    isTold = false;
  };

  const retry = retrying(() => attempt('again'), { ...retryTiming, ...timing });
  const spared = sparing({
    attempt: () => attempt('change'),
    refused: options.refused,
    digest: () => digestOf(keyFiles),
    postponed,
  });
  const reload = (cause: Cause): void => (isKeyed ? spared.reload() : attempt(cause));
  const onHangup = (): void => reload('hangup');
  const watched = watchFiles({ files, seen, onChange: () => reload('change'), onTrouble: unwatched, timing });
  process.on('SIGHUP', onHangup);
  return {
    look: () => {
      if (isKeyed || factsOf(files) === lastRead) return;
      try {
        if (!renew('handshake', () => {})) return;
      } catch {
        return; // the look that follows tells
      }
      isTold = true;
      options.reloaded(current);
    },
    close: () => {
      process.off('SIGHUP', onHangup);
      spared.close();
      retry.never();
      watched.close();
      wipe(current);
    },
  };
}
