import { Option } from 'commander';
import { renewCertificate } from '../../node/authority/renewal.ts';
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

interface RenewOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly newKey?: boolean;
  readonly days?: number;
  readonly force?: boolean;
}

async function runRenew(directory: string, name: string, options: RenewOptions): Promise<number> {
  const { newKey, days, force, json } = options;
  const { show, last } = showing();
  const { certificateFile, keyFile } = await withAuthorityPassphrases(options, (access) =>
    renewCertificate({ suite: suiteOf(options), directory, name, newKey, days, force, show, ...access }),
  );
  const written = { certificate: certificateFile, key: keyFile };
  if (json) printJson({ ok: true, ...written, newKey: newKey === true, signs: last() });
  else print(newKey ? `wrote ${certificateFile} and ${keyFile}; guard the key` : `wrote ${certificateFile}`);
  return 0;
}

/** The command `cert renew`. */
export const renewCommand: CommandDefinition = {
  words: 'renew <directory> <name>',
  description: 'issue DIRECTORY/NAME.pem again, in the last third of its validity period; the same key',
  options: [
    new Option('--new-key', 'and another key, which replaces DIRECTORY/NAME.key'),
    parsed('--days <n>', 'validity (default: that of the certificate before)', parseCount),
    new Option('--force', 'before the last third of the validity period'),
    ...caPassphraseOptions,
    ...suiteOptions,
    jsonOption,
  ],
  examples: ['cert renew pki alice', 'cert renew pki alice --new-key --force'],
  action: runRenew,
};
