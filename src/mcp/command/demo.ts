import { Option } from 'commander';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { jsonOption } from '../../node/terminal/options.ts';
import { cryptoOption } from '../../node/terminal/suite.ts';
import type { DemoOptions } from '../demo/demo.ts';

/** The command `demo`. The module that runs it is loaded when it is used. */
export const demoCommand: CommandDefinition = {
  words: 'demo',
  description:
    'play a ward: peers, policy, a revoked certificate, a swapped tool and the record, on this machine alone',
  options: [
    cryptoOption,
    new Option('--keep <dir>', 'leave authorities, policy and records in it; it must be empty or not there'),
    new Option('--policy <file>', 'another policy than that of the example: what differs under it is marked'),
    jsonOption,
  ],
  notes: '\nExit status: 0 when every step went as told, 1 when not.',
  examples: ['demo', 'demo --keep ward --json'],
  action: async (options: DemoOptions) => (await import('../demo/demo.ts')).runDemo(options),
};
