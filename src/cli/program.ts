import { readFileSync } from 'node:fs';
import { runProgram } from '../node/terminal/command.ts';
import { caCommands } from './ca/index.ts';
import { certCommands } from './cert/index.ts';
import { demoCommand } from './demo/command.ts';
import { inspectCommand } from './inspect/command.ts';
import { keyCommands } from './key/index.ts';
import { labCommands } from './lab.ts';
import { connectCommand } from './peers/connect.ts';
import { serveCommand } from './peers/serve.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Runs the command line `pquake`. @returns the exit status: 0, 1 for a failure, 2 for wrong usage */
export const run = (words: readonly string[]): Promise<number> =>
  runProgram(
    {
      name: 'pquake',
      description: 'Post-quantum authenticated key exchange (PQuAKE).',
      version,
      commands: [
        caCommands,
        certCommands,
        keyCommands,
        serveCommand,
        connectCommand,
        demoCommand,
        ...labCommands,
        inspectCommand,
      ],
    },
    words,
  );
