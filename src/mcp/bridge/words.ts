// What errors say.

/** The code of an error. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'internal';

/** An error in words. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');

/** Tells that an entry was not recorded, save where the record itself told that it cannot be written: it says so once, and here each entry would. */
export const toldUnrecorded =
  (note: (line: string) => void) =>
  (error: unknown): void => {
    if (codeOf(error) !== 'record-unavailable') note(`not recorded: ${wordsOf(error)}`);
  };
