// `manifest sign`: a signature over what one server declares.
import { Argument, Option } from 'commander';
import { comparableName } from '../../../certificate/peerNames.ts';
import { refuseFile } from '../../../node/files/fileErrors.ts';
import { readDers } from '../../../node/files/files.ts';
import { type CommandDefinition, parsed, repeatable, required, UsageError } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../../node/terminal/passphrase.ts';
import { parseExpected, parseIssuer } from '../../../node/terminal/peer/expected.ts';
import { parseCount } from '../../../node/terminal/words.ts';
import { readSigningKey } from '../../../provenance/keys/files.ts';
import { timeText } from '../../../time.ts';
import { readManifest } from '../../tools/files.ts';
import type { ServerIdentity } from '../../tools/pins.ts';
import type { ManifestStatement } from '../../tools/signed.ts';
import { type ManifestSigner, signManifest, signManifestAgain } from '../../tools/signedFiles.ts';
import { isSigned, told, write } from './files.ts';

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

export const signCommand: CommandDefinition = {
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
