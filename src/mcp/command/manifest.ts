// `manifest read`, `sign` and `verify`: what a server declares, and signatures over it.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Argument, InvalidArgumentError, Option } from 'commander';
import { comparableName } from '../../certificate/peerNames.ts';
import { ConfigurationError } from '../../configuration.ts';
import { inDirectory } from '../../node/files/change.ts';
import { FileError, refuseFile } from '../../node/files/fileErrors.ts';
import { readDers } from '../../node/files/files.ts';
import {
  type CommandDefinition,
  type CommandGroup,
  parsed,
  repeatable,
  required,
  UsageError,
} from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../node/terminal/passphrase.ts';
import { parseExpected, parseIssuer } from '../../node/terminal/peer/expected.ts';
import { parseAddress, parseCount } from '../../node/terminal/words.ts';
import type { Address } from '../../node/transport/tcp.ts';
import { readSigningKey } from '../../provenance/keys/files.ts';
import { timeOf, timeText } from '../../time.ts';
import { parseVariable, type Variable } from '../bridge/environment.ts';
import { isObject } from '../contract.ts';
import { type GivenPeerOptions, optionalPeerOptions, withServer } from '../doctor/dial.ts';
import { askServer, manifestFrom } from '../tools/ask.ts';
import { readJson, readManifest } from '../tools/files.ts';
import type { Manifest } from '../tools/manifest.ts';
import { labelOf, type ServerIdentity } from '../tools/pins.ts';
import { judgeServer, type ManifestStatement } from '../tools/signed.ts';
import {
  ManifestError,
  type ManifestSigner,
  readSignedManifest,
  signManifest,
  signManifestAgain,
} from '../tools/signedFiles.ts';
import { readSigners, signerText } from '../tools/signers.ts';
import { describe } from './described.ts';
import { manifestOfCommand } from './ofCommand.ts';
import { trustPolicyOption } from './signers.ts';

const isSigned = (file: string): boolean => {
  const value = readJson(file);
  return isObject(value) && value['mediaType'] !== undefined;
};

/** Writes a file of ours: nothing else is replaced. @throws ConfigurationError */
function write(file: string, content: Uint8Array | string, isOurs: (file: string) => boolean): void {
  const isThere = existsSync(file);
  if (isThere && !isOurs(file)) refuseFile(file, 'it is there already, and is none of what is written here');
  inDirectory(dirname(file), (all) => all([{ file, content, mode: 0o644, replace: isThere }]));
}

const isManifest = (file: string): boolean => {
  const value = readJson(file);
  return isObject(value) && value['format'] === 'pquake-mcp-manifest';
};

interface ReadOptions extends GivenPeerOptions, JsonOptions {
  readonly connect?: Address;
  readonly env?: readonly Variable[];
  readonly out?: string;
}

async function manifestBy(
  command: string | undefined,
  words: readonly string[],
  { connect, env = [], ...options }: ReadOptions,
): Promise<Manifest> {
  const { messageTimeout: timeout } = options;
  if ((command === undefined) === (connect === undefined))
    throw new UsageError('expected one server: a command after --, or --connect with where one listens');
  if (command !== undefined) return await manifestOfCommand({ command, words, variables: env, timeout });
  return await withServer(connect as Address, options, async ({ channel }) =>
    manifestFrom(await askServer(channel, { timeout })),
  );
}

async function runRead(command: string | undefined, words: readonly string[], options: ReadOptions): Promise<number> {
  const { out, json = false } = options;
  const manifest = await manifestBy(command, words, options);
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  if (out === undefined) print(text.trimEnd());
  else {
    write(out, text, isManifest);
    if (json) printJson({ ok: true, manifest: out, digest: manifest.digest });
    else print(`wrote ${out}: ${describe(manifest)}`);
  }
  return 0;
}

const readCommand: CommandDefinition = {
  words: 'read [command] [words...]',
  usage: '[options] (-- <command> [words...] | --connect <host:port>)',
  description: 'ask a server for all that it declares, and write it as a manifest',
  options: [
    new Option('--out <file>', 'where the manifest goes (default: standard output)'),
    repeatable('--env <name>', 'a variable that the command gets from here, or NAME=VALUE', parseVariable),
    parsed('--connect <host:port>', 'where a server listens behind PQuAKE', parseAddress),
    ...optionalPeerOptions.filter(({ long }) => long !== '--json'),
    jsonOption,
  ],
  notes: `
The command is run as it stands, without a shell, asked on standard streams, and ended. Read what
is written before it is signed: a signature says that it is meant.`,
  examples: [
    'manifest read --out bob.json -- node server.js',
    'manifest read --connect 127.0.0.1:4433 --cert alice.pem --key alice.key --ca ca.pem --expect bob',
  ],
  action: runRead,
};

interface SignOptions extends PassphraseOptions, JsonOptions {
  readonly key: string;
  readonly cert?: string;
  readonly out: string;
  readonly expect?: readonly string[];
  readonly expectIssuer?: readonly string[];
  readonly name?: string;
  readonly days?: number;
}

