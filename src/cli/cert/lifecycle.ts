// `pquake cert show`, `renew` and `rotate`.

import type { Command } from 'commander';
import { renewCertificate, rotateCredentials } from '../../node/authority/renewal.ts';
import { type ShownCertificate, showCertificate } from '../../node/authority/show.ts';
import { chooseSuite } from '../../node/suite.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { parseCount } from '../../node/terminal/words.ts';
import type { Guarded } from '../guarded.ts';
import { caPassphraseOption, type PassphraseOptions, passphraseOption, withPassphrases } from '../passphrase.ts';
import { showing } from './toBeSigned.ts';

interface RenewOptions extends PassphraseOptions, SuiteOptions {
  readonly newKey?: boolean;
  readonly days?: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

function describe(certificate: ShownCertificate): string[] {
  const { kind, subject, issuer, serialNumber, notBefore, notAfter, renewFrom, uris, dnsNames, publicKey } =
    certificate;
  const { pathLength, sha256 } = certificate;
  return [
    `kind        ${kind === 'peer' ? 'certificate of a peer' : 'certificate of an authority'}`,
    `subject     ${subject}`,
    ...uris.map((uri) => `URI         ${uri}`),
    ...dnsNames.map((name) => `DNS name    ${name}`),
    `issuer      ${issuer}`,
    `serial      ${serialNumber}`,
    `valid       ${notBefore} to ${notAfter}`,
    ...(renewFrom === null ? [] : [`renew from  ${renewFrom}`]),
    ...(pathLength === null ? [] : [`path length ${pathLength}`]),
    `public key  ${publicKey.algorithm}, SHA-256 ${publicKey.sha256}`,
    `SHA-256     ${sha256}`,
  ];
}

function runShow(file: string, json: boolean): number {
  const certificate = showCertificate(chooseSuite(), file);
  if (json) printJson({ ok: true, ...certificate });
  else for (const line of describe(certificate)) print(line);
  return 0;
}

async function runRenew(directory: string, name: string, options: RenewOptions): Promise<number> {
  const { newKey, days, force, json } = options;
  const { show, last } = showing();
  const { certificateFile, keyFile } = await withPassphrases(options, (access) =>
    renewCertificate({ suite: suiteOf(options), directory, name, newKey, days, force, show, ...access }),
  );
  const written = { certificate: certificateFile, key: keyFile };
  if (json) printJson({ ok: true, ...written, newKey: newKey === true, signs: last() });
  else print(newKey ? `wrote ${certificateFile} and ${keyFile}; guard the key` : `wrote ${certificateFile}`);
  return 0;
}

async function runRotate(directory: string, name: string, options: RenewOptions): Promise<number> {
  const { days, force, json } = options;
  const { show, last } = showing();
  const { certificateFile, keyFile, previous } = await withPassphrases(options, (access) =>
    rotateCredentials({ suite: suiteOf(options), directory, name, days, force, show, ...access }),
  );
  if (json) {
    const before = { certificate: previous.certificateFile, key: previous.keyFile };
    printJson({ ok: true, certificate: certificateFile, key: keyFile, previous: before, signs: last() });
  } else print(`wrote ${certificateFile} and ${keyFile}; the pair before is ${previous.certificateFile}`);
  return 0;
}

const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ pquake ${line}`).join('\n')}`);

/** Adds the commands to `cert`. */
export function lifecycleCommands(cert: Command, guarded: Guarded): void {
  examples(
    cert
      .command('show <file>')
      .description('say what a certificate of a peer or an authority says; verifies nothing')
      .option('--json', 'one line of JSON on standard output')
      .action((file: string, { json }: { json?: boolean }) => guarded(json, () => runShow(file, json === true))),
    'cert show pki/alice.pem --json',
  );
  const renew = cert
    .command('renew <directory> <name>')
    .description('issue DIRECTORY/NAME.pem again, in the last third of its validity period; the same key')
    .option('--new-key', 'and another key, which replaces DIRECTORY/NAME.key')
    .option('--days <n>', 'validity (default: that of the certificate before)', parseCount)
    .option('--force', 'before the last third of the validity period')
    .option('--json', 'one line of JSON on standard output')
    .action((directory: string, name: string, options: RenewOptions) =>
      guarded(options.json, () => runRenew(directory, name, options)),
    );
  examples(
    suiteOptions(caPassphraseOption(passphraseOption(renew))),
    'cert renew pki alice',
    'cert renew pki alice --new-key --force',
  );
  const rotate = cert
    .command('rotate <directory> <name>')
    .description('another key and certificate; the pair before stays as NAME.previous.pem and .key, and stays valid')
    .option('--days <n>', 'validity (default: that of the certificate before)', parseCount)
    .option('--force', 'overwrite a previous pair whose certificate is still valid')
    .option('--json', 'one line of JSON on standard output')
    .action((directory: string, name: string, options: RenewOptions) =>
      guarded(options.json, () => runRotate(directory, name, options)),
    );
  examples(suiteOptions(caPassphraseOption(passphraseOption(rotate))), 'cert rotate pki alice');
}
