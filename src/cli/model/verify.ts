// `pquake model verify`: whether a model is the one that was signed, and by whom.
import { InvalidArgumentError, Option } from 'commander';
import { type CommandDefinition, parsed, repeatable, required, UsageError } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { parseExpected } from '../../node/terminal/peer/expected.ts';
import { parseTime } from '../../node/terminal/words.ts';
import type { Signer } from '../../provenance/contract.ts';
import { type VerifiedModel, verifyModel } from '../../provenance/disk/verifyModel.ts';
import { readSignerAuthorities } from '../../provenance/keys/authorities.ts';
import { readVerifyingKey } from '../../provenance/keys/files.ts';
import { readTrustPolicy } from '../../provenance/keys/trustPolicyFile.ts';
import { algorithmTable } from '../../provenance/signature/algorithms.ts';
import { readLogPolicy } from './log/words.ts';
import { type HashingOptions, hashingOptions, modelArgument, nameRuleOf } from './options.ts';
import { progressLine, sizeText } from './progress.ts';
import { reportRefusal, withRefusals } from './report.ts';

interface VerifyOptions extends HashingOptions, JsonOptions {
  readonly signature: string;
  readonly publicKey?: readonly string[];
  readonly ca?: readonly string[];
  readonly crl?: readonly string[];
  readonly expect?: readonly string[];
  readonly at?: Date;
  readonly cache?: string;
  readonly policy?: string;
  readonly logPolicy?: string;
  readonly allSignatures?: boolean;
  readonly digest?: string;
}

function parseDigest(word: string): string {
  if (!/^[0-9a-f]{64}$/.test(word)) throw new InvalidArgumentError('Expected 64 hexadecimal digits in small letters.');
  return word;
}

/** The signers of a hybrid in one text each. */
const joined = (signers: readonly Signer[], of: (signer: Signer) => string, by: string): string =>
  [...new Set(signers.map(of))].join(by);

function tell({ files, octets, signers, unverified, logged, name }: VerifiedModel, json: boolean | undefined): number {
  const signer = joined(signers, (one) => one.name, ', ');
  const count = files.length;
  for (const { file, algorithm } of unverified)
    note(
      `pquake: warning: ${file} is there, and not verified: no --public-key of ${algorithmTable[algorithm].title} was given`,
    );
  const unread = unverified.length === 0 ? {} : { unverified: unverified.map(({ algorithm }) => algorithm) };
  const algorithms = joined(signers, (one) => one.algorithm, '+');
  if (json) printJson({ ok: true, signer, algorithm: algorithms, files: count, ...unread });
  else {
    print(`verified ${name}: ${count} ${count === 1 ? 'file' : 'files'}, ${sizeText(octets)}`);
    for (const one of signers) print(`signed by ${one.name}, ${algorithmTable[one.algorithm].title}`);
    for (const { file, index, checkpoint, witnessed } of logged)
      print(
        `${file} is entry ${index} of ${checkpoint.origin}${witnessed ? `, witnessed at ${witnessed.toISOString()}` : ''}`,
      );
  }
  return 0;
}

async function runVerify(path: string, options: VerifyOptions): Promise<number> {
  const { signature, publicKey = [], ca, crl, expect, at, cache, policy, logPolicy, ignore, workers, json } = options;
  if (publicKey.length === 0 && ca === undefined && policy === undefined)
    throw new UsageError('who may sign is said by --public-key <file>, --ca <file> or --policy <file>');
  if (expect !== undefined && ca === undefined)
    throw new UsageError('--expect needs the authorities that certify names: --ca');
  return withRefusals(json, async () => {
    const keys = publicKey.map((file) => readVerifyingKey(file));
    const authorities = ca && readSignerAuthorities({ ca, crl });
    const progress = progressLine();
    try {
      const verified = await verifyModel(path, {
        signatures: [signature],
        keys,
        authorities,
        policy: policy === undefined ? undefined : readTrustPolicy(policy),
        logPolicy: logPolicy === undefined ? undefined : readLogPolicy(logPolicy),
        everySignature: options.allSignatures,
        subject: options.digest === undefined ? undefined : { digest: options.digest },
        expect: expect?.includes('anyone') ? undefined : expect,
        time: at,
        cache:
          cache === undefined ? undefined : { directory: cache, onNote: (text) => note(`pquake: warning: ${text}`) },
        ignore,
        workers,
        names: nameRuleOf(options),
        onProgress: progress.tell,
      });
      progress.end();
      return verified.ok ? tell(verified.value, json) : reportRefusal(path, verified, json);
    } finally {
      progress.end();
    }
  });
}

/** The command `model verify`. */
export const verifyCommand: CommandDefinition = {
  words: 'verify',
  arguments: [modelArgument],
  usage: '<path> --signature <file> (--public-key <file> | --ca <file>) [options]',
  description: 'judge a model by its signature: who signed, and whether every file is there as it was signed',
  options: [
    required(
      new Option('--signature <file>', 'the signature; of a hybrid one of the two, the other is found beside it'),
    ),
    repeatable('--public-key <file>', 'a key that must have signed, PEM; of a hybrid both'),
    repeatable('--ca <file>', 'certificates of authorities that may certify signers, PEM'),
    repeatable(
      '--expect <name>',
      'a name of the certificate of the signer: CN=..., URI:..., DNS:..., or anyone',
      parseExpected,
    ),
    new Option('--policy <file>', 'a trust policy: who may sign what; its keys and authorities are trusted too'),
    new Option(
      '--log-policy <file>',
      'each signature must be in a log of this policy (C2SP tlog-policy), by its proof',
    ),
    parsed(
      '--digest <sha256>',
      'the digest that the model must have, as sign tells it: not an older version',
      parseDigest,
    ),
    new Option('--all-signatures', 'refuse a hybrid of which one signature is not verified, for want of a key'),
    parsed('--at <time>', 'the time to judge certificates by, such as 2026-06-01T12:00:00Z (default: now)', parseTime),
    new Option('--cache <folder>', 'keeps the digests of files, so that those that did not change are not read again'),
    ...hashingOptions('that needs no signature'),
    jsonOption,
  ],
  notes: `
Of a hybrid, who trusts one key alone gives the signature of that key: model.sig is that of the
classical one, model.pq.sig that of the post-quantum one.
The status is 0 when the model is verified, else 1. Files that the signer left out are refused
unless --ignore permits them; the default list of OMS (.git and its like) and the signatures
need no permission. The proof that a signature is in a log is read from <signature>.tlog-proof, by
--log-policy or by the logs of --policy.`,
  examples: [
    'model verify llama --signature llama/model.sig --public-key release.key.pub',
    'model verify llama --signature llama/model.sig --public-key release.key.pub --public-key classical.key.pub',
    'model verify llama --signature llama/model.sig --ca ca.pem --expect CN=release --json',
  ],
  action: runVerify,
};
