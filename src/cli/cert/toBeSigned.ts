// Shows what an authority is about to sign, on standard error: standard output holds the result only.
import type { Show, ToBeSigned } from '../../node/authority/toBeSigned.ts';
import { note } from '../../node/terminal/output.ts';

/** Escapes characters with which a name could rewrite a terminal. */
const visible = (text: string): string =>
  text.replaceAll(/[^!-~ ]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);

/** Returns a line for each thing that the certificate will say. */
export function describeToBeSigned(what: ToBeSigned): string[] {
  const { subject, uris, dnsNames, publicKey, requestDigest, issuer, serialNumber, notBefore, notAfter } = what;
  const { shortenedFrom } = what;
  return [
    'to be signed:',
    `  subject     ${visible(subject)}`,
    ...uris.map((uri) => `  URI         ${visible(uri)}`),
    ...dnsNames.map((name) => `  DNS name    ${visible(name)}`),
    ...(uris.length + dnsNames.length === 0 ? ['  alternative names: none'] : []),
    `  public key  ${publicKey.algorithm}, SHA-256 ${publicKey.sha256}`,
    ...(requestDigest === undefined ? [] : [`  request     digest ${requestDigest}`]),
    `  issuer      ${visible(issuer)}`,
    ...(serialNumber === undefined ? [] : [`  serial      ${serialNumber}`]),
    `  valid       ${notBefore} to ${notAfter}`,
    ...(shortenedFrom === undefined ? [] : [`  shortened   to the end of the authority, not ${shortenedFrom}`]),
  ];
}

/** Returns a `show` that prints a certificate unless it was the last one printed, and `last`, which returns it. */
export function showing(): { readonly show: Show; readonly last: () => ToBeSigned | undefined } {
  let [text, last]: [string, ToBeSigned | undefined] = ['', undefined];
  return {
    last: () => last,
    show: (what) => {
      const lines = describeToBeSigned(what);
      if (lines.join() !== text) for (const line of lines) note(line);
      [text, last] = [lines.join(), what];
    },
  };
}
