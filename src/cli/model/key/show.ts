// `pquake model key show`: the algorithm and the identifier of a key; nothing secret.
import { Argument } from 'commander';
import { limits } from '../../../limits.ts';
import { readTexts } from '../../../node/files/files.ts';
import type { CommandDefinition } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../../node/terminal/passphrase.ts';
import type { VerifyingKey } from '../../../provenance/contract.ts';
import { readSigningKey, readVerifyingKeyText } from '../../../provenance/keys/files.ts';
import { algorithmTable } from '../../../provenance/signature/algorithms.ts';

interface ShowOptions extends PassphraseOptions, JsonOptions {}

/** The public key of a file, or of the private key in it. */
async function publicKeyOf(file: string, options: ShowOptions): Promise<VerifyingKey> {
  const [text = ''] = readTexts([{ file, most: limits.keyFile }]);
  if (!text.includes('PRIVATE KEY-----')) return readVerifyingKeyText(file, text);
  const key = await withPassphrases(options, (access) => readSigningKey(file, access));
  key.wipe();
  return key.publicKey;
}

async function runShow(file: string, options: ShowOptions): Promise<number> {
  const { algorithm, identifier } = await publicKeyOf(file, options);
  if (options.json) printJson({ ok: true, key: file, algorithm, identifier });
  else {
    print(`algorithm   ${algorithm} (${algorithmTable[algorithm].title})`);
    print(`identifier  ${identifier}`);
  }
  return 0;
}

/** The command `model key show`. */
export const showKeyCommand: CommandDefinition = {
  words: 'show',
  arguments: [new Argument('<file>', 'a public or a private key that signs models, PEM')],
  description: 'say the algorithm and the identifier of a key; nothing secret',
  options: [passphraseOption('of the key, when it is private and encrypted'), jsonOption],
  notes: '\nmodel policy explain --signer and trust policies name a key by this identifier.',
  examples: ['model key show release.key.pub', 'model key show release.key --json'],
  action: runShow,
};
