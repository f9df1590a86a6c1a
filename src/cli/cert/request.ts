import { Option } from 'commander';
import { requestCertificate } from '../../node/authority/enrolment.ts';
import { type CommandDefinition, repeatable, required } from '../../node/terminal/command.ts';
import { note } from '../../node/terminal/output.ts';
import { passphraseOption, withPassphrases } from '../../node/terminal/passphrase.ts';
import { suiteOf } from '../../node/terminal/suite.ts';
import { type EnrolmentOptions, enrolmentOptions, tell } from './enrolmentOptions.ts';

interface RequestOptions extends EnrolmentOptions {
  readonly name: string;
  readonly san?: readonly string[];
  readonly key: string;
  readonly newKey?: boolean;
  readonly out: string;
}

async function runRequest(options: RequestOptions): Promise<number> {
  const { name, san, key, newKey, out, force } = options;
  const asked = { suite: suiteOf(options), name, uris: san, keyFile: key, newKey, requestFile: out, force };
  const { digest, keySha256 } = await withPassphrases(options, (access) => requestCertificate({ ...asked, ...access }));
  note(`public key SHA-256 ${keySha256}`);
  const written = `wrote ${out}${newKey ? ` and ${key}; guard the key` : ''}`;
  tell(options, [written, `digest ${digest}`], { request: out, digest, keySha256, ...(newKey && { key }) });
  return 0;
}

/** The command `cert request`. */
export const requestCommand: CommandDefinition = {
  words: 'request',
  description: 'ask for a certificate of a key',
  options: [
    required(new Option('--name <name>', 'common name: letters, digits, dot, dash, underscore')),
    repeatable('--san <uri>', 'URI of the subject alternative name'),
    required(new Option('--key <file>', 'the private key, PKCS#8 PEM')),
    new Option('--new-key', 'make the key, and write it there (mode 0600)'),
    required(new Option('--out <file>', 'the request to write')),
    passphraseOption(),
    ...enrolmentOptions,
  ],
  examples: [
    'cert request --name carol --key carol.key --new-key --out carol.request',
    'cert request --name carol --san https://carol.example --key carol.key --out carol.request --json',
  ],
  action: runRequest,
};
