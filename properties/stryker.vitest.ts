import { defineConfig } from 'vitest/config';
import base from '../vitest.config.ts';

// The fast tests of the rooms that Stryker mutates. Named here and not as `testFiles` of stryker.config.json: with that
// option Stryker activates a mutant only after the modules were loaded, and every mutant of a constant survives.
const tests = [
  'test/protocol/**/*.test.ts',
  'test/handshake/{byHand,handshake}.test.ts',
  'test/wire/**/*.test.ts',
  'test/certificate/**/*.test.ts',
  'test/channel/**/*.test.ts',
  'test/secrets/channel.test.ts',
  'properties/refinement.test.ts',
];

export default defineConfig({ ...base, test: { ...base.test, include: tests } });
