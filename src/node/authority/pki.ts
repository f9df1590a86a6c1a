// A certification authority in a directory: ca.pem, ca.key and ca.json, and the certificates that it issues.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTrustAnchor, issueCertificate } from '../../certificate/issue/issue.ts';
import { type ParsedCertificate, parseCertificate } from '../../certificate/parse.ts';
import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import { sizes } from '../../generated/constants.ts';
import { encodePem } from '../../keys/pem.ts';
import { encodeKemPrivateKey, encodeSignaturePrivateKey } from '../../keys/privateKey.ts';
import type { Bytes } from '../../octets.ts';
import { inDirectory, type NewFile, type OnStep } from '../files/change.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { encodeKey, type KeyAccess, passphraseOf } from '../files/keys.ts';
import { checkAuthorityDirectory } from '../files/trust.ts';
import {
  type Authority,
  checkFileName,
  checkName,
  type IssuingPeriod,
  issuingPeriod,
  period,
  readAuthority,
  refusing,
  serialNumber,
} from './authority.ts';
import { inAuthorityDirectory } from './challenges.ts';
import { databaseToWrite, emptyDatabase, type IssuedCertificate, sha256, withIssued } from './database.ts';
import { filesToKeep } from './replaced.ts';
import { type Claim, readIssued, refuseTaken } from './subjects.ts';
import { type Show, saidBy, type ToBeSigned } from './toBeSigned.ts';

const authorityDays = 3650;

/** The files that were written. */
export interface Written {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Options of every command of an authority. */
export interface InAuthority extends KeyAccess {
  readonly suite: Suite;
  readonly directory: string;
  /** Called before each step of the file system. */
  readonly onStep?: OnStep | undefined;
}

/**
 * Makes the directory of an authority if there is none. @throws ConfigurationError, also when everybody can write in it
 */
export function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
  } catch {
    refuseFile(directory, 'the directory cannot be made');
  }
  checkAuthorityDirectory(directory);
}

/** The file of a certificate, to be written. */
export const certificateToWrite = (file: string, certificate: Bytes, replace: boolean): NewFile => ({
  file,
  content: encodePem('CERTIFICATE', certificate),
  mode: 0o644,
  replace,
});

/**
 * Creates a certification authority: DIR/ca.pem (ML-DSA-87, self-signed), DIR/ca.key (PKCS#8, mode 0600; encrypted when
 * there is a passphrase) and DIR/ca.json. With `force` it replaces an authority that is there, whose files are kept
 * beside: `replaced` names them.
 * @throws ConfigurationError when there is an authority and `force` is unset, or a file cannot be written
 */
export function createAuthority(
  options: InAuthority & {
    readonly name?: string | undefined;
    readonly iterations?: number | undefined;
    readonly force?: boolean | undefined;
  },
): Written & { readonly replaced: readonly string[] } {
  const { suite, directory, name = 'PQuAKE CA', iterations, force = false, onStep } = options;
  checkName(name);
  makeDirectory(directory);
  const [certificateFile, keyFile] = [join(directory, 'ca.pem'), join(directory, 'ca.key')];
  return inDirectory(
    directory,
    (write) => {
      const kept = filesToKeep(directory, force);
      const seed = suite.generateSignatureSeed();
      const subject = { suite, name, seed, serialNumber: serialNumber(suite), ...period(authorityDays) };
      const certificate = refusing(() => createTrustAnchor(subject), seed);
      const publicKey = suite.signaturePublicKey(seed);
      const privateKey = encodeSignaturePrivateKey(seed, suite.algorithms.signatures[0]);
      wipe(seed);
      const passphrase = passphraseOf(keyFile, options);
      write([
        ...kept,
        {
          file: keyFile,
          content: encodeKey({ privateKey, publicKey, passphrase, iterations }),
          mode: 0o600,
          replace: force,
        },
        certificateToWrite(certificateFile, certificate, force),
        { ...databaseToWrite(directory, emptyDatabase(publicKey)), replace: force },
      ]);
      return { certificateFile, keyFile, replaced: kept.map(({ file }) => file) };
    },
    onStep,
  );
}

/** A subject, and the key of its certificate. */
export interface Subject {
  readonly name: string;
  readonly uris: readonly string[];
  readonly dnsNames?: readonly string[] | undefined;
  readonly valid: IssuingPeriod;
  /** Whether extensions that this validation does not need are left out. */
  readonly compact?: boolean | undefined;
  /** 1568 octets. */
  readonly encapsulationKey: Bytes;
}

/** A certificate that was made and is not written yet, and what it says. */
export interface Made<T extends IssuedCertificate = ParsedCertificate> {
  readonly certificate: T;
  readonly said: ToBeSigned;
}

