import { Option } from 'commander';
import { type RevocationReason, revocationReasons } from '../../certificate/issue/issueCrl.ts';
import { revokeCertificates } from '../../node/authority/revocation.ts';
import { type CommandDefinition, UsageError } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';

interface RevokeOptions extends SuiteOptions, JsonOptions {
  readonly reason?: RevocationReason;
  readonly name?: string;
  readonly serial?: string;
  readonly force?: boolean;
}

interface Which {
  readonly which: string;
  readonly as?: 'name' | 'serial';
}

/** The one that was given of the word, --name and --serial. @throws UsageError when none or several were given */
function onlyOf(word: string | undefined, { name, serial }: RevokeOptions): Which {
  const given: Which[] = [];
  if (word !== undefined) given.push({ which: word });
  if (name !== undefined) given.push({ which: name, as: 'name' });
  if (serial !== undefined) given.push({ which: serial, as: 'serial' });
  const [which] = given;
  if (which === undefined || given.length > 1)
    throw new UsageError('expected one of: a name or serial number, --name, --serial');
  return which;
}

function runRevoke(directory: string, word: string | undefined, options: RevokeOptions): number {
  const which = onlyOf(word, options);
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

/** The command `ca revoke`. */
export const revokeCommand: CommandDefinition = {
  words: 'revoke <directory> [name|serial]',
  description:
    'record that certificates are revoked: all of a name that have not expired, or the one of a serial number',
  options: [
    ...suiteOptions,
    new Option('--name <name>', 'a name, whatever it looks like'),
    new Option('--serial <hex>', 'a serial number, whatever it looks like'),
    new Option('--reason <reason>', 'why').choices(Object.keys(revocationReasons)).default('unspecified'),
    new Option('--force', 'a serial number of which nothing is known'),
    jsonOption,
  ],
  examples: [
    'ca revoke pki alice --reason keyCompromise',
    'ca revoke pki alice.previous --reason superseded',
    'ca revoke pki --serial 4f2a0c61b7d35e8890ab12cd34ef5678',
  ],
  action: runRevoke,
};
