import { wipe } from './octets.ts';

/** Secret octets that no log, error, JSON or inspection shows. */
export interface Concealed {
  /** The octets themselves: the caller's to guard. */
  readonly reveal: () => Uint8Array;
  /** Overwrites them with zeros. */
  readonly wipe: () => void;
  readonly toString: () => string;
  readonly toJSON: () => string;
}

/** Conceals octets: they stand in a closure, so that printing the object shows only how many they are. */
export function conceal(octets: Uint8Array): Concealed {
  const shown = (): string => `[secret, ${octets.length} octets]`;
  return Object.freeze({
    reveal: () => octets,
    wipe: () => wipe(octets),
    toString: shown,
    toJSON: shown,
    [Symbol.for('nodejs.util.inspect.custom')]: shown,
  });
}
