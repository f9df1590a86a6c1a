// `pquake model sign`: signs a model with one key, or with the two of a hybrid.
import { Option } from 'commander';
import { readDers } from '../../node/files/files.ts';
import type { KeyAccess } from '../../node/files/keys.ts';
import { type CommandDefinition, required, UsageError } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../node/terminal/passphrase.ts';
import { type ModelSigner, type SignedModel, signModel } from '../../provenance/disk/signModel.ts';
import { readSigningKey } from '../../provenance/keys/files.ts';
import { algorithmTable } from '../../provenance/signature/algorithms.ts';
import { type HashingOptions, hashingOptions, modelArgument, nameRuleOf } from './options.ts';
import { progressLine, sizeText } from './progress.ts';
import { reportRefusal } from './report.ts';

interface SignOptions extends HashingOptions, PassphraseOptions, JsonOptions {
  readonly key: string;
  readonly cert?: string;
  readonly hybridKey?: string;
  readonly hybridCert?: string;
  readonly signature?: string;
}

const signerOf = (keyFile: string, chainFile: string | undefined, access: KeyAccess): ModelSigner => ({
  chain: chainFile === undefined ? undefined : readDers([chainFile], 'CERTIFICATE'),
  key: readSigningKey(keyFile, access),
});

interface Signers {
  readonly own: ModelSigner;
  readonly hybrid: ModelSigner | undefined;
}

function readSigners({ key, cert, hybridKey, hybridCert }: SignOptions, access: KeyAccess): Signers {
  const own = signerOf(key, cert, access);
  try {
    return { own, hybrid: hybridKey === undefined ? undefined : signerOf(hybridKey, hybridCert, access) };
  } catch (error) {
    own.key.wipe();
    throw error;
  }
}

function tell({ name, digest, files, octets, signatures }: SignedModel, json: boolean | undefined): number {
  if (json) printJson({ ok: true, name, digest, files, octets, signatures });
  else {
    print(`signed ${name}: ${files} ${files === 1 ? 'file' : 'files'}, ${sizeText(octets)}, digest ${digest}`);
    for (const { file, algorithm } of signatures) print(`wrote ${file}: ${algorithmTable[algorithm].title}`);
  }
  return 0;
}

async function runSign(path: string, options: SignOptions): Promise<number> {
  const { signature, ignore, workers, json, hybridKey, hybridCert } = options;
  if (hybridCert !== undefined && hybridKey === undefined) throw new UsageError('--hybrid-cert needs --hybrid-key');
  const { own, hybrid } = await withPassphrases(options, (access) => readSigners(options, access));
  const progress = progressLine();
  try {
    const signed = await signModel(path, {
      ...own,
      hybrid,
      signature,
      ignore,
      workers,
      names: nameRuleOf(options),
      onProgress: progress.tell,
    });
    progress.end();
    return signed.ok ? tell(signed.value, json) : reportRefusal(path, signed, json);
  } finally {
    progress.end();
    own.key.wipe();
    hybrid?.key.wipe();
  }
}

/** The command `model sign`. */
export const signCommand: CommandDefinition = {
  words: 'sign',
  arguments: [modelArgument],
  usage: '<path> --key <file> [options]',
  description: 'sign a model: the digests of all its files, as OpenSSF Model Signing 1.0 says',
  options: [
    required(new Option('--key <file>', 'private key that signs, PKCS#8 PEM')),
    new Option('--cert <file>', 'its certificate, and those of authorities above it, PEM; without it the key is named'),
    new Option('--hybrid-key <file>', 'a classical private key that signs too, beside a post-quantum --key'),
    new Option('--hybrid-cert <file>', 'the certificates of that key, as --cert'),
    new Option('--signature <out>', 'where the signature goes (default: <path>/model.sig, or <path>.sig for one file)'),
    ...hashingOptions('that is left out; the statement says so, and verifiers have to permit it'),
    passphraseOption('of the keys, when they are encrypted'),
    jsonOption,
  ],
  notes: `
Of a hybrid there are two signatures over one statement, which requires both: model.sig by the
classical --hybrid-key, which the official tool verifies, and model.pq.sig by --key. With
--signature NAME.sig they are NAME.sig and NAME.pq.sig.
Signatures that are there already are replaced; nothing else is.`,
  examples: [
    'model sign llama --key release.key',
    'model sign llama --key release.key --hybrid-key classical.key --signature llama/model.sig',
    'model sign llama --key release.key --cert chain.pem --ignore cache --workers 2',
  ],
  action: runSign,
};
