// The words of `pquake-lab vectors`.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import type { CommandDefinition } from '../../node/terminal/command.ts';

const published = 'spec/vectors/v1';

/** The vectors of the current directory, if it has any, else those of the package. */
const vectorsHere = (): string =>
  existsSync(published) ? published : fileURLToPath(new URL(`../../../${published}`, import.meta.url));

/** The command `vectors`. The code that computes them is loaded when it is used. */
export const vectorsCommand: CommandDefinition = {
  words: 'vectors',
  description: 'compute the test vectors again, and write those that differ',
  options: [
    new Option('--directory <directory>', 'where they are').default(vectorsHere()),
    new Option('--check', 'write nothing; status 1 when one differs'),
  ],
  examples: ['vectors --check'],
  action: async (options: { directory: string; check?: boolean }) => (await import('./vectors.ts')).runVectors(options),
};
