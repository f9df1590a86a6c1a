import { readFileSync } from 'node:fs';
import { type ProgramDefinition, runProgram } from '../node/terminal/command.ts';
import { caCommands } from './ca/index.ts';
import { certCommands } from './cert/index.ts';
import { demoCommand } from './demo/command.ts';
import { inspectCommand } from './inspect/command.ts';
import { keyCommands } from './key/index.ts';
import { modelCommands } from './model/index.ts';
import { labCommands, mcpCommand } from './packages.ts';
import { connectCommand } from './peers/connect.ts';
import { serveCommand } from './peers/serve.ts';
import { tunnelCommand } from './peers/tunnel.ts';
import { pskCommands } from './psk/index.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Lists commands under a heading of the help. */
const under = (heading: string, commands: ProgramDefinition['commands']): ProgramDefinition['commands'] =>
  commands.map((command) => Object.assign({}, command, { heading }));

/** The program `pquake`. */
export const program: ProgramDefinition = {
  name: 'pquake',
  description: 'Post-quantum authenticated key exchange (PQuAKE).',
  version,
  commands: [
    ...under('Peers:', [serveCommand, connectCommand, tunnelCommand, mcpCommand, demoCommand]),
    ...under('Authority:', [caCommands, certCommands]),
    ...under('Keys:', [keyCommands, pskCommands]),
    ...under('Models:', [modelCommands]),
    ...under('Recordings:', [inspectCommand]),
    ...under('Research:', labCommands),
  ],
};

/** Runs the command line `pquake`. @returns the exit status: 0, 1 for a failure, 2 for wrong usage */
export const run = (words: readonly string[]): Promise<number> => runProgram(program, words);
