// `pquake model attest`: signs a statement about a model, beside the one of its integrity.
import { Option } from 'commander';
import { readDers } from '../../node/files/files.ts';
import { type CommandDefinition, required } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../node/terminal/passphrase.ts';
import { attestModel, readPredicateFile } from '../../provenance/disk/attestModel.ts';
import { readSigningKey } from '../../provenance/keys/files.ts';
import { algorithmTable } from '../../provenance/signature/algorithms.ts';
import { predicateCodes } from '../../provenance/statement/predicateCodes.ts';
import { type PredicateKind, predicateKinds } from '../../provenance/statement/predicateTypes.ts';
import { type HashingOptions, hashingOptions, modelArgument } from './options.ts';
import { progressLine } from './progress.ts';
import { reportRefusal, withRefusals } from './report.ts';

interface AttestCommandOptions extends HashingOptions, PassphraseOptions, JsonOptions {
  readonly type: PredicateKind;
  readonly predicate: string;
  readonly key: string;
  readonly cert?: string;
  readonly signature?: string;
  readonly out?: string;
  readonly force?: boolean;
}

async function attested(path: string, options: AttestCommandOptions): Promise<number> {
  const { type: kind, cert, json, signature, out, force, ignore, workers } = options;
  const predicate = readPredicateFile(options.predicate);
  const chain = cert === undefined ? undefined : readDers([cert], 'CERTIFICATE');
  const key = await withPassphrases(options, (access) => readSigningKey(options.key, access));
  const progress = progressLine();
  try {
    const onProgress = progress.tell;
    const made = await attestModel(path, {
      ...{ kind, predicate, key, chain, signature, out, force, ignore, workers, onProgress },
    });
    progress.end();
    if (!made.ok) return reportRefusal(made.code in predicateCodes ? options.predicate : path, made, json);
    const { subject, file } = made.value;
    const { algorithm } = key.publicKey;
    if (json)
      printJson({ ok: true, type: kind, name: subject.name, digest: subject.digest['sha256'], file, algorithm });
    else
      print(
        `wrote ${file}: ${kind} of ${subject.name}, digest ${subject.digest['sha256']}, ${algorithmTable[algorithm].title}`,
      );
    return 0;
  } finally {
    progress.end();
    key.wipe();
  }
}

const runAttest = (path: string, options: AttestCommandOptions): Promise<number> =>
  withRefusals(options.json, () => attested(path, options));

/** The command `model attest`. */
export const attestCommand: CommandDefinition = {
  words: 'attest',
  arguments: [modelArgument],
  usage: '<path> --type <type> --predicate <file> --key <file> [options]',
  description: 'sign a statement about a model: where it came from, what tests of it came to, what it is for',
  options: [
    required(new Option('--type <type>', 'the kind of the statement').choices(predicateKinds)),
    required(new Option('--predicate <file>', 'what is stated, JSON')),
    required(new Option('--key <file>', 'private key that signs, PKCS#8 PEM')),
    new Option('--cert <file>', 'its certificate, and those of authorities above it, PEM; without it the key is named'),
    new Option('--signature <file>', 'the signature of the model, if it is not where sign puts it'),
    new Option('--out <out>', 'where the statement goes (default: <path>.provenance/<name>.<type>.sig)'),
    new Option('--force', 'replace a statement that is there'),
    ...hashingOptions('that is left out'),
    passphraseOption('of the key, when it is encrypted'),
    jsonOption,
  ],
  notes: `
Types: origin (SLSA provenance v1), evaluation (in-toto test-result v0.1), card (CycloneDX 1.7),
summary (SLSA verification summary v1). The file has the predicate. For an origin it may also
have builder, parameters, environment, inputs, invocation, started and finished, for a card
modelCard alone.
The model is hashed. When it is signed its files must be those that the signature lists.`,
  examples: [
    'model attest llama-v2 --type origin --predicate origin.json --key release.key',
    'model attest llama-v2 --type card --predicate card.json --key release.key --cert chain.pem',
  ],
  action: runAttest,
};
