import { type CommandDefinition, parsed, required } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../../node/terminal/passphrase.ts';
import { initLog } from '../../../provenance/disk/logFiles.ts';
import { formatVerifierKey } from '../../../provenance/log/keys.ts';
import { iterationsOption } from '../../key/iterations.ts';
import { withRefusals } from '../report.ts';
import { keyOption, parseLogName, printPolicyLine } from './words.ts';

interface InitOptions extends PassphraseOptions, JsonOptions {
  readonly origin: string;
  readonly key: string;
  readonly iterations?: number;
}

async function makeLog(directory: string, options: InitOptions): Promise<number> {
  const { origin, key: keyFile, iterations, json } = options;
  const key = await withPassphrases(options, (access) =>
    initLog({ directory, origin, keyFile, access: { ...access, iterations } }),
  );
  const verifierKey = formatVerifierKey(key);
  if (json) printJson({ ok: true, log: directory, origin, key: keyFile, verifierKey });
  else {
    print(`wrote ${directory}, a log without entries, and ${keyFile}; guard it`);
    printPolicyLine('log', verifierKey);
  }
  return 0;
}

/** The command `model log init`. */
export const logInitCommand: CommandDefinition = {
  words: 'init <directory>',
  description: 'make an append-only log of bundles, which any web server can serve (C2SP tlog-tiles)',
  options: [
    required(parsed('--origin <name>', 'its name in checkpoints and policies: a URL without a scheme', parseLogName)),
    required(keyOption('where its private key goes (ML-DSA-44, mode 0600): outside of the directory')),
    iterationsOption,
    passphraseOption(),
    jsonOption,
  ],
  examples: ['model log init log --origin example.com/models --key log.key --passphrase-file words'],
  action: (directory: string, options: InitOptions) => withRefusals(options.json, () => makeLog(directory, options)),
};
