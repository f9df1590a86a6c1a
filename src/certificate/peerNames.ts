// The names of a peer that the paths to its certificate vouch for: those that their name constraints govern.
import type { NameConstraints } from './nameConstraints.ts';
import type { ParsedCertificate } from './parse.ts';
import type { TrustAnchor } from './trustAnchor.ts';
import type { Authority } from './trustStore.ts';
import type { ValidatedCertificate } from './validate.ts';

/** The names of a certificate that a name of a peer is compared with; the text of the name says which. */
export type NameForm = (typeof forms)[number];
const forms = ['URI', 'DNS name', 'subject', 'common name'] as const;

/** `URI:...` and `DNS:...` say it, a `=` means the whole subject (RFC 4514), and anything else is a common name. */
export function formOf(name: string): NameForm {
  if (name.startsWith('URI:')) return 'URI';
  if (name.startsWith('DNS:')) return 'DNS name';
  return name.includes('=') ? 'subject' : 'common name';
}

/** A name as it is compared: DNS names without case, anything else octet by octet. */
export const comparableName = (name: string): string =>
  formOf(name) === 'DNS name' ? `DNS:${name.slice('DNS:'.length).toLowerCase()}` : name;

/** Every name of a certificate, each in the text that says its form. A common name that looks like another form is none. */
export function namesOf({ commonName, subject, uris, dnsNames }: ParsedCertificate): readonly string[] {
  const common = commonName !== undefined && formOf(commonName) === 'common name' ? [commonName] : [];
  const whole = subject === '' ? [] : [subject];
  return [...common, ...whole, ...uris.map((uri) => `URI:${uri}`), ...dnsNames.map((name) => `DNS:${name}`)].map(
    comparableName,
  );
}

/** The form of subtrees that governs a form of names. None is about a common name (RFC 5280, section 4.2.1.10). */
const subtreeForms = { URI: 'uri', 'DNS name': 'dns', subject: 'directory', 'common name': undefined } as const;

/**
 * Whether the name constraints of a path govern a form of names: each of them has a permitted subtree of this form. A form
 * that one of them does not limit is free to those that it was to limit, so that such a name says nothing. A path without
 * name constraints governs every form: its authorities are trusted with all names.
 */
export const governs = (constraints: readonly NameConstraints[], form: NameForm): boolean =>
  constraints.every(({ permitted }) => permitted.some((subtree) => subtree.form === subtreeForms[form]));

/** The names of a peer that one valid path vouches for, and the trust anchor at its top. */
export interface Voucher {
  readonly trustAnchor: TrustAnchor;
  /** As `expectedPeer` writes them: `bob`, `CN=bob`, `URI:...`, `DNS:...` in lower case. */
  readonly names: readonly string[];
}

/** The peer of a handshake: its certificate, and who vouches for which of its names. */
export interface Peer extends ParsedCertificate {
  /**
   * One for each valid path to the certificate. Names are to be compared with those in here: the other ones of the
   * certificate may be anything that an authority under name constraints liked to write.
   */
  readonly vouchers: readonly Voucher[];
}

function anchorOf(path: Authority): TrustAnchor {
  let at = path;
  while (at.under !== undefined) at = at.under.issuer;
  return at.certificate;
}

/** The peer that a validated certificate shows. */
export function peerOf({ paths, ...certificate }: ValidatedCertificate): Peer {
  const names = namesOf(certificate);
  const vouchers = paths.map((path) => {
    const governed = forms.filter((form) => governs(path.constraints, form));
    return { trustAnchor: anchorOf(path), names: names.filter((name) => governed.includes(formOf(name))) };
  });
  return { ...certificate, vouchers };
}
