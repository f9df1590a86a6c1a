// The paths that lead from trust anchors to authorities (RFC 5280, section 6), built and verified once, at configuration.

import { latin1 } from '../der/der.ts';
import { type Checked, passed, refused } from '../failure.ts';
import { type Bytes, same } from '../octets.ts';
import { type AuthorityCertificate, type Intermediate, isSigned, type Signed } from './authority.ts';
import type { CertificateCode } from './codes.ts';
import { keyUsageBits } from './extensions.ts';
import { shownName } from './name.ts';
import { type ConstrainedNames, foldConstraints, forbiddenName, type NameConstraints } from './nameConstraints.ts';
import type { RevocationList } from './revocationList.ts';
import type { TrustAnchor } from './trustAnchor.ts';

/**
 * `required`: no certificate is accepted unless a valid and fresh revocation list of its issuer tells that it is not revoked.
 * `if-present`: the same for certificates of an issuer of which a list is configured, whichever of its keys signed the list;
 * those of other issuers cannot be revoked. The issuer is its name (RFC 5280, section 6.3.3).
 */
export type RevocationPolicy = 'required' | 'if-present';

/** An authority at the end of a path from a trust anchor, and what the path leaves to those below it. */
export interface Authority {
  readonly certificate: AuthorityCertificate;
  /** Of an intermediate: its issuer, and its own serial number in hexadecimal digits. */
  readonly under: { readonly issuer: Authority; readonly serialNumber: string } | undefined;
  /** How many more intermediates may follow. */
  readonly pathLength: number;
  readonly constraints: readonly NameConstraints[];
  /** First and last second in which every certificate of the path is valid. */
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** All that is trusted, ready to judge certificates with. */
export interface TrustStore {
  /** Those that may have issued the certificate of a peer, one for each path. */
  readonly authorities: readonly Authority[];
  /**
   * Revocation lists whose signature by an authority of their issuer's name was verified, by this name (`latin1` its DER): of
   * each key of the name those that it signed, the highest number first.
   */
  readonly revocationLists: ReadonlyMap<string, readonly (readonly RevocationList[])[]>;
  readonly revocation: RevocationPolicy;
}

/** A certificate or list that states its issuer, and is signed by it. */
export interface Issued extends Signed {
  readonly issuer: { readonly octets: Bytes; readonly text: string };
  readonly authorityKeyIdentifier: Bytes | undefined;
}

/** Paths are few where authorities are; more than this many come from certificates that cross each other. */
const mostPaths = 256;
const longestPath = 16;

/** Whether the subject of an authority is the stated issuer, octet by octet. */
export const isNamed = ({ subject }: AuthorityCertificate, { issuer }: Pick<Issued, 'issuer'>): boolean =>
  same(subject.octets, issuer.octets);

/**
 * Whether key identifiers let the authority be the issuer: where both state one, they are the same. RFC 5280, section
 * 4.2.1.1, wants issuers to state it; without it the signature alone says whose a certificate is.
 */
export const isKeyed = (
  { subjectKeyIdentifier: own }: AuthorityCertificate,
  { authorityKeyIdentifier: stated }: Pick<Issued, 'authorityKeyIdentifier'>,
): boolean => stated === undefined || own === undefined || same(own, stated);

/** Refuses what names constraints of a path forbid. */
export function checkNames(
  { constraints }: Pick<Authority, 'constraints'>,
  names: ConstrainedNames,
): Checked<true, CertificateCode> {
  for (const one of constraints) {
    const forbidden = forbiddenName(one, names);
    if (forbidden !== undefined) return refused('certificate-constraint', `${forbidden} is not permitted`);
  }
  return passed(true);
}

/** The constraints of an authority's own, folded now, so that no certificate that is judged pays for it. */
function ownConstraints({ nameConstraints: own }: AuthorityCertificate): readonly NameConstraints[] {
  if (own === undefined) return [];
  foldConstraints(own);
  return [own];
}

const anchored = (certificate: TrustAnchor): Authority => ({
  certificate,
  under: undefined,
  pathLength: certificate.pathLength,
  constraints: ownConstraints(certificate),
  notBefore: certificate.notBefore,
  notAfter: certificate.notAfter,
});

const later = (one: Date, other: Date): Date => (one > other ? one : other);
const earlier = (one: Date, other: Date): Date => (one < other ? one : other);

/** Verifies signatures, each under each key once. */
function rememberingVerifier(): (certificate: AuthorityCertificate, issued: Issued) => boolean {
  const verdicts = new Map<AuthorityCertificate, Map<Issued, boolean>>();
  return (certificate, issued) => {
    const known = verdicts.get(certificate) ?? new Map<Issued, boolean>();
    verdicts.set(certificate, known);
    const verdict = known.get(issued) ?? isSigned(certificate.verificationKey, issued);
    known.set(issued, verdict);
    return verdict;
  };
}

type Verify = ReturnType<typeof rememberingVerifier>;

/** The path one intermediate longer, or why there is none. */
function extended(path: Authority, intermediate: Intermediate, verify: Verify): Checked<Authority, CertificateCode> {
  const { names } = intermediate;
  const [subject, issuer] = [intermediate.subject.octets, intermediate.issuer.octets];
  if (!isNamed(path.certificate, intermediate) || !isKeyed(path.certificate, intermediate))
    return refused('certificate-untrusted', `no authority ${shownName(issuer)} with its key identifier`);
  if (!verify(path.certificate, intermediate))
    return refused('certificate-untrusted', `${shownName(subject)}: not signed by ${shownName(issuer)}`);
  if (path.pathLength === 0)
    return refused('certificate-constraint', `${shownName(subject)}: longer than the path may be`);
  const permitted = checkNames(path, names);
  if (!permitted.ok) return permitted;
  return passed({
    certificate: intermediate,
    under: { issuer: path, serialNumber: intermediate.serialNumber },
    pathLength: Math.min(path.pathLength - 1, intermediate.pathLength),
    constraints: [...path.constraints, ...ownConstraints(intermediate)],
    notBefore: later(path.notBefore, intermediate.notBefore),
    notAfter: earlier(path.notAfter, intermediate.notAfter),
  });
}

/** The certificates of a path, from the last one to the anchor. */
function* certificatesOf(path: Authority): Generator<AuthorityCertificate> {
  for (let at: Authority | undefined = path; at !== undefined; at = at.under?.issuer) yield at.certificate;
}

/** Every path without a certificate twice; refused when an intermediate is on none. */
function pathsOf(
  anchors: readonly TrustAnchor[],
  intermediates: readonly Intermediate[],
  verify: Verify,
): Checked<readonly Authority[], CertificateCode> {
  const paths = anchors.map(anchored);
  const refusals = new Map<Intermediate, Checked<Authority, CertificateCode>>();
  for (let i = 0; i < paths.length; i += 1) {
    const path = paths[i];
    const certificates = path === undefined ? [] : [...certificatesOf(path)];
    for (const intermediate of intermediates) {
      if (path === undefined || certificates.includes(intermediate)) continue;
      const longer = extended(path, intermediate, verify);
      if (longer.ok) paths.push(longer.value);
      else refusals.set(intermediate, furthest(refusals.get(intermediate), longer));
      if (longer.ok && certificates.length > longestPath)
        return refused('certificate-constraint', `a path of more than ${longestPath} intermediates`);
      if (paths.length > mostPaths) return refused('certificate-constraint', `more than ${mostPaths} paths`);
    }
  }
  const placed = new Set(paths.map(({ certificate }) => certificate));
  const loose = intermediates.find((one) => !placed.has(one));
  if (loose === undefined) return passed(paths);
  const refusal = refusals.get(loose);
  return refusal === undefined || refusal.ok
    ? refused('certificate-untrusted', shownName(loose.subject.octets))
    : refusal;
}

/** Reasons of refusals, in the order in which they are found. */
const stages: readonly CertificateCode[] = [
  'certificate-untrusted',
  'certificate-outside-validity',
  'certificate-constraint',
  'certificate-revocation-unknown',
  'certificate-revoked',
];

/** Of two verdicts the acceptance, else that which got further. */
export function furthest<T>(
  one: Checked<T, CertificateCode> | undefined,
  other: Checked<T, CertificateCode>,
): Checked<T, CertificateCode> {
  if (one === undefined || other.ok) return other;
  return one.ok || stages.indexOf(one.code) >= stages.indexOf(other.code) ? one : other;
}

/** Lists by the key that signed them. */
type ListsByKey = Map<string, readonly RevocationList[]>;

const descending = (lists: readonly RevocationList[]): readonly RevocationList[] =>
  [...lists].sort((one, other) => (one.crlNumber < other.crlNumber ? 1 : -1));

/** The lists by the name of their issuer and the key that signed them; refused when one has no such authority. */
function listsOf(
  authorities: readonly Authority[],
  lists: readonly RevocationList[],
  verify: Verify,
): Checked<TrustStore['revocationLists'], CertificateCode> {
  const found = new Map<string, ListsByKey>();
  const certificates = [...new Set(authorities.map(({ certificate }) => certificate))];
  for (const list of lists) {
    const what = `revocation list ${list.crlNumber} of ${shownName(list.issuer.octets)}`;
    const named = certificates.filter((one) => isNamed(one, list) && isKeyed(one, list));
    const signers = named.filter((one) => verify(one, list));
    if (signers.length === 0) {
      const reason = named.length === 0 ? 'no such authority with its key identifier' : 'not signed by it';
      return refused('certificate-revocation-unknown', `${what}: ${reason}`);
    }
    if (!signers.every(({ keyUsage }) => keyUsage.includes(keyUsageBits.cRLSign)))
      return refused('certificate-revocation-unknown', `${what}: its key usage lacks cRLSign`);
    const name = latin1(list.issuer.octets);
    const ofName: ListsByKey = found.get(name) ?? new Map();
    found.set(name, ofName);
    for (const key of new Set(signers.map(({ verificationKey }) => latin1(verificationKey.octets)))) {
      const others = ofName.get(key) ?? [];
      if (others.some(({ crlNumber }) => crlNumber === list.crlNumber))
        return refused('certificate-revocation-unknown', `${what}: two lists of this number`);
      ofName.set(key, [...others, list]);
    }
  }
  return passed(new Map([...found].map(([name, ofName]) => [name, [...ofName.values()].map(descending)])));
}

const distinct = <T extends { readonly octets: Bytes }>(all: readonly T[]): readonly T[] =>
  all.filter((one, i) => all.findIndex((other) => other === one || same(other.octets, one.octets)) === i);

/**
 * Builds every path from the trust anchors over the intermediates, and verifies their signatures and those of the revocation
 * lists, once. Path lengths and name constraints of every authority count, trust anchors included; validity periods and the
 * freshness of lists are judged with each certificate. An intermediate on no path, and a list that no authority with cRLSign
 * signed, is refused. Never throws. Codes: `certificate-untrusted`, `certificate-constraint`,
 * `certificate-revocation-unknown`.
 */
export function trustStore(options: {
  readonly trustAnchors: readonly TrustAnchor[];
  readonly intermediates?: readonly Intermediate[] | undefined;
  readonly revocationLists?: readonly RevocationList[] | undefined;
  /** Default `if-present`. */
  readonly revocation?: RevocationPolicy | undefined;
}): Checked<TrustStore, CertificateCode> {
  const { trustAnchors, intermediates = [], revocationLists = [], revocation = 'if-present' } = options;
  const verify = rememberingVerifier();
  const paths = pathsOf(distinct(trustAnchors), distinct(intermediates), verify);
  if (!paths.ok) return paths;
  const lists = listsOf(paths.value, distinct(revocationLists), verify);
  if (!lists.ok) return lists;
  return passed({ authorities: paths.value, revocationLists: lists.value, revocation });
}
