// The commands of the package pquake-lab. Where it is installed, it runs them.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ForeignCommand } from '../node/terminal/command.ts';
import { note } from '../node/terminal/output.ts';

const labPackage = 'pquake-lab';

/** The module of the package that runs its commands: its source in a checkout, otherwise what was built. */
function entry(): string | undefined {
  const { resolve } = createRequire(import.meta.url);
  try {
    return import.meta.url.endsWith('.ts')
      ? join(dirname(resolve(`${labPackage}/package.json`)), 'main.ts')
      : resolve(labPackage);
  } catch {
    return undefined;
  }
}

/** Runs a command of the package in this process. @returns its exit status, or 1 when the package is not installed */
async function handOver(words: readonly string[]): Promise<number> {
  const file = entry();
  if (file === undefined) {
    note(`pquake: ${words[0]} is a command of the package ${labPackage}; install it: npm install ${labPackage}`);
    return 1;
  }
  const lab: { readonly run: (words: readonly string[], name: string) => Promise<number> } = await import(
    pathToFileURL(file).href
  );
  return await lab.run(words, 'pquake');
}

const command = (name: string, description: string): ForeignCommand => ({
  name,
  description: `${description} (of ${labPackage})`,
  handOver,
});

/** The commands of the package. */
export const labCommands: readonly ForeignCommand[] = [
  command('prove', 'run the models, and compare the verdicts'),
  command('replay', 'run a script of an adversary again'),
  command('vectors', 'compute the test vectors again'),
  command('conformance', 'test a live peer of any implementation'),
];
