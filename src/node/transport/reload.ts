// When serve reads its files again: not twice what was refused, and ever later while encrypted keys are refused.
import { createHash } from 'node:crypto';
import { readTexts } from '../files/files.ts';
import { PassphraseError } from '../files/keys.ts';

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

/** What is tried, and who is told. */
export interface Attempts {
  /** Throws what was wrong. */
  readonly attempt: () => void;
  /** Of all that decides whether a key opens. */
  readonly digest: () => string;
  /** Told why nothing was reloaded. */
  readonly refused: (error: unknown) => void;
  /** Told in how many milliseconds it is tried. */
  readonly postponed: (wait: number) => void;
  /** Milliseconds of a clock that only goes on. */
  readonly now?: () => number;
}

/**
 * Makes of an attempt one that is made as often as is good: who can change the file of an encrypted key may learn something
 * of it from every answer. What was refused for its key is not tried again before it changes, whatever it was meanwhile; and
 * after each such refusal nothing is tried for twice as long as after the one before, up to a minute.
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
