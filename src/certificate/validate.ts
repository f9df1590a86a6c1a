// Path validation (RFC 5280, section 6) of the certificate of a peer, along paths that were built before.

import { isEncapsulationKey } from '../crypto/modulus.ts';
import { latin1 } from '../der/der.ts';
import { type Checked, passed, refused } from '../failure.ts';
import { mandatorySuite, type SuiteAlgorithms } from '../generated/suites.ts';
import type { Bytes } from '../octets.ts';
import type { AuthorityCertificate } from './authority.ts';
import type { CertificateCode } from './codes.ts';
import { namedIssuers, signersAmong } from './issuers.ts';
import { knownCertificates } from './knownSignatures.ts';
import { shownName } from './name.ts';
import { type LeafCertificate, type ParsedCertificate, parseCertificate } from './parse.ts';
import type { RevocationList } from './revocationList.ts';
import type { TrustAnchor } from './trustAnchor.ts';
import { type Authority, checkNames, furthest, isKeyed, type TrustStore, trustStore } from './trustStore.ts';

const holds = (time: Date, { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date }): boolean =>
  notBefore.getTime() <= time.getTime() && time.getTime() <= notAfter.getTime();

/** A time in UTC; a caller may give one that is no date. */
const shownTime = (time: Date): string => (Number.isNaN(time.getTime()) ? 'not a date' : time.toISOString());

/** Says the validity of a certificate or path beside the time at which it was judged. */
const validityOf = (
  whose: string,
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
  time: Date,
): string =>
  `${whose} is valid from ${shownTime(notBefore)} to ${shownTime(notAfter)}, and the time is ${shownTime(time)}`;

/** Stores that were made of arrays of trust anchors. What stood in an array is kept, as its owner may change it. */
const made = new WeakMap<readonly TrustAnchor[], { readonly of: readonly TrustAnchor[]; readonly store: TrustStore }>();

/** Makes a store of trust anchors alone; the same one for the same anchors of an array. */
export function asTrustStore(trust: TrustStore | readonly TrustAnchor[]): TrustStore {
  if ('authorities' in trust) return trust;
  const before = made.get(trust);
  if (before?.of.length === trust.length && before.of.every((one, i) => one === trust[i])) return before.store;
  const store = trustStore({ trustAnchors: trust });
  if (!store.ok) throw new TypeError('trust anchors alone are a store');
  made.set(trust, { of: [...trust], store: store.value });
  return store.value;
}

/** Looks up a serial number in the lists of one key of an issuer. */
function judgeLists(lists: readonly RevocationList[], time: Date, serialNumber: string): Judgement {
  // The newest list in force counts. A newer list that is not in force yet counts only where it revokes: clocks differ
  // by seconds, and its issuer has revoked already.
  for (const { revoked, thisUpdate, nextUpdate } of lists) {
    const entry = revoked.get(serialNumber);
    if (entry !== undefined) return { is: 'revoked', reason: entry.reason };
    if (thisUpdate.getTime() <= time.getTime())
      return time.getTime() <= nextUpdate.getTime() ? { is: 'fresh' } : { is: 'ended', nextUpdate };
  }
  return { is: 'not yet' };
}

type Judgement =
  | { readonly is: 'revoked'; readonly reason: number }
  | { readonly is: 'fresh' }
  | { readonly is: 'ended'; readonly nextUpdate: Date }
  | { readonly is: 'not yet' };

/**
 * Refuses a certificate that a list of its issuer names, or whose status no list shows. Lists belong to the name of the
 * issuer (RFC 5280, section 6.3.3), whichever of its keys signed them. An entry in any of them revokes, and one of them
 * must be fresh.
 */
function checkRevocation(
  { revocationLists, revocation }: TrustStore,
  time: Date,
  { subject: { octets: issuer } }: AuthorityCertificate,
  serialNumber: string,
): Checked<true, CertificateCode> {
  const ofIssuer = revocationLists.get(latin1(issuer));
  const unknown = (why: string): Checked<true, CertificateCode> =>
    refused('certificate-revocation-unknown', `certificate ${serialNumber} of ${shownName(issuer)}: ${why}`);
  if (ofIssuer === undefined) return revocation === 'if-present' ? passed(true) : unknown('no list of its issuer');
  const judged = ofIssuer.map((lists) => judgeLists(lists, time, serialNumber));
  for (const one of judged) {
    if (one.is !== 'revoked') continue;
    return refused('certificate-revoked', `certificate ${serialNumber} of ${shownName(issuer)}: reason ${one.reason}`);
  }
  if (judged.some(({ is }) => is === 'fresh')) return passed(true);
  const ends = judged.flatMap((one) => (one.is === 'ended' ? [one.nextUpdate.getTime()] : []));
  return ends.length === 0
    ? unknown('no list of its issuer is in force yet')
    : unknown(`the list ended ${new Date(Math.max(...ends)).toISOString()}`);
}

/** Checks a certificate under one path whose last authority signed it. */
function judgePath(
  store: TrustStore,
  time: Date,
  path: Authority,
  parsed: LeafCertificate,
): Checked<true, CertificateCode> {
  if (!holds(time, path))
    return refused(
      'certificate-outside-validity',
      validityOf(`the authority ${shownName(parsed.issuer.octets)}`, path, time),
    );
  const permitted = checkNames(path, parsed);
  if (!permitted.ok) return permitted;
  let checked = checkRevocation(store, time, path.certificate, parsed.serialNumber);
  for (let { under } = path; checked.ok && under !== undefined; under = under.issuer.under) {
    checked = checkRevocation(store, time, under.issuer.certificate, under.serialNumber);
  }
  return checked;
}

