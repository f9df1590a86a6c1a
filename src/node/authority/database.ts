// DIR/ca.json: what an authority issued and revoked. It holds no secrets. See spec/keys.md.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type JSONSchemaType } from 'ajv';
import { type RevocationReason, revocationReasons } from '../../certificate/issue/issueCrl.ts';
import type { ParsedCertificate } from '../../certificate/parse.ts';
import { limits } from '../../limits.ts';
import type { NewFile } from '../files/change.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { readBounded } from '../files/files.ts';

/** A certificate that the authority issued, or one of which it knows only that it is revoked. */
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
  /** SHA-256 of the public key (1568 octets), hexadecimal. */
  readonly publicKeySha256?: string;
  /** The alternative names; absent in a record of an earlier version, which did not keep them. */
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
  /** In the order of issuing; each serial number occurs once. */
  readonly certificates: readonly CertificateRecord[];
}

const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' } as const;
const digest = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
const short = { type: 'string', minLength: 1 } as const;
const names = { type: 'array', items: short } as const;

/** The schema of ca.json (JSON Schema, draft 7). */
export const databaseSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['format', 'version', 'authority', 'crlNumber', 'certificates'],
  properties: {
    format: { const: 'pquake-authority' },
    version: { const: 1 },
    authority: digest,
    crlNumber: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER - 1 },
    certificates: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['serialNumber'],
        properties: {
          serialNumber: { type: 'string', pattern: '^([0-9a-f]{2}){1,20}$' },
          name: short,
          subject: { type: 'string' },
          notBefore: time,
          notAfter: time,
          publicKeySha256: digest,
          uris: names,
          dnsNames: names,
          revoked: {
            type: 'object',
            additionalProperties: false,
            required: ['date', 'reason'],
            properties: { date: time, reason: { enum: Object.keys(revocationReasons) } },
          },
        },
      },
    },
  },
} as const;

let validator: ((data: unknown) => data is Database) | undefined;

/** Compiled at the first use. */
function isDatabase(data: unknown): data is Database {
  validator ??= new Ajv().compile<Database>(databaseSchema as unknown as JSONSchemaType<Database>);
  return validator(data);
}

/** SHA-256, hexadecimal; not for secrets. */
export const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

/** ISO 8601, to the second, in UTC. */
export const timeText = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, 'Z');

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
 * Reads DIR/ca.json of the authority with this public key (2592); an empty one when there is no file.
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

/** The record of a certificate that was issued under a name. */
const recordOf = (certificate: ParsedCertificate, name: string): CertificateRecord => ({
  serialNumber: certificate.serialNumber,
  name,
  subject: certificate.subject,
  notBefore: timeText(certificate.notBefore),
  notAfter: timeText(certificate.notAfter),
  publicKeySha256: sha256(certificate.encapsulationKey),
  uris: certificate.uris,
  dnsNames: certificate.dnsNames,
});

/** The database with more certificates: those that it did not know, or not with all of their names. */
export function withIssued(database: Database, name: string, ...certificates: readonly ParsedCertificate[]): Database {
  const issued = new Map(certificates.map((one) => [one.serialNumber, recordOf(one, name)]));
  const before = database.certificates.map((record) => {
    const full = issued.get(record.serialNumber);
    issued.delete(record.serialNumber);
    return full === undefined || record.uris !== undefined ? record : { ...full, ...record };
  });
  return { ...database, certificates: [...before, ...issued.values()] };
}
