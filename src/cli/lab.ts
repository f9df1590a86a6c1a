// What judges is a package of its own: its commands are handed over to it, where it is installed.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { note } from '../node/terminal/output.ts';

const labPackage = 'pquake-lab';

/** The commands of the package, and what each does. */
export const labCommands: Readonly<Record<string, string>> = {
  prove: 'run the models, and compare the verdicts',
  replay: 'run a script of an adversary again',
  vectors: 'compute the test vectors again',
  conformance: 'test a live peer of any implementation',
};

/** What runs its commands: built in the package, a source in a checkout, as this file is. */
function entryFrom(place: string): string | undefined {
  try {
    const { resolve } = createRequire(place);
    return import.meta.url.endsWith('.ts')
      ? join(dirname(resolve(`${labPackage}/package.json`)), 'main.ts')
      : resolve(labPackage);
  } catch {
    return undefined;
  }
}

/** Hands a command over, in this process. @returns its exit status, or 1 when the package is not installed */
export async function handOver(words: readonly string[]): Promise<number> {
  const entry = entryFrom(import.meta.url) ?? entryFrom(join(process.cwd(), 'package.json'));
  if (entry === undefined) {
    note(`pquake: ${words[0]} is a command of the package ${labPackage}; install it: npm install ${labPackage}`);
    return 1;
  }
  const { run }: { run: (words: readonly string[]) => Promise<number> } = await import(pathToFileURL(entry).href);
  return await run(words);
}