/** A valid certificate, and the paths under which it is valid: at least one. */
export interface ValidatedCertificate extends ParsedCertificate {
  readonly paths: readonly Authority[];
}

/**
 * Makes a validator of certificates at a time. It parses the certificate (see `parseCertificate`) and checks the
 * modulus of its key (FIPS 203). It finds the authorities whose subject is the issuer, octet by octet, and whose key
 * identifier is the stated one. The time must be within all validity periods (bounds included). It verifies the
 * signature (empty context) under such an authority, and enforces the name constraints and revocation lists of a path
 * to it. It checks no identity (draft, section 4.4). Never throws. Codes: those of `parseCertificate`,
 * `invalid-encapsulation-key`, `certificate-untrusted`, `certificate-outside-validity`, `certificate-constraint`,
 * `certificate-revoked`, `certificate-revocation-unknown`.
 */
export function certificateValidator(options: {
  readonly trustAnchors: TrustStore | readonly TrustAnchor[];
  readonly time: Date;
  /** Default those of the mandatory suite. */
  readonly algorithms?: SuiteAlgorithms | undefined;
  /** Called with each certificate that could be read, before anything in it is judged. */
  readonly onRead?: (certificate: ParsedCertificate) => void;
  /**
   * Compares octets, all of them. With it a certificate is read, its key checked and its signature verified once for a trust store, and everything
   * else each time; who measures the time learns that the certificate was seen before. Default: all of it each time.
   */
  readonly remembered?: ((one: Bytes, other: Bytes) => boolean) | undefined;
  /**
   * Told of each certificate that may be remembered, which `remember` does: to be called once its sender has shown that it has the key. Default: it is
   * remembered at once.
   */
  readonly onSigned?: ((remember: () => void) => void) | undefined;
}): (der: Uint8Array) => Checked<ValidatedCertificate, CertificateCode> {
  const store = asTrustStore(options.trustAnchors);
  const { time, algorithms = mandatorySuite, onRead, remembered, onSigned = (remember) => remember() } = options;
  const memory = remembered && knownCertificates(store, algorithms, remembered);
  return (der) => {
    const known = memory?.find(der);
    const parsed = known ? passed(known.certificate) : parseCertificate(der, algorithms, store.lenient);
    if (!parsed.ok) return parsed;
    const certificate = parsed.value;
    onRead?.(certificate);
    const isKey = (): boolean =>
      known !== undefined || isEncapsulationKey(certificate.encapsulationKey, algorithms.kem);
    const signersBy: SignersBy = (find) => {
      if (known !== undefined) return known.signers;
      const signers = find();
      if (signers.size > 0 && memory !== undefined) onSigned(() => memory.add({ certificate, signers }));
      return signers;
    };
    return validate(store, time, certificate, isKey, signersBy);
  };
}

type Signers = ReadonlySet<AuthorityCertificate>;

/** Who signed: what `find` answers, or what it answered before. */
type SignersBy = (find: () => Signers) => Signers;

/** The certificate of a peer, as refusals name it. Its subject is a stranger's until the signature was verified. */
const certificateOf = ({ subjectName, serialNumber }: LeafCertificate): string =>
  `the certificate ${serialNumber} of ${shownName(subjectName) || 'an empty subject'}`;

/**
 * Validates a certificate that was parsed by some profile; see `certificateValidator`.
 * @param isKey - checks its key
 * @param signersBy - asks who signed it; default by its signature
 */
export function validate<T extends LeafCertificate>(
  store: TrustStore,
  time: Date,
  parsed: T,
  isKey: () => boolean,
  signersBy: SignersBy = (find) => find(),
): Checked<T & { readonly paths: readonly Authority[] }, CertificateCode> {
  // The time must not reveal whether the issuer is known: up to the signature every certificate takes the same work.
  const issuer = shownName(parsed.issuer.octets);
  const named = namedIssuers(store.authorities, parsed);
  const isOwnKey = isKey();
  const candidates = named.filter(({ certificate }) => isKeyed(certificate, parsed));
  const isDue = isOwnKey && holds(time, parsed);
  const signers = isDue
    ? signersBy(() => signersAmong(store.authorities, candidates, parsed))
    : new Set<AuthorityCertificate>();
  if (named.length === 0) return refused('certificate-untrusted', `no authority ${issuer}`);
  if (!isOwnKey) return refused('invalid-encapsulation-key');
  if (!isDue) return refused('certificate-outside-validity', validityOf(certificateOf(parsed), parsed, time));
  if (candidates.length === 0)
    return refused('certificate-untrusted', `no authority ${issuer} with its key identifier`);
  const current = candidates.filter((path) => holds(time, path));
  const [first] = candidates;
  if (current.length === 0 && first !== undefined)
    return refused('certificate-outside-validity', validityOf(`the authority ${issuer}`, first, time));
  const paths: Authority[] = [];
  let judged: Checked<true, CertificateCode> = refused('certificate-untrusted', `not signed by ${issuer}`);
  for (const path of current) {
    if (!signers.has(path.certificate)) continue;
    const verdict = judgePath(store, time, path, parsed);
    if (verdict.ok) paths.push(path);
    judged = furthest(judged, verdict);
  }
  if (!judged.ok) return judged;
  // Dates are the caller's to change, and what is remembered is not.
  const [notBefore, notAfter] = [new Date(parsed.notBefore), new Date(parsed.notAfter)];
  return passed({ ...parsed, notBefore, notAfter, paths });
}
