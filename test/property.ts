// fast-check with the seed of all tests. It prints the seed, and the path to a counterexample, with every failure.
import fc from 'fast-check';
import { seed } from '../properties/seed.ts';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });

export default fc;
