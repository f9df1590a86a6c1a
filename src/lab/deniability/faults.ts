// Broken simulators: a judge tells what they make from what two peers made.
import type { Algebra } from '../../algebra/algebra.ts';
import type { SharedSecret } from '../../generated/kinds.ts';
import type { SimulatorFault } from './simulator.ts';

/** Octets of a shared secret (FIPS 203). */
const secretOctets = 32;

/** Does not know the secrets of the ciphertexts that it makes for the peer, and takes a value derived from each in their place. */
export const guessing: SimulatorFault = {
  secret: <O>(a: Algebra<O>, ciphertext: O) =>
    a.expand({ prk: a.hash(ciphertext), info: a.empty, length: secretOctets }) as SharedSecret<O>,
};
