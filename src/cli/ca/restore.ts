import { restoreAuthority } from '../../node/authority/backup.ts';
import { passphraseOf } from '../../node/files/keys.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../node/terminal/passphrase.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { forceOption, keptMembers, noteKept } from './replacing.ts';

interface RestoreOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly force?: boolean;
}

async function runRestore(file: string, directory: string, options: RestoreOptions): Promise<number> {
  const { force, json } = options;
  let replaced: readonly string[] = [];
  const files = await withPassphrases(options, (access) =>
    restoreAuthority(
      { suite: suiteOf(options), directory, file, passphrase: passphraseOf(file, access), force },
      (kept) => {
        replaced = kept;
      },
    ),
  );
  if (json) printJson({ ok: true, directory, files, ...keptMembers(replaced) });
  else print(`restored ${files.join(', ')} in ${directory}`);
  noteKept(replaced);
  return 0;
}

/** The command `ca restore`. */
export const restoreCommand: CommandDefinition = {
  words: 'restore <file> <directory>',
  description: 'restore an authority from such a file',
  options: [passphraseOption('of the backup'), ...suiteOptions, forceOption, jsonOption],
  examples: ['ca restore pki.backup pki --passphrase-file backup.passphrase'],
  action: runRestore,
};
