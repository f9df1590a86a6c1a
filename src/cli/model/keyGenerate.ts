// `pquake model key generate`: a key pair to sign models with.
import { Argument, Option } from 'commander';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../node/terminal/passphrase.ts';
import type { AlgorithmName } from '../../provenance/contract.ts';
import { writeKeyPair } from '../../provenance/keys/files.ts';
import { algorithmNames, algorithmTable } from '../../provenance/signature/algorithms.ts';
import { iterationsOption } from '../key/iterations.ts';

interface GenerateOptions extends PassphraseOptions, JsonOptions {
  readonly algorithm: AlgorithmName;
  readonly iterations?: number;
}

const offered = algorithmNames.filter((name) => !algorithmTable[name].isExperimental);

async function runGenerate(out: string, options: GenerateOptions): Promise<number> {
  const { algorithm, iterations, json } = options;
  const key = await withPassphrases(options, (access) => writeKeyPair(out, algorithm, { iterations, ...access }));
  const publicKey = `${out}.pub`;
  if (json) printJson({ ok: true, key: out, publicKey, algorithm, identifier: key.identifier });
  else {
    print(`wrote ${out}; guard it`);
    print(`wrote ${publicKey}: ${algorithmTable[algorithm].title}, key ${key.identifier}`);
  }
  return 0;
}

/** The command `model key generate`. */
export const keyGenerateCommand: CommandDefinition = {
  words: 'generate',
  arguments: [
    new Argument('<out>', 'where the private key goes, PKCS#8 (mode 0600); the public key goes to <out>.pub'),
  ],
  description: 'make a key pair to sign models with',
  options: [
    new Option('--algorithm <name>', 'of the signatures').choices(offered).default('ml-dsa-87'),
    iterationsOption,
    passphraseOption(),
    jsonOption,
  ],
  notes: `
ML-DSA signs in milliseconds. SLH-DSA rests on hash functions alone, and takes seconds for a
signature; it verifies in milliseconds. ECDSA and Ed25519 are for the way over: a quantum
computer breaks them. The official tool of OpenSSF verifies ECDSA only.`,
  examples: [
    'model key generate release.key --passphrase-file words',
    'model key generate classical.key --algorithm ecdsa-p256',
  ],
  action: runGenerate,
};
