// The commands of the packages beside this one. Where they are installed, they run them.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ForeignCommand } from '../node/terminal/command.ts';
import { note } from '../node/terminal/output.ts';

/** A package that runs commands, and the entry that exports `run`. */
interface Package {
  readonly name: string;
  readonly entry: string;
}

/** What the entry of such a package exports: it runs words, and names the program that it was given in help. */
interface Entry {
  readonly run: (words: readonly string[], program: string) => Promise<number>;
}

/** The module of a package that runs its commands: its source in a checkout, otherwise what was built. */
function moduleOf({ name, entry }: Package): string | undefined {
  const { resolve } = createRequire(import.meta.url);
  try {
    return import.meta.url.endsWith('.ts') ? join(dirname(resolve(`${name}/package.json`)), 'main.ts') : resolve(entry);
  } catch {
    return undefined;
  }
}

/** Runs words in this process. @returns the exit status, or 1 when the package is not installed */
async function handOver(to: Package, command: string, words: readonly string[], program: string): Promise<number> {
  const file = moduleOf(to);
  if (file === undefined) {
    note(`pquake: ${command} is a command of the package ${to.name}; install it: npm install ${to.name}`);
    return 1;
  }
  const { run }: Entry = await import(pathToFileURL(file).href);
  return await run(words, program);
}

const lab: Package = { name: 'pquake-lab', entry: 'pquake-lab' };
const mcp: Package = { name: 'pquake-mcp', entry: 'pquake-mcp/main' };

const labCommand = (name: string, description: string): ForeignCommand => ({
  name,
  description: `${description} (of ${lab.name})`,
  handOver: (words) => handOver(lab, name, words, 'pquake'),
});

const commands: Readonly<Record<string, ForeignCommand>> = {
  prove: labCommand('prove', 'run the models, and compare the verdicts'),
  replay: labCommand('replay', 'run a script of an adversary again'),
  vectors: labCommand('vectors', 'compute the test vectors again'),
  conformance: labCommand('conformance', 'test a live peer of any implementation'),
  mcp: {
    name: 'mcp',
    description: `Model Context Protocol between authenticated peers (of ${mcp.name})`,
    handOver: ([, ...words]) => handOver(mcp, 'mcp', words, 'pquake mcp'),
  },
};

/** A command of `pquake-lab`; or `mcp`, whose words after it are commands of `pquake-mcp`. */
export function foreignCommand(name: string): ForeignCommand {
  const found = commands[name];
  if (found === undefined) throw new TypeError(`there is no command ${name} of another package`);
  return found;
}
