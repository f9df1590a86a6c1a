import { Option } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import { backUpAuthority } from '../../node/authority/backup.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { newPassphrase, type PassphraseOptions, passphraseOption } from '../../node/terminal/passphrase.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';

interface BackupOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly force?: boolean;
}

async function runBackup(directory: string, file: string, options: BackupOptions): Promise<number> {
  const { passphraseFile, force, json } = options;
  const passphrase = await newPassphrase(passphraseFile, file);
  if (passphrase === undefined)
    throw new ConfigurationError(`${file}: a backup needs a passphrase (--passphrase-file)`);
  const files = backUpAuthority({ suite: suiteOf(options), directory, file, passphrase, force });
  if (json) printJson({ ok: true, backup: file, files });
  else print(`wrote ${file}: ${files.join(', ')}`);
  return 0;
}

/** The command `ca backup`. */
export const backupCommand: CommandDefinition = {
  words: 'backup <directory> <file>',
  description: 'write the authority to one encrypted file: ca.key, ca.pem, ca.json, ca.crl',
  options: [
    passphraseOption('of the backup'),
    ...suiteOptions,
    new Option('--force', 'overwrite a file that is there'),
    jsonOption,
  ],
  examples: ['ca backup pki pki.backup --passphrase-file backup.passphrase'],
  action: runBackup,
};
