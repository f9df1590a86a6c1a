import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/order.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^pquake$/, replacement: source('./src/index.ts') },
      { find: /^pquake\/node$/, replacement: source('./src/node/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'properties/**/*.test.ts'],
    sequence: { sequencer: LongFirst },
    maxWorkers: '100%', // by default one core is left idle: on two cores half of the machine
    globalSetup: source('./test/place.ts'),
    setupFiles: source('./test/worker.ts'),
    // Only what hangs reaches them, on a busy machine too.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    passWithNoTests: false,
    coverage: {
      provider: 'v8',
      // The core has thresholds, and is measured by its own tests: a measured run takes nearly twice the time.
      include: ['src/{wire,protocol,algebra}/**/*.ts'],
      reporter: ['text', 'json-summary'],
      thresholds: {
        'src/wire/**': { lines: 95, branches: 95 },
        'src/protocol/**': { lines: 95, branches: 95 },
        'src/algebra/**': { lines: 95, branches: 95 },
      },
    },
  },
});
