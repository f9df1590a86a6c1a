import type { Variant } from '../adversary/session.ts';
import { algebraMutants } from './algebras.ts';
import type { Mutant } from './mutant.ts';
import { readingMutants } from './readings.ts';

export type { Mutant, Own } from './mutant.ts';

/** Every broken protocol; each names one thing that the protocol needs, or that turns out not to matter. */
export const mutants: readonly Mutant[] = [...readingMutants, ...algebraMutants];

/** The protocol with one thing broken. */
export const broken = (variant: Variant, { reading, algebra }: Mutant): Variant => ({
  ...variant,
  reading: reading?.(variant.reading) ?? variant.reading,
  broken: algebra,
});
