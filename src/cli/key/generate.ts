import { Option } from 'commander';
import { generateKeyFile } from '../../node/authority/keyFiles.ts';
import { type CommandDefinition, required } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../node/terminal/passphrase.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { iterationsOption } from './iterations.ts';

interface GenerateOptions extends PassphraseOptions, SuiteOptions, JsonOptions {
  readonly out: string;
  readonly signature?: boolean;
  readonly iterations?: number;
  readonly force?: boolean;
}

async function runGenerate(options: GenerateOptions): Promise<number> {
  const { out: file, signature, iterations, force, json } = options;
  const publicKeySha256 = await withPassphrases(options, (access) =>
    generateKeyFile({ suite: suiteOf(options), file, signature, iterations, force, ...access }),
  );
  if (json) printJson({ ok: true, key: file, publicKeySha256 });
  else print(`wrote ${file}; guard it`);
  return 0;
}

/** The command `key generate`. */
export const generateCommand: CommandDefinition = {
  words: 'generate',
  description: 'make a key in a file of PKCS#8 (mode 0600): ML-KEM-1024, of a peer',
  options: [
    required(new Option('--out <file>', 'where to')),
    new Option('--signature', 'ML-DSA-87, of an authority'),
    iterationsOption,
    new Option('--force', 'overwrite a file that is there'),
    passphraseOption(),
    ...suiteOptions,
    jsonOption,
  ],
  examples: ['key generate --out alice.key --passphrase-file alice.passphrase'],
  action: runGenerate,
};
