// One check of a set-up, and what it found.
import { ConfigurationError } from '../../configuration.ts';
import { isSystemError, reasonOf } from '../../node/files/fileErrors.ts';

/** `look`: it works, and a person should know. `skipped`: another check has to succeed before. */
export type Standing = 'ok' | 'look' | 'wrong' | 'skipped';

export interface Finding {
  /** What was checked, in a word or two. The same in every run. */
  readonly check: string;
  readonly standing: Standing;
  /** What was found. */
  readonly found: string;
  /** What to do about it. */
  readonly todo?: string;
}

export const ok = (check: string, found: string): Finding => ({ check, standing: 'ok', found });
export const look = (check: string, found: string, todo: string): Finding => ({ check, standing: 'look', found, todo });
export const wrong = (check: string, found: string, todo: string): Finding => ({
  check,
  standing: 'wrong',
  found,
  todo,
});
export const skipped = (check: string, after: string): Finding => ({
  check,
  standing: 'skipped',
  found: `not tried: ${after} comes first`,
});

/** The value of a check that must succeed for others, with what it found. */
export interface Tried<T> {
  readonly findings: readonly Finding[];
  readonly value?: T;
}

/** The reason of an error that a set-up can cause. @throws any other error */
export function whyNot(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message;
  if (isSystemError(error)) return reasonOf(error);
  throw error;
}

/** Tries something. Errors that a set-up can cause are what it found. */
export function attempt<T>(check: string, todo: string, run: () => T): Tried<T> {
  try {
    return { findings: [], value: run() };
  } catch (error) {
    return { findings: [wrong(check, whyNot(error), todo)] };
  }
}
