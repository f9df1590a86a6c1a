// DIR/ca.json: the record of everything that an authority issued and revoked. It holds no secrets. See spec/keys.md.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type RevocationReason, revocationReasons } from '../../certificate/issue/issueCrl.ts';
import type { ParsedCertificate, SignerCertificate } from '../../certificate/parse.ts';
import { limits } from '../../limits.ts';
import { timeOf, timeText } from '../../time.ts';
import type { NewFile } from '../files/change.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { readBounded } from '../files/files.ts';

export { timeText };

/** A certificate that the authority issued, or of which it knows only that it is revoked. */
export interface CertificateRecord {
  /** Hexadecimal digits, lower case, two for each octet, at most 20 octets. */
  readonly serialNumber: string;
  /** The name under which it was issued: `NAME` of DIR/NAME.pem. */
  readonly name?: string;
  /** RFC 4514. */
  readonly subject?: string;
  /** ISO 8601, to the second, in UTC. */
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** SHA-256 of the public key (of a peer with ML-KEM-1024 1568 octets), hexadecimal. */
  readonly publicKeySha256?: string;
  /** The alternative names; absent in a record of an earlier version, which did not store them. */
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly revoked?: { readonly date: string; readonly reason: RevocationReason };
}

/** The records of an authority: the certificates that it issued and revoked. */
export interface Database {
  readonly format: 'pquake-authority';
  readonly version: 1;
  /** SHA-256 of the public key (2592 octets) of the authority, hexadecimal. */
  readonly authority: string;
  /** The number of the last revocation list; 0 before the first. */
  readonly crlNumber: number;
  /** In the order of issue; each serial number occurs once. */
  readonly certificates: readonly CertificateRecord[];
}

type Check = (value: unknown) => boolean;
type Members = Readonly<Record<string, Check>>;

const text =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const exactly =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

/** Checks for an object with all members of the first table, any of the second, and no others. */
const record = (needed: Members, possible: Members = {}): Check => {
  const checks = new Map(Object.entries({ ...needed, ...possible }));
  const names = Object.keys(needed);
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    names.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, member]) => checks.get(name)?.(member) === true);
};

const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const time: Check = (value) => typeof value === 'string' && timeForm.test(value) && timeOf(value) !== undefined;
const digest = text(/^[0-9a-f]{64}$/);
const name = text(/./su);
const isCrlNumber: Check = (value) =>
  Number.isSafeInteger(value) && value !== Number.MAX_SAFE_INTEGER && Number(value) >= 0;

const isCertificateRecord = record(
  { serialNumber: text(/^([0-9a-f]{2}){1,20}$/) },
  {
    name,
    subject: text(/^/),
    notBefore: time,
    notAfter: time,
    publicKeySha256: digest,
    uris: listOf(name),
    dnsNames: listOf(name),
    revoked: record({ date: time, reason: exactly(...Object.keys(revocationReasons)) }),
  },
);

const isWellFormed = record({
  format: exactly('pquake-authority'),
  version: exactly(1),
  authority: digest,
  crlNumber: isCrlNumber,
  certificates: listOf(isCertificateRecord),
});

/** Whether a value has the form of a database, each of its members included. */
const isDatabase = (value: unknown): value is Database => isWellFormed(value);

/** SHA-256, hexadecimal; not for secrets. */
export const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

const databaseFile = (directory: string): string => join(directory, 'ca.json');

/** The database of a new authority. */
export const emptyDatabase = (authorityKey: Uint8Array): Database => ({
  format: 'pquake-authority',
  version: 1,
  authority: sha256(authorityKey),
  crlNumber: 0,
  certificates: [],
});

/**
 * Reads DIR/ca.json of the authority with this public key (2592 octets). Returns an empty database when there is no
 * file.
 * @throws ConfigurationError when it is malformed, or belongs to another authority
 */
export function readDatabase(directory: string, authorityKey: Uint8Array): Database {
  const file = databaseFile(directory);
  const empty = emptyDatabase(authorityKey);
  if (!existsSync(file)) return empty;
  let data: unknown;
  try {
    data = JSON.parse(readBounded(file, limits.databaseFile).toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (!isDatabase(data)) return refuseFile(file, 'not a database of an authority, version 1');
  if (data.authority !== empty.authority) refuseFile(file, 'of another authority than the certificate in ca.pem');
  if (new Set(data.certificates.map(({ serialNumber }) => serialNumber)).size !== data.certificates.length)
    refuseFile(file, 'a serial number is there twice');
  return data;
}

/** The database as a file to write. */
export const databaseToWrite = (directory: string, database: Database): NewFile => ({
  file: databaseFile(directory),
  content: `${JSON.stringify(database, null, 2)}\n`,
  mode: 0o644,
  replace: true,
});

/** What an authority issues to those below it: the certificate of a peer, or that of a signer. */
export type IssuedCertificate = ParsedCertificate | SignerCertificate;

/** The key of a certificate: for ML-KEM-1024 1568 octets, for ML-DSA-87 2592. */
export const subjectKeyOf = (certificate: IssuedCertificate): Uint8Array =>
  'encapsulationKey' in certificate ? certificate.encapsulationKey : certificate.publicKey;

/** The record of a certificate that was issued under a name. */
const recordOf = (certificate: IssuedCertificate, name: string): CertificateRecord => ({
  serialNumber: certificate.serialNumber,
  name,
  subject: certificate.subject,
  notBefore: timeText(certificate.notBefore),
  notAfter: timeText(certificate.notAfter),
  publicKeySha256: sha256(subjectKeyOf(certificate)),
  uris: certificate.uris,
  dnsNames: certificate.dnsNames,
});

/** Adds the certificates that the database does not have, or not with all of their names. */
export function withIssued(database: Database, name: string, ...certificates: readonly IssuedCertificate[]): Database {
  const issued = new Map(certificates.map((one) => [one.serialNumber, recordOf(one, name)]));
  const before = database.certificates.map((record) => {
    const full = issued.get(record.serialNumber);
    issued.delete(record.serialNumber);
    return full === undefined || record.uris !== undefined ? record : { ...full, ...record };
  });
  return { ...database, certificates: [...before, ...issued.values()] };
}
