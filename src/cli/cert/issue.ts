import { Option } from 'commander';
import { issueCredentials } from '../../node/authority/pki.ts';
import { issueSigner } from '../../node/authority/signers.ts';
import { type CommandDefinition, parsed, repeatable, UsageError } from '../../node/terminal/command.ts';
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

interface IssueOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly days: number;
  readonly san?: readonly string[];
  readonly allowTakenNames?: boolean;
  readonly force?: boolean;
  readonly signer?: boolean;
  readonly compact?: boolean;
  readonly publicKey?: string;
}

async function runIssue(directory: string, name: string, options: IssueOptions): Promise<number> {
  const { days, san, allowTakenNames: allowTaken, force, publicKey: publicKeyFile, compact, json } = options;
  const isSigner = options.signer || publicKeyFile !== undefined;
  if (isSigner && compact) throw new UsageError('--compact is for certificates of handshakes, not for signers');
  const { show, last } = showing();
  const subject = { suite: suiteOf(options), directory, name, days, uris: san, allowTaken, force, show };
  const { certificateFile, keyFile } = await withAuthorityPassphrases(options, (access) =>
    isSigner
      ? issueSigner({ ...subject, ...access, publicKeyFile })
      : issueCredentials({ ...subject, ...access, compact }),
  );
  const key = publicKeyFile ?? keyFile;
  if (json) printJson({ ok: true, certificate: certificateFile, key, signs: last() });
  else if (publicKeyFile !== undefined) print(`wrote ${certificateFile}, for the key in ${publicKeyFile}`);
  else print(`wrote ${certificateFile} and ${keyFile}; guard the key`);
  return 0;
}

/** The command `cert issue`. */
export const issueCommand: CommandDefinition = {
  words: 'issue <directory> <name>',
  description: 'issue a certificate with a new key: DIRECTORY/NAME.pem and DIRECTORY/NAME.key (mode 0600)',
  options: [
    ...caPassphraseOptions,
    ...suiteOptions,
    parsed('--days <n>', 'validity', parseCount, 365),
    repeatable('--san <uri>', 'URI of the subject alternative name'),
    new Option('--signer', 'for a key that signs models and statements (ML-DSA), not for handshakes'),
    new Option('--compact', 'leave out the key identifiers, which peers here do not need: 64 octets fewer'),
    new Option('--public-key <file>', 'certify this public key of a signer, and make none'),
    new Option('--allow-taken-names', 'alternative names that another subject of the authority has'),
    new Option('--force', 'overwrite files that are there'),
    jsonOption,
  ],
  examples: [
    'cert issue pki alice',
    'cert issue pki bob --days 30 --san spiffe://example.org/bob',
    'cert issue pki release --signer',
  ],
  action: runIssue,
};
