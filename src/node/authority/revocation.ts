// Revokes certificates of an authority, and writes its revocation list.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { issueCrl, type RevocationReason, type RevokedEntry } from '../../certificate/issue/issueCrl.ts';
import { type ParsedCertificate, parseCertificate } from '../../certificate/parse.ts';
import type { TrustAnchor } from '../../certificate/trustAnchor.ts';
import { ConfigurationError } from '../../configuration.ts';
import { wipe } from '../../crypto/secret.ts';
import { looksLikeSerialNumber } from '../../enrolment/names.ts';
import { encodePem } from '../../keys/pem.ts';
import { fromHex } from '../../octets.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { derOf, readTexts } from '../files/files.ts';
import type { KeyAccess } from '../files/keys.ts';
import { isIssuedBy, issuingPeriod, readAnchor, readAuthority, refusing } from './authority.ts';
import { inAuthorityDirectory } from './challenges.ts';
import {
  type CertificateRecord,
  type Database,
  databaseToWrite,
  readDatabase,
  timeText,
  withIssued,
} from './database.ts';
import type { InAuthority } from './pki.ts';
import { ownerOf, readIssued } from './subjects.ts';

const isFileName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);

/** The certificate in DIR/NAME.pem; `undefined` without such a file of this authority. */
function certificateOf(
  { suite, directory }: InAuthority,
  anchor: TrustAnchor,
  name: string,
): ParsedCertificate | undefined {
  const file = join(directory, `${name}.pem`);
  if (!isFileName(name) || name.toLowerCase() === 'ca' || !existsSync(file)) return undefined;
  const certificate = parseCertificate(derOf(file, readTexts([file]).join(''), 'CERTIFICATE'), suite.algorithms);
  if (!certificate.ok) return refuseFile(file, certificate.detail ?? certificate.code);
  return isIssuedBy(anchor, certificate.value) ? certificate.value : refuseFile(file, 'issued by another authority');
}

/** Parses a serial number as people write it: any case, colons between octets, an odd number of digits. */
function serialNumberOf(words: string): string | undefined {
  const digits = words.toLowerCase().replace(/^0x/, '').replaceAll(':', '');
  if (!/^[0-9a-f]{1,40}$/.test(digits) || /^0*$/.test(digits)) return undefined;
  const even = digits.padStart(digits.length + (digits.length % 2), '0');
  return even.replace(/^(?:00)+/, '');
}

const number = (record: CertificateRecord): string => record.serialNumber.replace(/^00/, '');

/**
 * Marks certificates as revoked. A certificate that was revoked before keeps its record, except that `keyCompromise`
 * replaces its reason. Then the key is never certified again.
 */
function revoke(database: Database, serials: ReadonlySet<string>, reason: RevocationReason): Database {
  const date = timeText(new Date());
  const changed = (one: CertificateRecord): CertificateRecord => {
    if (!serials.has(one.serialNumber)) return one;
    if (one.revoked === undefined) return { ...one, revoked: { date, reason } };
    return reason === 'keyCompromise' ? { ...one, revoked: { ...one.revoked, reason } } : one;
  };
  return { ...database, certificates: database.certificates.map(changed) };
}

/** The certificates to revoke, and a database that has them. */
interface Meant {
  readonly database: Database;
  readonly serials: ReadonlySet<string>;
}

interface Which {
  readonly which: string;
  readonly force?: boolean | undefined;
}

const ambiguous = (which: string, why: string): ConfigurationError =>
  new ConfigurationError(`${which}: ${why}`, 'say-which');

/**
 * The certificate in the file of a name. A file of another authority is ignored when certificates of the name are on
 * record.
 */
