import { Option } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import { changePassphrase } from '../../node/authority/keyFiles.ts';
import { chooseSuite } from '../../node/suite.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import {
  newPassphrase,
  type PassphraseOptions,
  passphraseOption,
  withPassphrases,
} from '../../node/terminal/passphrase.ts';
import { iterationsOption } from './iterations.ts';

interface ChangeOptions extends PassphraseOptions, JsonOptions {
  readonly newPassphraseFile?: string;
  readonly remove?: boolean;
  readonly iterations?: number;
}

async function runChange(file: string, options: ChangeOptions): Promise<number> {
  const { newPassphraseFile, remove = false, iterations, json } = options;
  if (remove && newPassphraseFile !== undefined)
    throw new ConfigurationError('--remove and --new-passphrase-file exclude each other');
  const after = remove ? undefined : await newPassphrase(newPassphraseFile, file);
  if (!remove && after === undefined)
    throw new ConfigurationError(`${file}: a new passphrase is needed (--new-passphrase-file), or --remove`);
  await withPassphrases(options, (access) =>
    changePassphrase({ suite: chooseSuite(), file, newPassphrase: after, iterations, ...access }),
  );
  if (json) printJson({ ok: true, key: file, encrypted: !remove });
  else print(remove ? `wrote ${file} without encryption; guard it` : `wrote ${file}, encrypted`);
  return 0;
}

/** The command `key passphrase`. */
export const changePassphraseCommand: CommandDefinition = {
  words: 'passphrase <file>',
  description: 'encrypt a key under a passphrase, or under another one',
  options: [
    new Option('--new-passphrase-file <file>', 'its first line is the new passphrase (default: asked for)'),
    new Option('--remove', 'write the key without encryption'),
    iterationsOption,
    passphraseOption('that the key has now'),
    jsonOption,
  ],
  examples: [
    'key passphrase alice.key --new-passphrase-file new',
    'key passphrase alice.key --passphrase-file new --remove',
  ],
  action: runChange,
};
