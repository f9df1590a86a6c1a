import type { Algebra } from './algebra.ts';

/** One operation that was asked of an algebra. */
export interface Operation {
  readonly operation: string;
  /** The arguments as they were given. */
  readonly input: readonly unknown[];
  readonly output: unknown;
}

/**
 * The same algebra, with every operation recorded in the order in which the state machines asked for it. What is recorded are
 * the very values: of a run on octets they are secret, and are wiped with the state that they belong to.
 */
export function traced<O>(algebra: Algebra<O>, record: (operation: Operation) => void): Algebra<O> {
  const observe = (operation: string, ask: (...input: readonly unknown[]) => unknown) => {
    return (...input: readonly unknown[]): unknown => {
      const output = ask(...input);
      record({ operation, input, output });
      return output;
    };
  };
  const entries = Object.entries(algebra).map(([name, value]) =>
    name === 'empty' ? [name, value] : [name, observe(name, value)],
  );
  return Object.fromEntries(entries);
}
