// The names of a peer that the paths to its certificate vouch for: those that the name constraints of the path govern.
import type { Bytes } from '../octets.ts';
import { textOf } from './name.ts';
import type { NameConstraints } from './nameConstraints.ts';
import type { LeafCertificate, ParsedCertificate } from './parse.ts';
import type { TrustAnchor } from './trustAnchor.ts';
import type { Authority } from './trustStore.ts';
import type { ValidatedCertificate } from './validate.ts';

/** The kinds of names of a certificate that an expected name is compared with. The text of the name shows its kind. */
export type NameForm = (typeof forms)[number];
const forms = ['URI', 'DNS name', 'directory name', 'subject', 'common name'] as const;

/**
 * Returns the form of a name: `URI:...`, `DNS:...`, `DIR:CN=...` for a directory name, the whole subject (RFC 4514) when
 * it contains `=`, otherwise a common name.
 */
export function formOf(name: string): NameForm {
  if (name.startsWith('URI:')) return 'URI';
  if (name.startsWith('DNS:')) return 'DNS name';
  if (!name.includes('=')) return 'common name';
  return name.startsWith('DIR:') ? 'directory name' : 'subject';
}

/** The form in which names are compared: DNS names without case, all others octet by octet. */
export const comparableName = (name: string): string =>
  formOf(name) === 'DNS name' ? `DNS:${name.slice('DNS:'.length).toLowerCase()}` : name;

/** Every name of a certificate, as `formOf` reads it. A common name that looks like another form is left out. */
export function namesOf({ commonName, subject, uris, dnsNames, directoryNames }: LeafCertificate): readonly string[] {
  const common = commonName !== undefined && formOf(commonName) === 'common name' ? [commonName] : [];
  const whole = subject === '' ? [] : [subject];
  const alternatives = [
    ...uris.map((uri) => `URI:${uri}`),
    ...dnsNames.map((name) => `DNS:${name}`),
    ...directoryNames.map((name) => `DIR:${textOf(name)}`),
  ];
  return [...common, ...whole, ...alternatives].map(comparableName);
}

/** The form of subtrees that governs each form of names. None governs a common name (RFC 5280, section 4.2.1.10). */
const subtreeForms = {
  URI: 'uri',
  'DNS name': 'dns',
  'directory name': 'directory',
  subject: 'directory',
  'common name': undefined,
} as const;

/**
 * Whether the name constraints of a path govern a form of names: each of them has a permitted subtree of this form. If
 * one of them does not limit a form, the authorities below it may write any name of this form, so such a name proves
 * nothing. A path without name constraints governs every form: its authorities are trusted with all names.
 */
export const governs = (constraints: readonly NameConstraints[], form: NameForm): boolean =>
  constraints.every(({ permitted }) => permitted.some((subtree) => subtree.form === subtreeForms[form]));

/** The names of a peer that one valid path vouches for, and the trust anchor at its top. */
export interface Voucher {
  readonly trustAnchor: TrustAnchor;
  /** The certificates of the authorities of the path, DER: from the issuer of the peer's to the trust anchor, which is the last one. */
  readonly chain: readonly Bytes[];
  /** In the form of `expectedPeer`: `bob`, `CN=bob`, `URI:...`, `DNS:...` in lower case, `DIR:CN=...`. */
  readonly names: readonly string[];
}

/** The peer of a handshake: its certificate, and the vouchers for its names. */
export interface Peer extends ParsedCertificate {
  /**
   * One for each valid path to the certificate. Compare names only with the names in here: an authority under name
   * constraints may have written anything into the other names of the certificate.
   */
  readonly vouchers: readonly Voucher[];
}

/** The authorities of a path, from its end to the trust anchor. */
function authoritiesOf(path: Authority): readonly Authority[] {
  return path.under === undefined ? [path] : [path, ...authoritiesOf(path.under.issuer)];
}

/** What the valid paths to a certificate vouch for. */
export function vouchersOf(certificate: LeafCertificate, paths: readonly Authority[]): readonly Voucher[] {
  const names = namesOf(certificate);
  return paths.map((path) => {
    const authorities = authoritiesOf(path);
    const trustAnchor = (authorities.at(-1) ?? path).certificate;
    const chain = authorities.map(({ certificate: { octets } }) => octets);
    const governed = forms.filter((form) => governs(path.constraints, form));
    return { trustAnchor, chain, names: names.filter((name) => governed.includes(formOf(name))) };
  });
}

/** Makes the peer of a validated certificate. */
export const peerOf = ({ paths, ...certificate }: ValidatedCertificate): Peer => ({
  ...certificate,
  vouchers: vouchersOf(certificate, paths),
});
