import { Option } from 'commander';
import { createAuthority } from '../../node/authority/pki.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import {
  authorityPassphraseOptions,
  type PassphraseOptions,
  withAuthorityPassphrases,
} from '../../node/terminal/passphrase.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { forceOption, keptMembers, noteKept } from './replacing.ts';

interface InitOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly name: string;
  readonly force?: boolean;
}

async function runInit(directory: string, options: InitOptions): Promise<number> {
  const { name, force, json } = options;
  const { certificateFile, keyFile, replaced } = await withAuthorityPassphrases(options, (access) =>
    createAuthority({ suite: suiteOf(options), directory, name, force, ...access }),
  );
  if (json) printJson({ ok: true, certificate: certificateFile, key: keyFile, ...keptMembers(replaced) });
  else print(`wrote ${certificateFile} and ${keyFile}; guard the key`);
  noteKept(replaced);
  return 0;
}

/** The command `ca init`. */
export const initCommand: CommandDefinition = {
  words: 'init <directory>',
  description: 'make an authority: DIRECTORY/ca.pem and DIRECTORY/ca.key (mode 0600)',
  options: [
    ...suiteOptions,
    ...authorityPassphraseOptions(', which encrypts it'),
    new Option('--name <name>', 'common name').default('PQuAKE CA'),
    forceOption,
    jsonOption,
  ],
  examples: ['ca init pki', "ca init pki --name 'Example CA' --ca-passphrase-file ca.passphrase"],
  action: runInit,
};
