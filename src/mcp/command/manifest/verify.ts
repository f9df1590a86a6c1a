// `manifest verify`: who signed what a server declares, for whom, until when.
import { Argument } from 'commander';
import { comparableName } from '../../../certificate/peerNames.ts';
import { ConfigurationError } from '../../../configuration.ts';
import { FileError } from '../../../node/files/fileErrors.ts';
import { type CommandDefinition, parsed, repeatable, UsageError } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { note, print, printJson } from '../../../node/terminal/output.ts';
import { parseExpected, parseIssuer } from '../../../node/terminal/peer/expected.ts';
import { parseTime } from '../../../node/terminal/words.ts';
import { timeText } from '../../../time.ts';
import { judgeServer } from '../../tools/signed.ts';
import { ManifestError, readSignedManifest } from '../../tools/signedFiles.ts';
import { readSigners, signerText } from '../../tools/signers.ts';
import { trustPolicyOption } from '../signers.ts';
import { told } from './files.ts';

interface VerifyOptions extends JsonOptions {
  readonly publicKey?: readonly string[];
  readonly ca?: readonly string[];
  readonly signer?: readonly string[];
  readonly trustPolicy?: string;
  readonly expect?: readonly string[];
  readonly expectIssuer?: readonly string[];
  readonly at?: Date;
}

/** @throws ConfigurationError */
function judged(files: readonly string[], options: VerifyOptions) {
  const { publicKey: keys, ca, signer: names, trustPolicy: policy, expect, expectIssuer, at = new Date() } = options;
  const verified = readSignedManifest(files, readSigners({ keys, ca, names, policy }), at);
  const server = expect && { names: expect.map(comparableName), authorities: expectIssuer };
  const ofServer = server === undefined ? undefined : judgeServer(verified, server);
  if (ofServer?.ok === false) throw new ManifestError(files[0] ?? '', ofServer);
  return verified;
}

function checkVerifyOptions({ publicKey, ca, signer, trustPolicy, expect, expectIssuer }: VerifyOptions): void {
  const isByNames = publicKey !== undefined || ca !== undefined;
  if (isByNames === (trustPolicy !== undefined))
    throw new UsageError('who may sign is said by --public-key or --ca, or by --trust-policy');
  if (signer !== undefined && ca === undefined)
    throw new UsageError('--signer needs the authorities that certify names: --ca');
  if (expectIssuer !== undefined && expect === undefined)
    throw new UsageError('--expect-issuer needs the names that it vouches for: --expect NAME');
}

function runVerify(files: readonly string[], options: VerifyOptions): number {
  const { json = false } = options;
  checkVerifyOptions(options);
  try {
    const verified = judged(files, options);
    const { name, manifest, notAfter, signers } = verified;
    if (json)
      printJson({
        ok: true,
        name,
        digest: manifest.digest,
        notAfter: timeText(notAfter),
        signers: signers.map(signerText),
      });
    else {
      print(`verified: for ${told(verified)}`);
      for (const one of signers) print(`signed by ${signerText(one)}`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { message } = error;
    const code = error instanceof ManifestError ? error.code : 'configuration';
    if (json) printJson({ ok: false, code, message, path: error instanceof FileError ? error.file : null });
    if (json || code === 'configuration') note(`pquake: ${message}`);
    else print(`refused: ${message}`);
    return 1;
  }
}

export const verifyCommand: CommandDefinition = {
  words: 'verify',
  usage: '<file...> (--public-key | --ca | --trust-policy) <file> [options]',
  description: 'judge a signed manifest: who signed, for which server, until when',
  arguments: [new Argument('<file...>', 'signed manifests, each with a signature over the same statement')],
  options: [
    repeatable('--public-key <file>', 'a key that must have signed, PEM'),
    repeatable('--ca <file>', 'certificates of authorities that may certify signers, PEM'),
    repeatable(
      '--signer <name>',
      'a name that the certificate of the signer has: CN=..., URI:..., DNS:...',
      parseExpected,
    ),
    trustPolicyOption,
    repeatable('--expect <name>', 'a name of the server that it has to be for', parseExpected),
    repeatable('--expect-issuer <subject>', 'the authority that certifies this name: CN=...', parseIssuer),
    parsed('--at <time>', 'the time to judge by, such as 2026-06-01T12:00:00Z (default: now)', parseTime),
    jsonOption,
  ],
  examples: [
    'manifest verify bob.manifest --public-key release.key.pub --expect bob --expect-issuer CN=ca',
    'manifest verify bob.manifest bob.second.manifest --trust-policy trust.json --json',
  ],
  action: runVerify,
};