const defaultDays = 90;
const day = 86_400_000;

function serverOf({ expect = [], expectIssuer = [] }: SignOptions): ServerIdentity {
  if (expect.length === 0 || expect.includes('anyone') || expectIssuer.length === 0)
    throw new UsageError('a manifest is for one server: --expect NAME and --expect-issuer CN=...');
  const notSubject = expectIssuer.find((issuer) => !issuer.includes('='));
  if (notSubject !== undefined)
    throw new UsageError(`--expect-issuer ${notSubject}: the subject of a trust anchor is expected: CN=...`);
  return { names: expect.map(comparableName), authorities: expectIssuer };
}

function statementOf(file: string, options: SignOptions): ManifestStatement {
  const server = serverOf(options);
  const { name = server.names[0] ?? '', days = defaultDays } = options;
  const issued = new Date();
  return { name, server, issued, notAfter: new Date(issued.getTime() + days * day), manifest: readManifest(file) };
}

/** The bundle, and what it is over. */
function signed(file: string, options: SignOptions, signer: ManifestSigner) {
  const { expect, expectIssuer, name, days } = options;
  if (isSigned(file)) {
    if ([expect, expectIssuer, name, days].some((one) => one !== undefined))
      throw new UsageError(
        `${file} is signed already; what it says is signed again as it stands, with --key and --out alone`,
      );
    return signManifestAgain(file, signer);
  }
  const statement = statementOf(file, options);
  const bundle = signManifest(statement, signer);
  return bundle.ok ? { signed: statement, bundle: bundle.value } : refuseFile(file, bundle.detail ?? bundle.code);
}

const told = ({ server, notAfter, manifest }: ManifestStatement): string =>
  `${labelOf(server)}: ${describe(manifest)}; until ${timeText(notAfter)}`;

async function runSign(file: string, options: SignOptions): Promise<number> {
  const { key: keyFile, cert, out, json = false } = options;
  const chain = cert === undefined ? undefined : readDers([cert], 'CERTIFICATE');
  const key = await withPassphrases(options, (access) => readSigningKey(keyFile, access));
  try {
    const { bundle, signed: statement } = signed(file, options, { key, chain });
    write(out, bundle, isSigned);
    const { name, manifest, notAfter } = statement;
    const { algorithm, identifier } = key.publicKey;
    if (json)
      printJson({
        ok: true,
        signed: out,
        name,
        digest: manifest.digest,
        notAfter: timeText(notAfter),
        algorithm,
        key: identifier,
      });
    else print(`wrote ${out}: for ${told(statement)}; key ${identifier}, ${algorithm}`);
    return 0;
  } finally {
    key.wipe();
  }
}

const signCommand: CommandDefinition = {
  words: 'sign',
  usage: '<file> --key <file> --out <file> [options]',
  description: 'sign what one server declares, for a time',
  arguments: [new Argument('<file>', 'a manifest, a result of tools/list, or one that is signed: it is signed again')],
  options: [
    required(new Option('--key <file>', 'private key that signs, PKCS#8 PEM: pquake model key generate')),
    required(new Option('--out <file>', 'where the signed manifest goes')),
    new Option('--cert <file>', 'its certificate, and those of authorities above it, PEM; without it the key is named'),
    repeatable('--expect <name>', 'a name of the server: bob, CN=..., URI:..., DNS:...', parseExpected),
    repeatable('--expect-issuer <subject>', 'an authority that certifies it: CN=...', parseIssuer),
    new Option('--name <name>', 'of the subject, for trust policies (default: the first --expect)'),
    parsed('--days <n>', `for which it is valid (default: ${defaultDays})`, parseCount),
    passphraseOption('of the key, when it is encrypted'),
    jsonOption,
  ],
  notes: `
The manifest is accepted for a server whose certificate has one of the names under one of the
authorities, and for no other. Of a result of tools/list, prompts and instructions are not known:
a server that has some is refused then.`,
  examples: [
    'manifest sign bob.json --key release.key --expect bob --expect-issuer CN=ca --out bob.manifest',
    'manifest sign bob.manifest --key second.key --out bob.second.manifest',
  ],
  action: runSign,
};

interface VerifyOptions extends JsonOptions {
  readonly publicKey?: readonly string[];
  readonly ca?: readonly string[];
  readonly signer?: readonly string[];
  readonly trustPolicy?: string;
  readonly expect?: readonly string[];
  readonly expectIssuer?: readonly string[];
  readonly at?: Date;
}

function parseTime(word: string): Date {
  const time = timeOf(word);
  if (time === undefined)
    throw new InvalidArgumentError('Expected a time with its zone, or a day, such as 2026-06-01T12:00:00Z.');
  return time;
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

const verifyCommand: CommandDefinition = {
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

/** The commands of manifests. */
export const manifestCommands: CommandGroup = {
  name: 'manifest',
  description: 'what servers declare: read, signed and verified',
  commands: [readCommand, signCommand, verifyCommand],
};
