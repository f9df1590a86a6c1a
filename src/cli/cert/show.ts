import { type ShownCertificate, showCertificate } from '../../node/authority/show.ts';
import { chooseSuite } from '../../node/suite.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';

const kinds: Readonly<Record<ShownCertificate['kind'], string>> = {
  peer: 'certificate of a peer',
  authority: 'certificate of an authority',
  signer: 'certificate of a signer',
};

function describe(certificate: ShownCertificate): string[] {
  const { kind, subject, issuer, serialNumber, notBefore, notAfter, renewFrom, uris, dnsNames, publicKey } =
    certificate;
  const { pathLength, sha256 } = certificate;
  return [
    `kind        ${kinds[kind]}`,
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

function runShow(file: string, { json }: JsonOptions): number {
  const certificate = showCertificate(chooseSuite(), file);
  if (json) printJson({ ok: true, ...certificate });
  else for (const line of describe(certificate)) print(line);
  return 0;
}

/** The command `cert show`. */
export const showCommand: CommandDefinition = {
  words: 'show <file>',
  description: 'say what a certificate of a peer, an authority or a signer says; verifies nothing',
  options: [jsonOption],
  examples: ['cert show pki/alice.pem --json'],
  action: runShow,
};
