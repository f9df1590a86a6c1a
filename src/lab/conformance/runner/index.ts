// The commands of `pquake conformance`. The code that runs the cases is loaded when one of them is used.

import { Option } from 'commander';
import type { CommandDefinition, CommandGroup } from '../../../node/terminal/command.ts';
import type { Role } from '../../../role.ts';
import { type ConformanceOptions, crypto, type InitOptions, rules, runOptions } from './options.ts';

/** The code that runs the commands, loaded on demand. */
interface Actions {
  readonly run: (role: Role, options: ConformanceOptions) => Promise<number>;
  readonly init: (directory: string, options: InitOptions) => Promise<number>;
}

const actions: Actions = {
  run: async (role, options) => (await import('./command.ts')).runConformance(role, options),
  init: async (directory, options) => (await import('./command.ts')).runInit(directory, options),
};

function tests(role: Role): CommandDefinition {
  const own = role === 'responder' ? 'serve --listen 127.0.0.1:{port} --once' : 'connect 127.0.0.1:{port}';
  const files = '--cert {cert} --key {key} --ca {ca} --psk-file {pskfile} --expect {expect}';
  const running = role === 'responder' ? '--address 192.0.2.1:4433' : '--listen 192.0.2.1:4433';
  return {
    words: role,
    description: `test ${role === 'responder' ? 'a responder' : 'an initiator'}`,
    options: runOptions(role),
    notes: rules,
    examples: [
      `conformance ${role} --spawn 'pquake ${own} ${files}'`,
      `conformance ${role} ${running} --pki peer-pki --psk --json`,
    ],
    action: (options: ConformanceOptions) => actions.run(role, options),
  };
}

/** The commands `conformance responder`, `conformance initiator` and `conformance init`. */
export const conformanceCommands: CommandGroup = {
  name: 'conformance',
  description: 'test a live peer of any implementation over TCP',
  commands: [
    tests('responder'),
    tests('initiator'),
    {
      words: 'init <directory>',
      description: 'write keys, certificates and a secret for a peer that runs already',
      options: [new Option('--force', 'overwrite what is there'), crypto()],
      examples: ['conformance init peer-pki'],
      action: (directory: string, options: InitOptions) => actions.init(directory, options),
    },
  ],
};
