// The paths from trust anchors to authorities (RFC 5280, section 6). They are built and verified once, at
// configuration.

import { latin1 } from '../der/der.ts';
import { type Checked, passed, refused } from '../failure.ts';
import { type Bytes, same } from '../octets.ts';
import { type AuthorityCertificate, type Intermediate, isSigned, type Signed } from './authority.ts';
import type { CertificateCode } from './codes.ts';
import { keyUsageBits } from './extensions.ts';
import type { Leniency } from './leniency.ts';
import { shownName } from './name.ts';
import { type ConstrainedNames, foldConstraints, forbiddenName, type NameConstraints } from './nameConstraints.ts';
import type { RevocationList } from './revocationList.ts';
import type { TrustAnchor } from './trustAnchor.ts';

/**
 * `required`: a certificate is accepted only when a valid and fresh revocation list of its issuer does not name it.
 * `if-present`: the same, but only for issuers with a configured list, whichever of their keys signed it; certificates
 * of other issuers cannot be revoked. An issuer is identified by its name (RFC 5280, section 6.3.3).
 */
export type RevocationPolicy = 'required' | 'if-present';

/** An authority at the end of a path from a trust anchor, and the limits of the path for certificates below it. */
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

/** Everything that is trusted, prepared for the validation of certificates. */
export interface TrustStore {
  /** The authorities that may have issued the certificate of a peer, one for each path. */
  readonly authorities: readonly Authority[];
  /**
   * Revocation lists with a verified signature of an authority with their issuer's name. Keys are that name (`latin1`
   * of its DER). Each inner array holds the lists of one key, the highest number first.
   */
  readonly revocationLists: ReadonlyMap<string, readonly (readonly RevocationList[])[]>;
  readonly revocation: RevocationPolicy;
  /** What is permitted in the certificates of peers beyond the profile. */
  readonly lenient: readonly Leniency[];
}

/** A certificate or list that states its issuer, and is signed. */
export interface Issued extends Signed {
  readonly issuer: { readonly octets: Bytes; readonly text: string };
  readonly authorityKeyIdentifier: Bytes | undefined;
}

/** Few authorities have few paths. More than this number come from cross-certificates. */
const mostPaths = 256;
const longestPath = 16;

/** Whether the subject of an authority equals the stated issuer, octet by octet. */
export const isNamed = ({ subject }: AuthorityCertificate, { issuer }: Pick<Issued, 'issuer'>): boolean =>
  same(subject.octets, issuer.octets);

/**
 * Whether the key identifiers allow the authority to be the issuer: they are equal where both state one. RFC 5280,
 * section 4.2.1.1, wants issuers to state it. Without it only the signature shows the issuer.
 */
export const isKeyed = (
  { subjectKeyIdentifier: own }: AuthorityCertificate,
  { authorityKeyIdentifier: stated }: Pick<Issued, 'authorityKeyIdentifier'>,
): boolean => stated === undefined || own === undefined || same(own, stated);

/** Refuses names that the constraints of a path forbid. */
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

/** The constraints of the authority itself. They are normalized now, which saves time in each validation. */
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

/** Returns a function that verifies signatures, each under each key once. */
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

/** Extends a path by an intermediate, or returns the reason why it cannot. */
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
export function* certificatesOf(path: Authority): Generator<AuthorityCertificate> {
  for (let at: Authority | undefined = path; at !== undefined; at = at.under?.issuer) yield at.certificate;
}

/** Returns every path without repeated certificates; refuses an intermediate that is on none. */
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

/** The codes of refusals, in the order in which the checks run. */
const stages: readonly CertificateCode[] = [
  'certificate-untrusted',
  'certificate-outside-validity',
  'certificate-constraint',
  'certificate-revocation-unknown',
  'certificate-revoked',
];

/** Of two results, the accepted one, otherwise the one that failed at the later check. */
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

/** Sorts lists by the name of their issuer and the key that signed them; refuses a list without such an authority. */
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
 * Builds every path from the trust anchors through the intermediates, and verifies the signatures of the intermediates
 * and the revocation lists, once. Path lengths and name constraints of every authority count, also those of trust
 * anchors. Validity periods and the freshness of lists are checked with each certificate. An intermediate on no path is
 * refused, and so is a list that no authority with cRLSign signed (PQ-P-18, PQ-P-74). Never throws. Codes:
 * `certificate-untrusted`,
 * `certificate-constraint`, `certificate-revocation-unknown`.
 */
export function trustStore(options: {
  readonly trustAnchors: readonly TrustAnchor[];
  readonly intermediates?: readonly Intermediate[] | undefined;
  readonly revocationLists?: readonly RevocationList[] | undefined;
  /** Default `if-present`. */
  readonly revocation?: RevocationPolicy | undefined;
  /** What is permitted in the certificates of peers beyond the profile; default nothing. */
  readonly lenient?: readonly Leniency[] | undefined;
}): Checked<TrustStore, CertificateCode> {
  const { trustAnchors, intermediates = [], revocationLists = [], revocation = 'if-present', lenient = [] } = options;
  const verify = rememberingVerifier();
  const paths = pathsOf(distinct(trustAnchors), distinct(intermediates), verify);
  if (!paths.ok) return paths;
  const lists = listsOf(paths.value, distinct(revocationLists), verify);
  if (!lists.ok) return lists;
  return passed({ authorities: paths.value, revocationLists: lists.value, revocation, lenient });
}
