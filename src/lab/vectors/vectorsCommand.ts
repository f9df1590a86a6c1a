// The words of `pquake-lab vectors`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import type { CommandDefinition } from '../../node/terminal/command.ts';

const published = 'spec/vectors/v1';

/** The vectors of the current directory, if it has any, else those of the package. */
const vectorsHere = (): string =>
  existsSync(published) ? published : fileURLToPath(new URL(`../../../${published}`, import.meta.url));

/** The vectors of the proposals stand beside the published ones; another directory has none. */
const proposalsBeside = (directory: string): string | undefined =>
  directory === vectorsHere() ? join(directory, '../proposals') : undefined;

/** The command `vectors`. The code that computes them is loaded when it is used. */
export const vectorsCommand: CommandDefinition = {
  words: 'vectors',
  description: 'compute the test vectors again, and write those that differ',
  options: [
    new Option('--directory <directory>', 'where they are').default(vectorsHere()),
    new Option('--check', 'write nothing; status 1 when one differs'),
  ],
  examples: ['vectors --check'],
  action: async (options: { directory: string; check?: boolean }) => {
    const { runVectors } = await import('./vectors.ts');
    return runVectors({ ...options, proposals: proposalsBeside(options.directory) });
  },
};
