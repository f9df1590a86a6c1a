import { Option } from 'commander';
import { rotateCredentials } from '../../node/authority/renewal.ts';
import { type CommandDefinition, parsed } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import {
  caPassphraseOptions,
  type PassphraseOptions,
  withAuthorityPassphrases,
} from '../../node/terminal/passphrase.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { parseCount } from '../../node/terminal/words.ts';
import { showing } from './toBeSigned.ts';

interface RotateOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly days?: number;
  readonly force?: boolean;
}

async function runRotate(directory: string, name: string, options: RotateOptions): Promise<number> {
  const { days, force, json } = options;
  const { show, last } = showing();
  const { certificateFile, keyFile, previous } = await withAuthorityPassphrases(options, (access) =>
    rotateCredentials({ suite: suiteOf(options), directory, name, days, force, show, ...access }),
  );
  if (json) {
    const before = { certificate: previous.certificateFile, key: previous.keyFile };
    printJson({ ok: true, certificate: certificateFile, key: keyFile, previous: before, signs: last() });
  } else print(`wrote ${certificateFile} and ${keyFile}; the pair before is ${previous.certificateFile}`);
  return 0;
}

/** The command `cert rotate`. */
export const rotateCommand: CommandDefinition = {
  words: 'rotate <directory> <name>',
  description: 'another key and certificate; the pair before stays as NAME.previous.pem and .key, and stays valid',
  options: [
    parsed('--days <n>', 'validity (default: that of the certificate before)', parseCount),
    new Option('--force', 'overwrite a previous pair whose certificate is still valid'),
    ...caPassphraseOptions,
    ...suiteOptions,
    jsonOption,
  ],
  examples: ['cert rotate pki alice'],
  action: runRotate,
};
