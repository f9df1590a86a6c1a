// Certificates that replace others: renewed with the same key, or rotated with another one.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ParsedCertificate, parseCertificate } from '../../certificate/parse.ts';
import { ConfigurationError } from '../../configuration.ts';
import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import { meaningOf } from '../../handshake/certificateFailure.ts';
import type { NewFile } from '../files/change.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { derOf, readTexts } from '../files/files.ts';
import { decodeKemKey, isEncrypted, type KeyAccess, keyOf, passphraseOf } from '../files/keys.ts';
import { type Authority, checkFileName, daysOf, isIssuedBy, issuingPeriod, readAuthority } from './authority.ts';
import { inAuthorityDirectory } from './challenges.ts';
import { type Database, databaseToWrite, readDatabase, sha256, timeText, withIssued } from './database.ts';
import { certificateToWrite, type InAuthority, issueFor, type Made, newKemKey, type Written } from './pki.ts';
import { refuseCompromised } from './subjects.ts';
import type { Show } from './toBeSigned.ts';

/** The last part of the validity period, in which a certificate may be renewed. */
const renewalPart = 1 / 3;

/** The time from which a certificate may be renewed. */
export const renewableFrom = ({ notBefore, notAfter }: Pick<ParsedCertificate, 'notBefore' | 'notAfter'>): Date =>
  new Date(notAfter.getTime() - renewalPart * (notAfter.getTime() - notBefore.getTime()));

interface Renewal extends InAuthority {
  readonly name: string;
  /** Validity in days; default that of the predecessor. */
  readonly days?: number | undefined;
  readonly iterations?: number | undefined;
  readonly force?: boolean | undefined;
  readonly show?: Show | undefined;
}

/** The present certificate and key, and the records of the authority. */
interface Current {
  readonly authority: Authority;
  readonly database: Database;
  readonly certificate: ParsedCertificate;
  readonly certificateText: string;
  readonly keyText: string;
}

const stemOf = ({ directory, name }: Renewal): string => join(directory, name);

function parsed({ algorithms }: Suite, file: string, text: string): ParsedCertificate {
  const certificate = parseCertificate(derOf(file, text, 'CERTIFICATE'), algorithms);
  if (certificate.ok) return certificate.value;
  return refuseFile(file, certificate.detail ?? meaningOf(certificate.code));
}

/** Refuses a certificate that the authority would not issue again as it is. */
function requireOwn(
  file: string,
  { authority, database, certificate }: Omit<Current, 'certificateText' | 'keyText'>,
): void {
  if (!isIssuedBy(authority.anchor, certificate)) refuseFile(file, 'issued by another authority');
  const record = database.certificates.find(({ serialNumber }) => serialNumber === certificate.serialNumber);
  if (record?.revoked) refuseFile(file, `revoked (${record.revoked.reason})`);
  if (certificate.commonName === undefined || certificate.subject !== `CN=${certificate.commonName}`) {
    refuseFile(file, `${certificate.subject}: a subject other than one common name cannot be issued again`);
  }
  if (certificate.directoryNames.length > 0) refuseFile(file, 'directory names cannot be issued again');
}

function readCurrent(options: Renewal, authority: Authority, withKey: boolean): Current {
  const [certificateFile, keyFile] = [`${stemOf(options)}.pem`, `${stemOf(options)}.key`];
  const [certificateText = '', keyText = ''] = readTexts(withKey ? [certificateFile, keyFile] : [certificateFile]);
  const certificate = parsed(options.suite, certificateFile, certificateText);
  const database = readDatabase(options.directory, authority.anchor.verificationKey.octets);
  requireOwn(certificateFile, { authority, database, certificate });
  return { authority, database, certificate, certificateText, keyText };
}

function issueAgain(
  options: Renewal,
  { authority, database, certificate }: Current,
  encapsulationKey: Uint8Array,
): Made {
  refuseCompromised(database, sha256(encapsulationKey));
  const { uris, dnsNames, commonName = '' } = certificate;
  const valid = issuingPeriod(authority.anchor, options.days ?? daysOf(certificate));
  const compact = certificate.authorityKeyIdentifier === undefined;
  return issueFor(options.suite, authority, { name: commonName, uris, dnsNames, valid, compact, encapsulationKey });
}

/**
 * Makes a key, encrypted if there is a passphrase. When the present key is encrypted, the passphrase must open it too.
 */