function fileOf(options: InAuthority & Which, anchor: TrustAnchor, isKnown: boolean): ParsedCertificate | undefined {
  try {
    return certificateOf(options, anchor, options.which);
  } catch (error) {
    if (isKnown && error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

/** By name: all certificates that have not expired, and the one in the file (NAME.previous is the older pair). */
function byName(known: Database, options: InAuthority & Which, anchor: TrustAnchor): Meant {
  const { which } = options;
  const named = known.certificates.filter(({ name }) => name === which);
  const inFile = fileOf(options, anchor, named.length > 0);
  const database = inFile === undefined ? known : withIssued(known, ownerOf(which), inFile);
  const elsewhere = named.filter(({ serialNumber }) => serialNumber !== inFile?.serialNumber);
  if (inFile !== undefined && ownerOf(which) !== which && elsewhere.length > 0) {
    const serials = [inFile, ...elsewhere].map(({ serialNumber }) => serialNumber).join(', ');
    throw new ConfigurationError(
      `${which}: a name and the pair before a rotation; expected one of the serial numbers ${serials}`,
      'say-serial',
    );
  }
  if (inFile === undefined && named.length === 0) {
    const remedy = serialNumberOf(which) === undefined ? undefined : 'say-serial';
    throw new ConfigurationError(`${which}: no certificate of this name is known`, remedy);
  }
  const now = timeText(new Date());
  const serials = named.filter(({ notAfter = now }) => notAfter >= now).map(({ serialNumber }) => serialNumber);
  if (inFile !== undefined) serials.push(inFile.serialNumber);
  if (serials.length === 0) throw new ConfigurationError(`${which}: all certificates of this name have expired`);
  return { database, serials: new Set(serials) };
}

/** A key is compromised in every certificate that has it, those from before a renewal too. */
function ofSameKey({ certificates }: Database, serials: ReadonlySet<string>): ReadonlySet<string> {
  const keys = new Set(
    certificates.flatMap(({ serialNumber, publicKeySha256 }) =>
      serials.has(serialNumber) && publicKeySha256 !== undefined ? [publicKeySha256] : [],
    ),
  );
  const same = certificates.filter(({ publicKeySha256 = '' }) => keys.has(publicKeySha256));
  return new Set([...serials, ...same.map(({ serialNumber }) => serialNumber)]);
}

/** By serial number: that certificate; with `force` also one that is not on record. */
function bySerialNumber(database: Database, { which, force = false }: Which): Meant {
  const serialNumber = serialNumberOf(which);
  if (serialNumber === undefined)
    throw new ConfigurationError(`${which}: expected a serial number: 1 to 40 hexadecimal digits, not zero`);
  const found = database.certificates.find((record) => number(record) === serialNumber);
  if (found !== undefined) return { database, serials: new Set([found.serialNumber]) };
  if (!force) throw new ConfigurationError(`${which}: no certificate of this serial number is known`, 'revoke-unknown');
  // DER puts a zero octet before a serial number whose first bit is set. Records that were read from DER have it too.
  const padded = serialNumber >= '8' ? `00${serialNumber}` : serialNumber;
  if (padded.length > 40) throw new ConfigurationError(`${which}: a serial number of more than 20 octets`);
  const certificates = [...database.certificates, { serialNumber: padded }];
  return { database: { ...database, certificates }, serials: new Set([padded]) };
}

/** Decides whether a word is a name or a serial number. @throws ConfigurationError for a word that could be both */
function byWord(database: Database, options: InAuthority & Which, anchor: TrustAnchor): Meant {
  const { which, force } = options;
  const serialNumber = serialNumberOf(which);
  const isKnown = database.certificates.some(({ name }) => name === which);
  const isName = isKnown || certificateOf(options, anchor, which) !== undefined;
  const isSerial =
    serialNumber !== undefined && database.certificates.some((record) => number(record) === serialNumber);
  if (isName && (isSerial || looksLikeSerialNumber(which)))
    throw ambiguous(which, 'there is a certificate of this name, and it reads as a serial number');
  if (isName || serialNumber === undefined) return byName(database, options, anchor);
  if (!isSerial && !looksLikeSerialNumber(which))
    throw ambiguous(which, 'no certificate of this name or serial number is known');
  return bySerialNumber(database, { which, force });
}

/** The result of a revocation. */
export interface Revoked {
  /** Serial numbers that this call revoked. */
  readonly revoked: readonly string[];
  /** Serial numbers that were revoked before. */
  readonly before: readonly string[];
}

/**
 * Records revoked certificates in DIR/ca.json. A name revokes all unexpired certificates that were issued under it; the
 * name of a file (`alice.previous`) the one in it; a serial number that one. `keyCompromise`
 * revokes all certificates of the same key with it. Peers learn of it from the next list of
 * `writeRevocationList`. Needs no key.
 * @throws ConfigurationError when no such certificate is on record, for a serial number unless `force` is set; when
 *   `as` is absent and the word could be both
 */
export function revokeCertificates(
  options: Omit<InAuthority, keyof KeyAccess> & {
    /** A name or a serial number in hexadecimal digits. */
    readonly which: string;
    /** Whether the word is a name or a serial number. Default: a name unless it reads as a serial number. */
    readonly as?: 'name' | 'serial' | undefined;
    readonly reason?: RevocationReason | undefined;
    readonly force?: boolean | undefined;
  },
): Revoked {
  const { suite, directory, as, reason = 'unspecified', onStep } = options;
  const anchor = readAnchor(suite, directory);
  const meant = { name: byName, serial: bySerialNumber, word: byWord }[as ?? 'word'];
  return inAuthorityDirectory(
    directory,
    (write) => {
      const { database, serials: named } = meant(readIssued(options, anchor), options, anchor);
      const serials = reason === 'keyCompromise' ? ofSameKey(database, named) : named;
      const these = database.certificates.filter(({ serialNumber }) => serials.has(serialNumber));
      const [before, revoked] = [true, false].map((is) =>
        these.filter((one) => (one.revoked !== undefined) === is).map(({ serialNumber }) => serialNumber),
      ) as [string[], string[]];
      if (revoked.length > 0 || reason === 'keyCompromise')
        write([databaseToWrite(directory, revoke(database, serials, reason))]);
      return { revoked, before };
    },
    onStep,
  );
}

const entryOf = ({ serialNumber, revoked }: CertificateRecord): RevokedEntry[] =>
  revoked === undefined
    ? []
    : [
        {
          serialNumber: fromHex(serialNumber),
          date: new Date(revoked.date),
          reason: revoked.reason,
        },
      ];

/** A revocation list that was written. */
export interface WrittenList {
  readonly file: string;
  readonly crlNumber: number;
  readonly nextUpdate: Date;
  /** The end that the days asked for, when the list ends with the authority, which is earlier. */
  readonly shortenedFrom?: Date;
  /** How many certificates the list revokes. */
  readonly entries: number;
}

/**
 * Writes DIR/ca.crl, a list of all revoked certificates. Its number is one higher than that of the last list. It is
 * valid from five minutes ago, so that peers whose clocks are behind accept it at once, and no longer than the authority.
 * @throws PassphraseError when the key of the authority is encrypted, and its passphrase is absent or wrong
 * @throws ConfigurationError, also when the authority is not valid now
 */
export function writeRevocationList(
  options: InAuthority & {
    /** The days until the next list is due; default 7. */
    readonly days?: number | undefined;
  },
): WrittenList {
  const { suite, directory, days = 7, onStep } = options;
  const { issuer, issuerSeed, anchor } = readAuthority(suite, directory, options);
  try {
    return inAuthorityDirectory(
      directory,
      (write) => {
        const database = readDatabase(directory, anchor.verificationKey.octets);
        const crlNumber = database.crlNumber + 1;
        const revoked = database.certificates.flatMap(entryOf);
        const { notBefore: thisUpdate, notAfter: nextUpdate, ...shortened } = issuingPeriod(anchor, days);
        const list = refusing(() =>
          issueCrl({ suite, issuer, issuerSeed, revoked, thisUpdate, nextUpdate, crlNumber }),
        );
        const file = join(directory, 'ca.crl');
        write([
          { file, content: encodePem('X509 CRL', list), mode: 0o644, replace: true },
          databaseToWrite(directory, { ...database, crlNumber }),
        ]);
        return { file, crlNumber, nextUpdate, ...shortened, entries: revoked.length };
      },
      onStep,
    );
  } finally {
    wipe(issuerSeed);
  }
}
