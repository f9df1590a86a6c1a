import { limits } from '../limits.ts';

/** A fault of the input: its place, the octets found, and those expected. It holds no more of the input than a few octets. */
export interface Problem {
  /** Octets from the start of the file; in a key log, the line. */
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

/** The first problems one by one, and the number of the others in a last one. */
export interface Problems {
  readonly add: (problem: Problem) => void;
  readonly all: () => readonly Problem[];
}

export function problemList(): Problems {
  const first: Problem[] = [];
  let [left, where]: [number, Problem['at'] | undefined] = [0, undefined];
  return {
    add: (problem) => {
      if (first.length < limits.inspectionLines) first.push(problem);
      else {
        where ??= problem.at;
        left += 1;
      }
    },
    all: () =>
      where === undefined ? first : [...first, { at: where, found: `${left} more problems`, expected: 'none' }],
  };
}

/** A line for each of the first of many items, and the number of the others. */
export function shortened<T>(
  things: ArrayLike<T>,
  lineOf: (thing: T) => string,
  most: number = limits.inspectionLines,
): readonly string[] {
  const shown = Array.from({ length: Math.min(things.length, most) }, (_, i) => lineOf(things[i] as T));
  const left = things.length - shown.length;
  return left === 0 ? shown : [...shown, `${left} more like the last one`];
}

/** The octets of a number, as problems show them. */
export const hexNumber = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;
