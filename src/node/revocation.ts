// Certificates that an authority takes back, and the list that says so.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { issueCrl, type RevocationReason, type RevokedEntry } from '../certificate/issueCrl.ts';
import { type ParsedCertificate, parseCertificate } from '../certificate/parse.ts';
import { encodePem } from '../certificate/pem.ts';
import type { TrustAnchor } from '../certificate/trustAnchor.ts';
import { wipe } from '../crypto/octets.ts';
import { ConfigurationError } from '../handshake/options.ts';
import { isIssuedBy, readAnchor, readAuthority, refusing } from './authority.ts';
import { inDirectory } from './change.ts';
import {
  type CertificateRecord,
  type Database,
  databaseToWrite,
  readDatabase,
  timeText,
  withIssued,
} from './database.ts';
import { refuseFile } from './fileErrors.ts';
import { derOf, readTexts } from './files.ts';
import type { KeyAccess } from './keys.ts';
import type { InAuthority } from './pki.ts';

const day = 86_400_000;

const isFileName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);

/** DIR/NAME.pem, when it is there and of this authority. */
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

/** Serial numbers as people write them: any case, colons between octets, an odd number of digits. */
function serialNumberOf(words: string): string | undefined {
  const digits = words.toLowerCase().replace(/^0x/, '').replaceAll(':', '');
  if (!/^[0-9a-f]{1,40}$/.test(digits) || /^0*$/.test(digits)) return undefined;
  const even = digits.padStart(digits.length + (digits.length % 2), '0');
  return even.replace(/^(?:00)+/, '');
}

const number = (record: CertificateRecord): string => record.serialNumber.replace(/^00/, '');

/** Those meant: by name all that have not expired, by serial number the one. */
function meant(database: Database, which: string): readonly CertificateRecord[] {
  const named = database.certificates.filter(({ name }) => name === which);
  const now = timeText(new Date());
  if (named.length > 0) return named.filter(({ notAfter = now }) => notAfter >= now);
  const serial = serialNumberOf(which);
  return database.certificates.filter((record) => number(record) === serial);
}

/** Revokes nothing twice. */
function revoke(database: Database, serials: ReadonlySet<string>, reason: RevocationReason): Database {
  const revoked = { date: timeText(new Date()), reason };
  return {
    ...database,
    certificates: database.certificates.map((one) =>
      serials.has(one.serialNumber) && one.revoked === undefined ? { ...one, revoked } : one,
    ),
  };
}

/** Whom a file names that was issued before there was a database, or under another name (NAME.previous). */
function withFile(database: Database, options: InAuthority, anchor: TrustAnchor, which: string): [Database, string[]] {
  const certificate = certificateOf(options, anchor, which);
  if (certificate === undefined) return [database, []];
  return [withIssued(database, which, certificate), [certificate.serialNumber]];
}

/** A serial number that nothing is known of, which only `force` revokes. */
function withUnknown(database: Database, which: string, force: boolean): Database {
  const serialNumber = serialNumberOf(which);
  if (serialNumber === undefined) throw new ConfigurationError(`${which}: neither a name nor a serial number`);
  if (!force)
    throw new ConfigurationError(`${which}: no certificate of this name or serial number is known; --force revokes it`);
  // A serial number whose first bit is set has a zero octet before it in DER, and so in what was read from there.
  const padded = serialNumber >= '8' ? `00${serialNumber}` : serialNumber;
  if (padded.length > 40) throw new ConfigurationError(`${which}: a serial number of more than 20 octets`);
  return { ...database, certificates: [...database.certificates, { serialNumber: padded }] };
}

/** What a revocation changed. */
export interface Revoked {
  /** Serial numbers that are revoked now and were not before. */
  readonly revoked: readonly string[];
  /** Those that were revoked before. */
  readonly before: readonly string[];
}

/**
 * Records in DIR/ca.json that certificates are revoked: by a name all certificates that were issued under it and have not
 * expired; by the name of a file (`alice.previous`) the one in it; by a serial number that one. Peers learn of it from the
 * next list that `writeRevocationList` writes. Needs no key.
 * @throws ConfigurationError when nothing is known of such a certificate; for a serial number unless `force` is set
 */
export function revokeCertificates(
  options: Omit<InAuthority, keyof KeyAccess> & {
    /** A name or a serial number in hexadecimal digits. */
    readonly which: string;
    readonly reason?: RevocationReason | undefined;
    readonly force?: boolean | undefined;
  },
): Revoked {
  const { suite, directory, which, reason = 'unspecified', force = false, onStep } = options;
  const anchor = readAnchor(suite, directory);
  return inDirectory(
    directory,
    (write) => {
      const [known, ofFile] = withFile(readDatabase(directory, anchor.verificationKey.octets), options, anchor, which);
      const found = new Set([...ofFile, ...meant(known, which).map(({ serialNumber }) => serialNumber)]);
      const database = found.size > 0 ? known : withUnknown(known, which, force);
      const serials = found.size > 0 ? found : new Set(database.certificates.slice(-1).map((one) => one.serialNumber));
      const these = database.certificates.filter(({ serialNumber }) => serials.has(serialNumber));
      const [before, revoked] = [true, false].map((is) =>
        these.filter((one) => (one.revoked !== undefined) === is).map(({ serialNumber }) => serialNumber),
      ) as [string[], string[]];
      if (revoked.length > 0) write([databaseToWrite(directory, revoke(database, serials, reason))]);
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
          serialNumber: Uint8Array.from(Buffer.from(serialNumber, 'hex')),
          date: new Date(revoked.date),
          reason: revoked.reason,
        },
      ];

/** A revocation list that was written. */
export interface WrittenList {
  readonly file: string;
  readonly crlNumber: number;
  readonly nextUpdate: Date;
  /** How many certificates it revokes. */
  readonly entries: number;
}

/**
 * Writes DIR/ca.crl, a list of all revoked certificates, numbered one higher than the one before.
 * @throws PassphraseError when the key of the authority is encrypted, and its passphrase absent or wrong
 * @throws ConfigurationError
 */
export function writeRevocationList(
  options: InAuthority & {
    /** Until when there will be another one; default 7. */
    readonly days?: number | undefined;
  },
): WrittenList {
  const { suite, directory, days = 7, onStep } = options;
  const { issuer, issuerSeed, anchor } = readAuthority(suite, directory, options);
  try {
    return inDirectory(
      directory,
      (write) => {
        const database = readDatabase(directory, anchor.verificationKey.octets);
        const crlNumber = database.crlNumber + 1;
        const revoked = database.certificates.flatMap(entryOf);
        const thisUpdate = new Date(Math.floor(Date.now() / 1000) * 1000);
        const nextUpdate = new Date(thisUpdate.getTime() + days * day);
        const list = refusing(() =>
          issueCrl({ suite, issuer, issuerSeed, revoked, thisUpdate, nextUpdate, crlNumber }),
        );
        const file = join(directory, 'ca.crl');
        write([
          { file, content: encodePem('X509 CRL', list), mode: 0o644, replace: true },
          databaseToWrite(directory, { ...database, crlNumber }),
        ]);
        return { file, crlNumber, nextUpdate, entries: revoked.length };
      },
      onStep,
    );
  } finally {
    wipe(issuerSeed);
  }
}
