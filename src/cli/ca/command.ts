// `pquake ca revoke`, `crl`, `backup` and `restore`.

import { type Command, Option } from 'commander';
import { type RevocationReason, revocationReasons } from '../../certificate/issue/issueCrl.ts';
import { ConfigurationError } from '../../configuration.ts';
import { backUpAuthority, restoreAuthority } from '../../node/authority/backup.ts';
import { revokeCertificates, writeRevocationList } from '../../node/authority/revocation.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { parseCount } from '../../node/terminal/words.ts';
import type { Guarded } from '../guarded.ts';
import { newPassphrase, type PassphraseOptions, passphraseOption, withPassphrases } from '../passphrase.ts';

interface CommonOptions extends PassphraseOptions, SuiteOptions {
  readonly force?: boolean;
  readonly json?: boolean;
}

interface RevokeOptions extends CommonOptions {
  readonly reason?: RevocationReason;
  readonly name?: string;
  readonly serial?: string;
}

interface Which {
  readonly which: string;
  readonly as?: 'name' | 'serial';
}

/** The only one that is given of word, --name and --serial. */
function onlyOf(word: string | undefined, { name, serial }: RevokeOptions): Which | undefined {
  const given: Which[] = [];
  if (word !== undefined) given.push({ which: word });
  if (name !== undefined) given.push({ which: name, as: 'name' });
  if (serial !== undefined) given.push({ which: serial, as: 'serial' });
  return given.length === 1 ? given[0] : undefined;
}

function runRevoke(directory: string, which: Which, options: RevokeOptions): number {
  const { reason, force, json } = options;
  const { revoked, before } = revokeCertificates({ suite: suiteOf(options), directory, ...which, reason, force });
  if (json) printJson({ ok: true, revoked, before });
  else {
    for (const serial of revoked) print(`revoked ${serial}`);
    for (const serial of before) print(`${serial} was revoked before`);
    if (revoked.length > 0) print('peers learn of it from the next list: pquake ca crl');
  }
  return 0;
}

async function runCrl(directory: string, options: CommonOptions & { readonly days: number }): Promise<number> {
  const { days, json } = options;
  const { file, crlNumber, nextUpdate, entries } = await withPassphrases(options, (access) =>
    writeRevocationList({ suite: suiteOf(options), directory, days, ...access }),
  );
  if (json) printJson({ ok: true, crl: file, number: crlNumber, nextUpdate: nextUpdate.toISOString(), entries });
  else print(`wrote ${file}: number ${crlNumber}, ${entries} revoked, next until ${nextUpdate.toISOString()}`);
  return 0;
}

async function runBackup(directory: string, file: string, options: CommonOptions): Promise<number> {
  const { passphraseFile, force, json } = options;
  const passphrase = await newPassphrase(passphraseFile, file);
  if (passphrase === undefined)
    throw new ConfigurationError(`${file}: a backup needs a passphrase (--passphrase-file)`);
  const files = backUpAuthority({ suite: suiteOf(options), directory, file, passphrase, force });
  if (json) printJson({ ok: true, backup: file, files });
  else print(`wrote ${file}: ${files.join(', ')}`);
  return 0;
}

async function runRestore(file: string, directory: string, options: CommonOptions): Promise<number> {
  const { force, json } = options;
  const files = await withPassphrases(options, ({ passphrase }) => {
    const given = typeof passphrase === 'function' ? passphrase(file) : passphrase;
    return restoreAuthority({ suite: suiteOf(options), directory, file, passphrase: given, force });
  });
  if (json) printJson({ ok: true, directory, files });
  else print(`restored ${files.join(', ')} in ${directory}`);
  return 0;
}

const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ pquake ${line}`).join('\n')}`);

/** Adds the commands to `ca`. */
export function authorityCommands(ca: Command, guarded: Guarded): void {
  const revoke = suiteOptions(ca.command('revoke <directory> [name|serial]'))
    .description(
      'record that certificates are revoked: all of a name that have not expired, or the one of a serial number',
    )
    .option('--name <name>', 'a name, whatever it looks like')
    .option('--serial <hex>', 'a serial number, whatever it looks like')
    .addOption(new Option('--reason <reason>', 'why').choices(Object.keys(revocationReasons)).default('unspecified'))
    .option('--force', 'a serial number of which nothing is known')
    .option('--json', 'one line of JSON on standard output')
    .action((directory: string, word: string | undefined, options: RevokeOptions) => {
      const which = onlyOf(word, options);
      if (which === undefined) return revoke.error('error: expected one of: a name or serial number, --name, --serial');
      return guarded(options.json, () => runRevoke(directory, which, options));
    });
  examples(
    revoke,
    'ca revoke pki alice --reason keyCompromise',
    'ca revoke pki alice.previous --reason superseded',
    'ca revoke pki --serial 4f2a0c61b7d35e8890ab12cd34ef5678',
  );
  const crl = ca
    .command('crl <directory>')
    .description('write DIRECTORY/ca.crl, the list of all revoked certificates')
    .option('--days <n>', 'until the next list', parseCount, 7)
    .option('--json', 'one line of JSON on standard output')
    .action((directory: string, options: CommonOptions & { days: number }) =>
      guarded(options.json, () => runCrl(directory, options)),
    );
  examples(suiteOptions(passphraseOption(crl, 'of the key of the authority')), 'ca crl pki --days 30');
  const backup = ca
    .command('backup <directory> <file>')
    .description('write the authority to one encrypted file: ca.key, ca.pem, ca.json, ca.crl')
    .option('--force', 'overwrite a file that is there')
    .option('--json', 'one line of JSON on standard output')
    .action((directory: string, file: string, options: CommonOptions) =>
      guarded(options.json, () => runBackup(directory, file, options)),
    );
  examples(
    suiteOptions(passphraseOption(backup, 'of the backup')),
    'ca backup pki pki.backup --passphrase-file backup.passphrase',
  );
  const restore = ca
    .command('restore <file> <directory>')
    .description('restore an authority from such a file')
    .option('--force', 'overwrite files that are there')
    .option('--json', 'one line of JSON on standard output')
    .action((file: string, directory: string, options: CommonOptions) =>
      guarded(options.json, () => runRestore(file, directory, options)),
    );
  examples(
    suiteOptions(passphraseOption(restore, 'of the backup')),
    'ca restore pki.backup pki --passphrase-file backup.passphrase',
  );
}
