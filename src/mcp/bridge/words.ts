import { codeOf } from '../../node/files/fileErrors.ts';

/** An error in words. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');

/** Tells that an entry was not recorded, save where the record itself told that it cannot be written: it says so once, and here each entry would. */
export const toldUnrecorded =
  (note: (line: string) => void) =>
  (error: unknown): void => {
    if (codeOf(error) !== 'record-unavailable') note(`not recorded: ${wordsOf(error)}`);
  };
