import type { Derivation } from './derivation.ts';

/** One operation that was asked of an algebra. */
export interface Operation {
  readonly operation: string;
  /** The arguments as they were given. */
  readonly input: readonly unknown[];
  readonly output: unknown;
}

/**
 * The same algebra, or derivation alone, with every operation recorded in the order in which it was asked for. The very values
 * are recorded: those of a run on octets are secret, and are wiped with the state that they belong to.
 */
export function traced<A extends Derivation<unknown>>(algebra: A, record: (operation: Operation) => void): A {
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
  return Object.fromEntries(entries) as A;
}
