// `pquake cert issue`.
import type { Command } from 'commander';
import { issueCredentials } from '../../node/authority/pki.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { parseCount } from '../../node/terminal/words.ts';
import type { Guarded } from '../guarded.ts';
import { caPassphraseOption, type PassphraseOptions, passphraseOption, withPassphrases } from '../passphrase.ts';
import { showing } from './toBeSigned.ts';

interface IssueOptions extends PassphraseOptions, SuiteOptions {
  readonly days: number;
  readonly san?: readonly string[];
  readonly allowTakenNames?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

async function runIssue(directory: string, name: string, options: IssueOptions): Promise<number> {
  const { days, san, allowTakenNames: allowTaken, force, json } = options;
  const { show, last } = showing();
  const subject = { suite: suiteOf(options), directory, name, days, uris: san, allowTaken, force, show };
  const { certificateFile, keyFile } = await withPassphrases(options, (access) =>
    issueCredentials({ ...subject, ...access }),
  );
  if (json) printJson({ ok: true, certificate: certificateFile, key: keyFile, signs: last() });
  else print(`wrote ${certificateFile} and ${keyFile}; guard the key`);
  return 0;
}

/** Adds the command to `cert`. */
export function issueCommand(cert: Command, guarded: Guarded): void {
  suiteOptions(caPassphraseOption(passphraseOption(cert.command('issue <directory> <name>'))))
    .description('issue a certificate with a new key: DIRECTORY/NAME.pem and DIRECTORY/NAME.key (mode 0600)')
    .option('--days <n>', 'validity', parseCount, 365)
    .option(
      '--san <uri>',
      'URI of the subject alternative name; may be given again',
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option('--allow-taken-names', 'alternative names that another subject of the authority has')
    .option('--force', 'overwrite files that are there')
    .option('--json', 'one line of JSON on standard output')
    .addHelpText(
      'after',
      `
Examples:
  $ pquake cert issue pki alice
  $ pquake cert issue pki bob --days 30 --san spiffe://example.org/bob`,
    )
    .action((directory: string, name: string, options: IssueOptions) =>
      guarded(options.json, () => runIssue(directory, name, options)),
    );
}
