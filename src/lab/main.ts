#!/usr/bin/env node
// The command line of what judges: `pquake-lab prove`, `replay`, `vectors`, `conformance`.
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../node/terminal/command.ts';
import { endQuietlyWithoutReaders } from '../node/terminal/output.ts';
import { replayCommand } from './adversary/replayCommand.ts';
import { conformanceCommands } from './conformance/runner/index.ts';
import { proveCommand } from './prove/proveCommand.ts';
import { vectorsCommand } from './vectors/vectorsCommand.ts';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

/** Runs a command of this package; `pquake` hands its own over to it. @returns the exit status */
export const run = (words: readonly string[]): Promise<number> =>
  runProgram(
    {
      name: 'pquake-lab',
      description: 'What judges PQuAKE: models, adversary, vectors, conformance.',
      version,
      commands: [proveCommand, replayCommand, vectorsCommand, conformanceCommands],
    },
    words,
  );

const [, started = ''] = process.argv;
if (started !== '' && realpathSync(started) === fileURLToPath(import.meta.url)) {
  endQuietlyWithoutReaders();
  process.exitCode = await run(process.argv.slice(2));
}
