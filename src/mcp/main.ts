#!/usr/bin/env node
// The command line of the package: `pquake-mcp serve`, `connect` and so on; `pquake mcp` hands over to it.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onFileWarning } from '../node/files/fileWarnings.ts';
import { runProgram } from '../node/terminal/command.ts';
import { handleLostOutput, note } from '../node/terminal/output.ts';
import { commands } from './command/index.ts';
import { version } from './version.ts';

/**
 * Runs a command of this package. `pquake`, which hands words over, gives its own name for the help.
 * @returns the exit status
 */
export async function run(words: readonly string[], name = 'pquake-mcp'): Promise<number> {
  onFileWarning((message) => note(`pquake: warning: ${message}`));
  const description = 'Model Context Protocol between peers that PQuAKE authenticates.';
  return await runProgram({ name, description, version, commands }, words);
}

const [, started = ''] = process.argv;
if (started !== '' && realpathSync(started) === fileURLToPath(import.meta.url)) {
  handleLostOutput();
  process.exitCode = await run(process.argv.slice(2));
}