function newKeyLike(options: Renewal, { certificate, keyText }: Current): ReturnType<typeof newKemKey> {
  const file = `${stemOf(options)}.key`;
  const access: KeyAccess = options;
  if (isEncrypted(keyText)) {
    const expected = keyOf(certificate.encapsulationKey, `${stemOf(options)}.pem`);
    decodeKemKey(options.suite, file, keyText, access, expected).wipe();
  }
  return newKemKey(options.suite, passphraseOf(file, access), options.iterations);
}

function work(
  options: Renewal,
  withKey: boolean,
  change: (current: Current) => { readonly made: Made; readonly files: readonly NewFile[] },
): Written {
  const { suite, directory, name, onStep } = options;
  checkFileName(name);
  const authority = readAuthority(suite, directory, options);
  try {
    return inAuthorityDirectory(
      directory,
      (write) => {
        const current = readCurrent(options, authority, withKey);
        const { made, files } = change(current);
        const { certificate, said } = made;
        options.show?.(said);
        // The database may not have the present certificate yet: it is recorded now.
        const database = withIssued(current.database, name, current.certificate, certificate);
        write([
          ...files,
          certificateToWrite(`${stemOf(options)}.pem`, certificate.octets, true),
          databaseToWrite(directory, database),
        ]);
        return { certificateFile: `${stemOf(options)}.pem`, keyFile: `${stemOf(options)}.key` };
      },
      onStep,
    );
  } finally {
    wipe(authority.issuerSeed);
  }
}

/**
 * Renews DIR/NAME.pem: another serial number and period, the same names and the same key. With `newKey` a new key
 * replaces DIR/NAME.key. The predecessor stays valid until it expires or is revoked.
 * @throws PassphraseError when a key that is needed is encrypted, and its passphrase is absent or wrong
 * @throws ConfigurationError before the last third of the validity period unless `force` is set; for a certificate that
 *   is revoked, or of another authority
 */
export function renewCertificate(options: Renewal & { readonly newKey?: boolean | undefined }): Written {
  const { newKey = false, force = false } = options;
  return work(options, newKey, (current) => {
    const from = renewableFrom(current.certificate);
    if (!force && Date.now() < from.getTime()) {
      throw new ConfigurationError(`${stemOf(options)}.pem: to be renewed from ${timeText(from)}`, 'renew-early');
    }
    if (!newKey) return { made: issueAgain(options, current, current.certificate.encapsulationKey), files: [] };
    const { text, encapsulationKey } = newKeyLike(options, current);
    const key: NewFile = { file: `${stemOf(options)}.key`, content: text, mode: 0o600, replace: true };
    return { made: issueAgain(options, current, encapsulationKey), files: [key] };
  });
}

/** Whether a previous pair is still in use: its certificate has neither expired nor been revoked. */
function isInUse(suite: Suite, file: string, database: Database): boolean {
  if (!existsSync(file)) return false;
  const { serialNumber, notAfter } = parsed(suite, file, readTexts([file]).join(''));
  const record = database.certificates.find((one) => one.serialNumber === serialNumber);
  return notAfter.getTime() >= Date.now() && record?.revoked === undefined;
}

/**
 * Replaces the key and certificate of NAME in one change. The present pair stays as DIR/NAME.previous.pem and .key.
 * Relying parties trust the issuer, so both certificates work until the older one expires or is revoked.
 * @throws PassphraseError when a key that is needed is encrypted, and its passphrase is absent or wrong
 * @throws ConfigurationError when the certificate of a previous pair is still valid, unless `force` is set; for a
 *   certificate that is revoked, or of another authority
 */
export function rotateCredentials(options: Renewal): Written & { readonly previous: Written } {
  const { force = false } = options;
  const previous = { certificateFile: `${stemOf(options)}.previous.pem`, keyFile: `${stemOf(options)}.previous.key` };
  const written = work(options, true, (current) => {
    if (!force && isInUse(options.suite, previous.certificateFile, current.database)) {
      refuseFile(previous.certificateFile, 'still valid; revoke it first', 'replace-secret');
    }
    const { text, encapsulationKey } = newKeyLike(options, current);
    return {
      made: issueAgain(options, current, encapsulationKey),
      files: [
        { file: previous.keyFile, content: current.keyText, mode: 0o600, replace: true },
        { file: previous.certificateFile, content: current.certificateText, mode: 0o644, replace: true },
        { file: `${stemOf(options)}.key`, content: text, mode: 0o600, replace: true },
      ],
    };
  });
  return { ...written, previous };
}
