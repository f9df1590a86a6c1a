// Finds the authorities that may have issued a certificate. It takes the same time whether there are any or not.
import type { VerificationKey } from '../crypto/suite.ts';
import { latin1 } from '../der/der.ts';
import { type AuthorityCertificate, isSigned } from './authority.ts';
import { type Authority, type Issued, isKeyed } from './trustStore.ts';

/** Tables of the authorities of a store, made once. */
interface Issuers {
  readonly byName: ReadonlyMap<string, readonly Authority[]>;
  /** A number for each distinct key. Several certificates may share it. */
  readonly keys: ReadonlyMap<AuthorityCertificate, number>;
  /** The most keys to try for any certificate: with a key identifier (`mostKeyed`), and without one (`most`). */
  readonly mostKeyed: number;
  readonly most: number;
  /** A key of each algorithm, for verifications whose result is discarded. */
  readonly decoys: ReadonlyMap<string, VerificationKey>;
}

type Keys = Issuers['keys'];

function numberedKeys(authorities: readonly Authority[]): Keys {
  const numbers = new Map<string, number>();
  const keys = new Map<AuthorityCertificate, number>();
  for (const { certificate } of authorities) {
    const key = latin1(certificate.verificationKey.octets);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    keys.set(certificate, number);
  }
  return keys;
}

const countKeys = (keys: Keys, authorities: readonly Authority[]): number =>
  new Set(authorities.map(({ certificate }) => keys.get(certificate))).size;

/** The most keys that can match one key identifier, among authorities of one name. */
function mostKeysOfIdentifier(keys: Keys, named: readonly Authority[]): number {
  const counts = named.map(({ certificate: { subjectKeyIdentifier: stated } }) => {
    const those = named.filter(({ certificate }) =>
      stated === undefined
        ? certificate.subjectKeyIdentifier === undefined
        : isKeyed(certificate, { authorityKeyIdentifier: stated }),
    );
    return countKeys(keys, those);
  });
  return Math.max(...counts);
}

function issuersAmong(authorities: readonly Authority[]): Issuers {
  const byName = new Map<string, Authority[]>();
  for (const authority of authorities) {
    const name = latin1(authority.certificate.subject.octets);
    byName.set(name, [...(byName.get(name) ?? []), authority]);
  }
  const groups = [...byName.values()];
  const keys = numberedKeys(authorities);
  return {
    byName,
    keys,
    mostKeyed: Math.max(0, ...groups.map((named) => mostKeysOfIdentifier(keys, named))),
    most: Math.max(0, ...groups.map((named) => countKeys(keys, named))),
    decoys: new Map(authorities.map(({ certificate: { verificationKey: key } }) => [key.algorithm.oid, key])),
  };
}

const found = new WeakMap<readonly Authority[], Issuers>();

function issuersOf(authorities: readonly Authority[]): Issuers {
  const issuers = found.get(authorities) ?? issuersAmong(authorities);
  found.set(authorities, issuers);
  return issuers;
}

/** The authorities whose subject is the stated issuer, octet by octet. */
export const namedIssuers = (
  authorities: readonly Authority[],
  { issuer }: Pick<Issued, 'issuer'>,
): readonly Authority[] => issuersOf(authorities).byName.get(latin1(issuer.octets)) ?? [];

/**
 * Returns those candidates (a subset of `authorities`) that signed something. Each of their keys is tried once. The
 * number of verifications is that of the certificate with the most possible candidates; missing candidates are replaced
 * by verifications with discarded results. So the time does not reveal which authorities exist. When a suite has
 * several algorithms, it may reveal that no authority uses that of the certificate.
 */
export function signersAmong(
  authorities: readonly Authority[],
  candidates: readonly Authority[],
  issued: Issued,
): ReadonlySet<AuthorityCertificate> {
  const { keys, mostKeyed, most, decoys } = issuersOf(authorities);
  const { oid } = issued.signatureAlgorithm;
  const verdicts = new Map<number, boolean>();
  for (const { certificate } of candidates) {
    const key = keys.get(certificate);
    if (key === undefined || certificate.verificationKey.algorithm.oid !== oid || verdicts.has(key)) continue;
    verdicts.set(key, isSigned(certificate.verificationKey, issued));
  }
  const decoy = decoys.get(oid);
  const wanted = issued.authorityKeyIdentifier === undefined ? most : mostKeyed;
  for (let tried = verdicts.size; decoy !== undefined && tried < wanted; tried += 1) isSigned(decoy, issued);
  const isSigner = (certificate: AuthorityCertificate): boolean => verdicts.get(keys.get(certificate) ?? -1) === true;
  return new Set(candidates.map(({ certificate }) => certificate).filter(isSigner));
}
