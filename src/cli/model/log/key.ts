import { writeFiles } from '../../../node/files/files.ts';
import { type CommandDefinition, parsed, required } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../../node/terminal/passphrase.ts';
import { newCosigner, verifierKeyText } from '../../../provenance/disk/logKeys.ts';
import { formatVerifierKey, type NoteKey } from '../../../provenance/log/keys.ts';
import { iterationsOption } from '../../key/iterations.ts';
import { withRefusals } from '../report.ts';
import { parseLogName, printPolicyLine } from './words.ts';

interface KeyOptions extends PassphraseOptions, JsonOptions {
  readonly name: string;
  readonly iterations?: number;
}

async function makeKey(file: string, options: KeyOptions): Promise<number> {
  const { name, iterations, json } = options;
  const made = await withPassphrases(options, (access): NoteKey => {
    const { key, signer, keyFile } = newCosigner(file, name, { ...access, iterations });
    signer.wipe();
    writeFiles([keyFile, { file: `${file}.vkey`, content: verifierKeyText(key), mode: 0o644 }], false);
    return key;
  });
  const verifierKey = formatVerifierKey(made);
  if (json) printJson({ ok: true, key: file, name, verifierKey });
  else {
    print(`wrote ${file} and ${file}.vkey; guard the first`);
    printPolicyLine('witness W', verifierKey);
  }
  return 0;
}

/** The command `model log key`. */
export const logKeyCommand: CommandDefinition = {
  words: 'key <file>',
  description: 'make the key of a witness (ML-DSA-44): FILE, mode 0600, and FILE.vkey for policies',
  options: [
    required(parsed('--name <name>', 'its name in checkpoints: a URL without a scheme', parseLogName)),
    iterationsOption,
    passphraseOption(),
    jsonOption,
  ],
  examples: ['model log key witness.key --name witness.example.org/w1 --passphrase-file words'],
  action: (file: string, options: KeyOptions) => withRefusals(options.json, () => makeKey(file, options)),
};
