#!/usr/bin/env node
// The command line of the lab: `pquake-lab prove`, `lattice`, `replay`, `vectors`, `conformance`.
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onFileWarning } from '../node/files/fileWarnings.ts';
import { runProgram } from '../node/terminal/command.ts';
import { handleLostOutput, note } from '../node/terminal/output.ts';
import { replayCommand } from './adversary/replayCommand.ts';
import { conformanceCommands } from './conformance/runner/index.ts';
import { latticeCommand } from './lattice/latticeCommand.ts';
import { proveCommand } from './prove/proveCommand.ts';
import { vectorsCommand } from './vectors/vectorsCommand.ts';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

/**
 * Runs a command of this package. `pquake`, which hands words over, gives its own name for the help.
 * @returns the exit status
 */
export async function run(words: readonly string[], name = 'pquake-lab'): Promise<number> {
  onFileWarning((message) => note(`pquake: warning: ${message}`));
  const commands = [proveCommand, latticeCommand, replayCommand, vectorsCommand, conformanceCommands];
  const description = 'Judges PQuAKE: models, adversary, vectors, conformance.';
  return await runProgram({ name, description, version, commands }, words);
}

const [, started = ''] = process.argv;
if (started !== '' && realpathSync(started) === fileURLToPath(import.meta.url)) {
  handleLostOutput();
  process.exitCode = await run(process.argv.slice(2));
}
