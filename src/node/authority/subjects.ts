// The subjects that an authority certified, from its database and the certificates in its directory; refuses names that
// belong to another subject.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ParsedCertificate, parseCertificate } from '../../certificate/parse.ts';
import type { TrustAnchor } from '../../certificate/trustAnchor.ts';
import { ConfigurationError } from '../../configuration.ts';
import type { Suite } from '../../crypto/suite.ts';
import { folded } from '../../enrolment/names.ts';
import { limits } from '../../limits.ts';
import { derOf, readBounded } from '../files/files.ts';
import { isIssuedBy } from './authority.ts';
import { type CertificateRecord, type Database, readDatabase, withIssued } from './database.ts';
import { EnrolmentError } from './enrolmentError.ts';

interface Directory {
  readonly suite: Suite;
  readonly directory: string;
}

/** The name that a file belongs to. After a rotation the older pair is in NAME.previous.pem. */
export const ownerOf = (stem: string): string => stem.replace(/\.previous$/, '');

/** The certificate of the authority in DIR/STEM.pem; `undefined` for any other content. */
function certificateIn(
  { suite, directory }: Directory,
  anchor: TrustAnchor,
  stem: string,
): ParsedCertificate | undefined {
  const file = join(directory, `${stem}.pem`);
  try {
    const der = derOf(file, readBounded(file, limits.certificateFile).toString('utf8'), 'CERTIFICATE');
    const certificate = parseCertificate(der, suite.algorithms);
    return certificate.ok && isIssuedBy(anchor, certificate.value) ? certificate.value : undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

function stemsOf(directory: string): string[] {
  const isCertificate = (name: string): boolean =>
    name.endsWith('.pem') && !name.startsWith('.') && name.toLowerCase() !== 'ca.pem';
  return readdirSync(directory)
    .filter(isCertificate)
    .map((name) => name.slice(0, -'.pem'.length));
}

/**
 * Reads DIR/ca.json, and adds certificates of an earlier version from the directory: those without a record, and those
 * whose record lacks the alternative names.
 * @throws ConfigurationError when the database is malformed, or belongs to another authority
 */
export function readIssued(options: Directory, anchor: TrustAnchor): Database {
  const database = readDatabase(options.directory, anchor.verificationKey.octets);
  const complete = new Map<string, boolean>();
  for (const { name, uris } of database.certificates)
    if (name !== undefined) complete.set(name, uris !== undefined && complete.get(name) !== false);
  return stemsOf(options.directory)
    .filter((stem) => complete.get(ownerOf(stem)) !== true)
    .reduce((known, stem) => {
      const certificate = certificateIn(options, anchor, stem);
      return certificate === undefined ? known : withIssued(known, ownerOf(stem), certificate);
    }, database);
}

/** The contents of a certificate to issue. */
export interface Claim {
  readonly name: string;
  readonly uris: readonly string[];
  readonly dnsNames?: readonly string[] | undefined;
  /** SHA-256 of the key, hexadecimal. */
  readonly publicKeySha256: string;
  /**
   * The mark of a record of the same subject. An authority that issues under a name of its own often makes a new
   * key; a requester from outside must have the same key.
   */
  readonly sameBy: 'name' | 'name and key';
}

const commonNameOf = ({ subject = '' }: CertificateRecord): string =>
  subject.startsWith('CN=') ? subject.slice(3) : subject;

/**
 * Refuses a key that was revoked for keyCompromise: it is never certified again. @throws EnrolmentError
 * `key-compromised`
 */
export function refuseCompromised({ certificates }: Database, publicKeySha256: string): void {
  const found = certificates.find(
    (one) => one.publicKeySha256 === publicKeySha256 && one.revoked?.reason === 'keyCompromise',
  );
  if (found === undefined) return;
  throw new EnrolmentError(
    'key-compromised',
    `the key ${publicKeySha256} was revoked for keyCompromise (${found.name ?? 'certificate'}, serial number ${found.serialNumber}); it is not certified again: make another one`,
  );
}

const takenBy = (what: string, { name, serialNumber }: CertificateRecord): EnrolmentError =>
  new EnrolmentError(
    'name-taken',
    `${what}: certified before for ${name ?? 'another subject'} with another key or name (serial number ${serialNumber})`,
    [],
    'allow-taken',
  );

/**
 * Refuses names and keys that were certified for another subject. Expired and revoked certificates count.
 * @throws EnrolmentError `name-taken`, even with `allowTaken` for a name that differs only in its form;
 *   `key-compromised`
 */
export function refuseTaken(database: Database, claim: Claim, allowTaken = false): void {
  refuseCompromised(database, claim.publicKeySha256);
  const { name, uris, dnsNames = [], publicKeySha256, sameBy } = claim;
  const isSame = (one: CertificateRecord): boolean =>
    one.name === name && (sameBy === 'name' || one.publicKeySha256 === publicKeySha256);
  const others = database.certificates.filter((one) => !isSame(one));
  const isKnown = database.certificates.some((one) => one.name === name);
  const own = folded(name);
  const alike = others.find((one) => one.name !== undefined && one.name !== name && folded(one.name) === own);
  if (alike !== undefined && !isKnown)
    throw new EnrolmentError(
      'name-taken',
      `${name}: differs from ${alike.name}, which is certified (serial number ${alike.serialNumber}), in its form only`,
    );
  if (allowTaken) return;
  const claimed = new Map([...uris, ...dnsNames].map((one) => [folded(one), one]));
  for (const other of others) {
    if ([other.name ?? '', commonNameOf(other)].some((one) => folded(one) === own)) throw takenBy(name, other);
    const taken = [...(other.uris ?? []), ...(other.dnsNames ?? [])].find((one) => claimed.has(folded(one)));
    if (taken !== undefined) throw takenBy(claimed.get(folded(taken)) ?? taken, other);
  }
}