/** Issues a certificate of the authority for a subject, and parses it. @throws ConfigurationError */
export function issueFor(suite: Suite, { issuer, issuerSeed }: Authority, { valid, ...subject }: Subject): Made {
  const { notBefore, notAfter } = valid;
  const stated = { ...subject, notBefore, notAfter, serialNumber: serialNumber(suite) };
  const der = refusing(() => issueCertificate({ suite, issuer, issuerSeed, ...stated }), issuerSeed);
  const parsed = parseCertificate(der, suite.algorithms);
  if (!parsed.ok) throw new RangeError('a certificate was issued that does not parse');
  return { certificate: parsed.value, said: saidBy(suite, parsed.value, valid) };
}

/** Makes an ML-KEM-1024 key. Returns the text of its file, encrypted if there is a passphrase, and its public key. */
export function newKemKey(
  suite: Suite,
  passphrase: string | undefined,
  iterations?: number,
): { readonly text: string; readonly encapsulationKey: Bytes } {
  const seed = suite.randomOctets(sizes.keySeed);
  const { encapsulationKey, wipe: forget } = suite.generateKemKey(seed);
  forget();
  const privateKey = encodeKemPrivateKey(seed, suite.algorithms.kem);
  wipe(seed);
  return { text: encodeKey({ privateKey, publicKey: encapsulationKey, passphrase, iterations }), encapsulationKey };
}

/** Options of what issues certificates under a name. */
export interface Issuing extends InAuthority {
  readonly name: string;
  /** Validity in days; default 365. */
  readonly days?: number | undefined;
  /** URIs of the subject alternative name. */
  readonly uris?: readonly string[] | undefined;
  readonly iterations?: number | undefined;
  readonly force?: boolean | undefined;
  /** As that of `issueCertificate`. */
  readonly compact?: boolean | undefined;
  /** Whether to certify alternative names that another subject of the authority has. */
  readonly allowTaken?: boolean | undefined;
  readonly show?: Show | undefined;
}

/** A key to be certified: its public part, and the text of its file if it is to be written. */
export interface KeyToCertify {
  readonly text?: string;
  readonly publicKey: Bytes;
}

/** Issues a certificate, and writes it, its key if there is a text of it, and the record of both. */
export function issueInto(
  options: Issuing,
  newKey: (keyFile: string) => KeyToCertify,
  issue: (authority: Authority, valid: IssuingPeriod, publicKey: Bytes) => Made<IssuedCertificate>,
): Written {
  const { suite, directory, name, days = 365, uris = [], force = false, onStep } = options;
  checkFileName(name);
  const authority = readAuthority(suite, directory, options);
  const [certificateFile, keyFile] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  try {
    return inAuthorityDirectory(
      directory,
      (write) => {
        const { text, publicKey } = newKey(keyFile);
        const database = readIssued(options, authority.anchor);
        const claim: Claim = { name, uris, publicKeySha256: sha256(publicKey), sameBy: 'name' };
        refuseTaken(database, claim, options.allowTaken);
        const { certificate, said } = issue(authority, issuingPeriod(authority.anchor, days), publicKey);
        options.show?.(said);
        write([
          ...(text === undefined ? [] : [{ file: keyFile, content: text, mode: 0o600, replace: force }]),
          certificateToWrite(certificateFile, certificate.octets, force),
          databaseToWrite(directory, withIssued(database, name, certificate)),
        ]);
        return { certificateFile, keyFile };
      },
      onStep,
    );
  } finally {
    wipe(authority.issuerSeed);
  }
}

/**
 * Issues a certificate with a new ML-KEM-1024 key: DIR/NAME.pem and DIR/NAME.key (PKCS#8, seed only, mode 0600; encrypted
 * if there is a passphrase for that file), and records it in DIR/ca.json. It ends with the authority, if that ends before.
 * @throws PassphraseError when the key of the authority is encrypted, and its passphrase is absent or wrong
 * @throws EnrolmentError `name-taken` when another subject of the authority has a name, unless `allowTaken` is set
 * @throws ConfigurationError when DIR holds no authority or one that is not valid now, a file exists and `force` is unset,
 *   or cannot be written
 */
export function issueCredentials(options: Issuing): Written {
  const { suite, name, uris = [], iterations, compact } = options;
  const newKey = (keyFile: string): KeyToCertify => {
    const { text, encapsulationKey } = newKemKey(suite, passphraseOf(keyFile, options), iterations);
    return { text, publicKey: encapsulationKey };
  };
  return issueInto(options, newKey, (authority, valid, encapsulationKey) =>
    issueFor(suite, authority, { name, uris, valid, compact, encapsulationKey }),
  );
}
