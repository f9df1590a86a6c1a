import { Option } from 'commander';
import { respondToChallenge } from '../../node/authority/enrolment.ts';
import { type CommandDefinition, required } from '../../node/terminal/command.ts';
import { passphraseOption, withPassphrases } from '../../node/terminal/passphrase.ts';
import { suiteOf } from '../../node/terminal/suite.ts';
import { type EnrolmentOptions, enrolmentOptions, tell } from './enrolmentOptions.ts';

interface RespondOptions extends EnrolmentOptions {
  readonly request: string;
  readonly key: string;
  readonly out: string;
  readonly ca?: string;
}

async function runRespond(challengeFile: string, options: RespondOptions): Promise<number> {
  const { request, key, out, ca, force } = options;
  const files = { challengeFile, requestFile: request, keyFile: key, responseFile: out, authorityFile: ca };
  await withPassphrases(options, (access) =>
    respondToChallenge({ suite: suiteOf(options), ...access, ...files, force }),
  );
  tell(options, [`wrote ${out}`], { response: out });
  return 0;
}

/** The command `cert respond`. */
export const respondCommand: CommandDefinition = {
  words: 'respond <challenge>',
  description: 'prove to the authority that one holds the key',
  options: [
    required(new Option('--request <file>', 'one’s own copy of the request')),
    required(new Option('--key <file>', 'the private key, PKCS#8 PEM')),
    new Option('--ca <file>', 'answer this authority only: its certificate, PEM'),
    required(new Option('--out <file>', 'the response to write')),
    passphraseOption(),
    ...enrolmentOptions,
  ],
  examples: [
    'cert respond carol.challenge --request carol.request --key carol.key --out carol.response',
    'cert respond carol.challenge --request carol.request --key carol.key --ca ca.pem --out carol.response --json',
  ],
  action: runRespond,
};
