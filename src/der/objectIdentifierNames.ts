// Names of the object identifiers that people meet in certificates and keys.
import { kemTable, signatureTable, suiteTable } from '../generated/suites.ts';

/**
 * Algorithms outside of the suites (FIPS 203 to 205, RFC 3279, 5480, 5758, 8017, 8018, 8410), and extensions of
 * certificates (RFC 5280, section 4.2.1).
 */
const others: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.4.1': 'ML-KEM-512',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.20': 'SLH-DSA-SHA2-128s',
  '2.16.840.1.101.3.4.3.21': 'SLH-DSA-SHA2-128f',
  '2.16.840.1.101.3.4.3.22': 'SLH-DSA-SHA2-192s',
  '2.16.840.1.101.3.4.3.23': 'SLH-DSA-SHA2-192f',
  '2.16.840.1.101.3.4.3.25': 'SLH-DSA-SHA2-256f',
  '2.16.840.1.101.3.4.3.26': 'SLH-DSA-SHAKE-128s',
  '2.16.840.1.101.3.4.3.27': 'SLH-DSA-SHAKE-128f',
  '2.16.840.1.101.3.4.3.28': 'SLH-DSA-SHAKE-192s',
  '2.16.840.1.101.3.4.3.29': 'SLH-DSA-SHAKE-192f',
  '2.16.840.1.101.3.4.3.30': 'SLH-DSA-SHAKE-256s',
  '2.16.840.1.101.3.4.3.31': 'SLH-DSA-SHAKE-256f',
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.2.840.113549.1.1.10': 'RSASSA-PSS',
  '1.2.840.113549.1.1.11': 'RSA with SHA-256',
  '1.2.840.113549.1.1.12': 'RSA with SHA-384',
  '1.2.840.113549.1.1.13': 'RSA with SHA-512',
  '1.2.840.10045.2.1': 'EC',
  '1.2.840.10045.4.3.2': 'ECDSA with SHA-256',
  '1.2.840.10045.4.3.3': 'ECDSA with SHA-384',
  '1.2.840.10045.4.3.4': 'ECDSA with SHA-512',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
  '1.2.840.113549.1.5.12': 'PBKDF2',
  '1.2.840.113549.1.5.13': 'PBES2',
  '1.3.6.1.4.1.11591.4.11': 'scrypt',
  '2.5.29.14': 'subject key identifier',
  '2.5.29.15': 'key usage',
  '2.5.29.17': 'subject alternative name',
  '2.5.29.18': 'issuer alternative name',
  '2.5.29.19': 'basic constraints',
  '2.5.29.30': 'name constraints',
  '2.5.29.31': 'CRL distribution points',
  '2.5.29.32': 'certificate policies',
  '2.5.29.33': 'policy mappings',
  '2.5.29.35': 'authority key identifier',
  '2.5.29.36': 'policy constraints',
  '2.5.29.37': 'extended key usage',
  '2.5.29.54': 'inhibit anyPolicy',
  '1.3.6.1.5.5.7.1.1': 'authority information access',
};

const kems: ReadonlyMap<string, string> = new Map(Object.values(kemTable).map(({ oid, name }) => [oid, name]));
const signatures: ReadonlyMap<string, string> = new Map(
  Object.values(signatureTable).map(({ oid, name }) => [oid, name]),
);

/** An object identifier for people: with its name, where it has one. */
export function named(oid: string): string {
  const name = kems.get(oid) ?? signatures.get(oid) ?? others[oid];
  return name === undefined ? oid : `${name} (${oid})`;
}

/** Says which suites have an algorithm; empty when none has. */
export function ofSuites(oid: string): string {
  const having = Object.values(suiteTable).filter(({ kem, signatures: all }) =>
    [kem, ...all].some((one) => one.oid === oid),
  );
  return having.length === 0 ? '' : `, of the suite ${having.map(({ name }) => name).join(' or ')}`;
}

interface Identified {
  readonly oid: string;
}

/**
 * Says whose an algorithm other than these is, when it is of the other side: a peer has a KEM key, an authority one that
 * signs.
 */
export const otherHolder =
  (thing: 'certificate' | 'key', among: readonly Identified[]) =>
  (oid: string): string | undefined => {
    if (kems.has(oid) && among.some((one) => signatures.has(one.oid)))
      return `: this is the ${thing} of a peer, not of an authority`;
    if (signatures.has(oid) && among.some((one) => kems.has(one.oid)))
      return `: this is the ${thing} of an authority, not of a peer`;
    return undefined;
  };
