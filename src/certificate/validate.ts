// Path validation (RFC 5280, section 6) of the certificate of a peer, over paths that were built before.
import { isEncapsulationKey } from '../crypto/modulus.ts';
import { type Checked, passed, refused } from '../failure.ts';
import { mandatorySuite, type SuiteAlgorithms } from '../generated/suites.ts';
import { type AuthorityCertificate, isSigned } from './authority.ts';
import { type ParsedCertificate, parseCertificate } from './parse.ts';
import type { RevocationList } from './revocationList.ts';
import type { TrustAnchor } from './trustAnchor.ts';
import { type Authority, checkNames, furthest, isKeyed, isNamed, type TrustStore, trustStore } from './trustStore.ts';

const holds = (time: Date, { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date }): boolean =>
  notBefore.getTime() <= time.getTime() && time.getTime() <= notAfter.getTime();

/** The store that trust anchors alone are. */
function asTrustStore(trust: TrustStore | readonly TrustAnchor[]): TrustStore {
  if ('authorities' in trust) return trust;
  const store = trustStore({ trustAnchors: trust });
  if (!store.ok) throw new TypeError('trust anchors alone are a store');
  return store.value;
}

const newest = (lists: readonly RevocationList[]): RevocationList | undefined =>
  lists.find(({ crlNumber }) => lists.every((other) => other.crlNumber <= crlNumber));

/** Refuses a certificate that the list of its issuer names, or of which no list can tell. */
function checkRevocation(
  { revocationLists, revocation }: TrustStore,
  time: Date,
  issuer: AuthorityCertificate,
  serialNumber: string,
): Checked<true> {
  const lists = revocationLists.get(issuer);
  const what = `certificate ${serialNumber} of ${issuer.subject.text}`;
  if (lists === undefined) {
    if (revocation === 'if-present') return passed(true);
    return refused('certificate-revocation-unknown', `${what}: no list of its issuer`);
  }
  const current = newest(lists.filter(({ thisUpdate }) => thisUpdate.getTime() <= time.getTime()));
  if (current === undefined)
    return refused('certificate-revocation-unknown', `${what}: no list of its issuer is in force yet`);
  const entry = current.revoked.get(serialNumber);
  if (entry !== undefined) return refused('certificate-revoked', `${what}: reason ${entry.reason}`);
  return time.getTime() <= current.nextUpdate.getTime()
    ? passed(true)
    : refused('certificate-revocation-unknown', `${what}: the list ended ${current.nextUpdate.toISOString()}`);
}

/** Judges a certificate under one path whose last authority signed it. */
function judgePath(store: TrustStore, time: Date, path: Authority, parsed: ParsedCertificate): Checked<true> {
  if (!holds(time, path)) return refused('certificate-outside-validity', `authority ${parsed.issuer.text}`);
  const permitted = checkNames(path, parsed);
  if (!permitted.ok) return permitted;
  let checked = checkRevocation(store, time, path.certificate, parsed.serialNumber);
  for (let { under } = path; checked.ok && under !== undefined; under = under.issuer.under) {
    checked = checkRevocation(store, time, under.issuer.certificate, under.serialNumber);
  }
  return checked;
}

/** A certificate that is valid, and the paths under which it is: at least one. */
export interface ValidatedCertificate extends ParsedCertificate {
  readonly paths: readonly Authority[];
}

/**
 * The judge of certificates at a time. It parses (see `parseCertificate`), wants the key to pass the modulus check of FIPS
 * 203, finds the authorities whose subject is the issuer, octet by octet, and whose key identifier is the stated one, wants
 * the time within all validity periods (bounds included), verifies the signature (empty context) under such an authority, and
 * keeps the name constraints and revocation lists of a path to it. Judges no identity (draft, section 4.4). Never throws.
 * Codes: those of `parseCertificate`, `invalid-encapsulation-key`, `certificate-untrusted`, `certificate-outside-validity`,
 * `certificate-constraint`, `certificate-revoked`, `certificate-revocation-unknown`.
 */
export function certificateValidator(options: {
  readonly trustAnchors: TrustStore | readonly TrustAnchor[];
  readonly time: Date;
  /** Default the mandatory ones. */
  readonly algorithms?: SuiteAlgorithms | undefined;
}): (der: Uint8Array) => Checked<ValidatedCertificate> {
  const store = asTrustStore(options.trustAnchors);
  const { time, algorithms = mandatorySuite } = options;
  return (der) => {
    const parsed = parseCertificate(der, algorithms);
    if (!parsed.ok) return parsed;
    const { encapsulationKey } = parsed.value;
    const isKey = (): boolean => isEncapsulationKey(encapsulationKey, algorithms.kem);
    return validate(store, time, parsed.value, isKey);
  };
}

function validate(
  store: TrustStore,
  time: Date,
  parsed: ParsedCertificate,
  isKey: () => boolean,
): Checked<ValidatedCertificate> {
  const { issuer } = parsed;
  const named = store.authorities.filter(({ certificate }) => isNamed(certificate, parsed));
  if (named.length === 0) return refused('certificate-untrusted', `no authority ${issuer.text}`);
  if (!isKey()) return refused('invalid-encapsulation-key');
  if (!holds(time, parsed)) return refused('certificate-outside-validity');
  const issuers = named.filter(({ certificate }) => isKeyed(certificate, parsed));
  if (issuers.length === 0)
    return refused('certificate-untrusted', `no authority ${issuer.text} with its key identifier`);
  const current = issuers.filter((path) => holds(time, path));
  if (current.length === 0) return refused('certificate-outside-validity', `authority ${issuer.text}`);
  const verdicts = new Map<AuthorityCertificate, boolean>();
  const paths: Authority[] = [];
  let judged: Checked<true> = refused('certificate-untrusted', `not signed by ${issuer.text}`);
  for (const path of current) {
    const { certificate } = path;
    const signed = verdicts.get(certificate) ?? isSigned(certificate.verificationKey, parsed);
    verdicts.set(certificate, signed);
    if (!signed) continue;
    const verdict = judgePath(store, time, path, parsed);
    if (verdict.ok) paths.push(path);
    judged = furthest(judged, verdict);
  }
  return judged.ok ? passed({ ...parsed, paths }) : judged;
}
