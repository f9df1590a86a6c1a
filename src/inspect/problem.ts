/** What cannot be read: where, what was found, and what was expected. It never holds more of the input than a few octets. */
export interface Problem {
  /** Octets from the start of the file; of a key log, the line. */
  readonly at: { readonly offset: number } | { readonly line: number };
  readonly found: string;
  readonly expected: string;
}

/** A problem at an offset of a file. */
export const problemAt = (offset: number, found: string, expected: string): Problem => ({
  at: { offset },
  found,
  expected,
});

/** A problem as a line for people. */
export function describeProblem({ at, found, expected }: Problem): string {
  const where = 'offset' in at ? `offset ${at.offset}` : `line ${at.line}`;
  return `${where}: found ${found}, expected ${expected}`;
}

/** Octets of a number, as they are written in problems. */
export const hexNumber = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;
