// The words of `pquake conformance`. What runs the cases is loaded when one of its commands is used.
import type { Command } from 'commander';
import type { Role } from '../../../protocol/parameters.ts';
import { type ConformanceOptions, crypto, type InitOptions, runOptions } from './options.ts';

/** What runs the commands; loaded when it is needed. */
interface Actions {
  readonly run: (role: Role, options: ConformanceOptions) => Promise<number>;
  readonly init: (directory: string, options: InitOptions) => Promise<number>;
}

const actions: Actions = {
  run: async (role, options) => (await import('./command.ts')).runConformance(role, options),
  init: async (directory, options) => (await import('./command.ts')).runInit(directory, options),
};

/** Adds `pquake conformance` to the program. */
export function addConformance(
  program: Command,
  guarded: (json: boolean | undefined, action: () => Promise<number>) => Promise<void>,
): void {
  const conformance = program.command('conformance').description('test a live peer of any implementation over TCP');
  const serve = 'pquake serve --listen 127.0.0.1:{port} --once';
  const files = '--cert {cert} --key {key} --ca {ca} --psk-file {pskfile} --expect anyone';
  for (const role of ['responder', 'initiator'] as const) {
    const peer = role === 'responder' ? serve : 'pquake connect 127.0.0.1:{port}';
    const running = role === 'responder' ? '--address 192.0.2.1:4433' : '--listen 192.0.2.1:4433';
    runOptions(
      conformance.command(role).description(`test ${role === 'responder' ? 'a responder' : 'an initiator'}`),
      role,
    )
      .addHelpText(
        'after',
        `\nExamples:\n  $ pquake conformance ${role} --spawn '${peer} ${files}'\n  $ pquake conformance ${role} ${running} --pki pki --psk --json`,
      )
      .action((options: ConformanceOptions) => guarded(options.json, () => actions.run(role, options)));
  }
  conformance
    .command('init <directory>')
    .description('write keys, certificates and a secret for a peer that runs already')
    .option('--force', 'overwrite what is there')
    .addOption(crypto())
    .addHelpText('after', '\nExamples:\n  $ pquake conformance init pki')
    .action((directory: string, options: InitOptions) => guarded(false, () => actions.init(directory, options)));
}
