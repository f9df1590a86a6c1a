// What errors say.

/** The code of an error. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';

/** An error in words. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');
