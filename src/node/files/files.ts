// Keys, certificates and pre-shared secrets in files. Every error names the file and the reason, never its content.

import { dirname } from 'node:path';
import { type Intermediate, parseIntermediate } from '../../certificate/authority.ts';
import type { CertificateCode } from '../../certificate/codes.ts';
import type { Leniency } from '../../certificate/leniency.ts';
import { type ParsedCertificate, parseCertificate } from '../../certificate/parse.ts';
import { parseRevocationList, type RevocationList } from '../../certificate/revocationList.ts';
import { parseTrustAnchor, type TrustAnchor } from '../../certificate/trustAnchor.ts';
import { type TrustStore, trustStore } from '../../certificate/trustStore.ts';
import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import { type Checked, reasonOf } from '../../failure.ts';
import { mandatorySuite, type SuiteAlgorithms } from '../../generated/suites.ts';
import { explained } from '../../handshake/certificateFailure.ts';
import type { Credentials } from '../../handshake/options.ts';
import { decodePem, decodePemAll } from '../../keys/pem.ts';
import { limits } from '../../limits.ts';
import type { Bytes } from '../../octets.ts';
import { inDirectory, type NewFile, type OnStep, readTogether, refuseExisting, type Source } from './change.ts';
import { refuseFile } from './fileErrors.ts';
import { filesOf } from './folder.ts';
import { decodeKemKey, type KeyAccess, keyOf } from './keys.ts';
import { decodePreSharedSecret } from './preSharedSecret.ts';

function required<T>(file: string, checked: Checked<T, CertificateCode>): T {
  return checked.ok ? checked.value : refuseFile(file, explained(checked));
}

function read(source: Source): Buffer {
  const [content = Buffer.alloc(0)] = readTogether([source]);
  return content;
}

/** A file with a private key. */
export const keyAt = (file: string): Source => ({ file, most: limits.keyFile, secret: true });

/**
 * Reads the texts of files: all old or all new when they change together. A bare name is a file of certificates.
 * @throws ConfigurationError
 */
export const readTexts = (files: readonly (string | Source)[]): string[] =>
  readTogether(files).map((content) => {
    const words = content.toString('utf8');
    wipe(content);
    return words;
  });

const listLabel = 'X509 CRL';

/** The most octets to read of a file, by the label of its blocks. */
const mostOf = (label: string): number => (label === listLabel ? limits.revocationListFile : limits.certificateFile);

const text = (file: string, label: string): string => readTexts([{ file, most: mostOf(label) }]).join('');

/** The DER of a PEM file with exactly one block of the label. @throws ConfigurationError */
export const readDer = (file: string, label: string): Bytes => derOf(file, text(file, label), label);

/** The DER of the text of such a file. @throws ConfigurationError */
export function derOf(file: string, content: string, label: string): Bytes {
  const pem = decodePem(content, label);
  return pem.ok ? pem.value : refuseFile(file, reasonOf(pem));
}

/** Reads a file of at most `most` octets; never reads more than one octet beyond. @throws ConfigurationError */
export const readBounded = (file: string, most: number): Buffer => read({ file, most });

/** Reads a file with a secret, of at most `most` octets. The caller wipes it. @throws ConfigurationError */
export const readSecret = (file: string, most: number): Buffer => read({ file, most, secret: true });

/** The certificate of a PEM file with exactly one. @throws ConfigurationError */
export function readCertificate(file: string, algorithms: SuiteAlgorithms = mandatorySuite): ParsedCertificate {
  return required(file, parseCertificate(readDer(file, 'CERTIFICATE'), algorithms));
}

/**
 * Reads a certificate and the key of its subject from two PEM files. The two may be changing together meanwhile.
 * @throws PassphraseError when the key is encrypted and the passphrase is absent or wrong
 * @throws ConfigurationError
 */
export function readCredentials(
  suite: Suite,
  certificateFile: string,
  keyFile: string,
  access?: KeyAccess,
  lenient: readonly Leniency[] = [],
): Credentials {
  const [certificateText = '', keyText = ''] = readTexts([certificateFile, keyAt(keyFile)]);
  const certificate = required(
    certificateFile,
    parseCertificate(derOf(certificateFile, certificateText, 'CERTIFICATE'), suite.algorithms, lenient),
  );
  const expected = keyOf(certificate.encapsulationKey, certificateFile);
  return { certificate, decapsulationKey: decodeKemKey(suite, keyFile, keyText, access, expected) };
}

/**
 * The DER of every block of PEM files, each with one or more of the label. A folder of revocation lists stands for the
 * files in it. @throws ConfigurationError
 */
export function readDers(files: readonly string[], label: string): Bytes[] {
  return (label === listLabel ? files.flatMap(filesOf) : files).flatMap((file) => {
    const blocks = decodePemAll(text(file, label), label);
    return blocks.ok ? blocks.value : refuseFile(file, reasonOf(blocks));
  });
}

function readAll<T>(files: readonly string[], label: string, parse: (der: Bytes) => Checked<T, CertificateCode>): T[] {
  return files.flatMap((file) => readDers([file], label).map((der) => required(file, parse(der))));
}

/** The trust anchors of PEM files, each with one or more CA certificates. @throws ConfigurationError */
export function readTrustAnchors(
  suite: Suite,
  files: readonly string[],
  lenient: readonly Leniency[] = [],
): TrustAnchor[] {
  return readAll(files, 'CERTIFICATE', (der) => parseTrustAnchor(suite, der, lenient));
}

/** The intermediates of PEM files, each with one or more CA certificates. @throws ConfigurationError */
export function readIntermediates(
  suite: Suite,
  files: readonly string[],
  lenient: readonly Leniency[] = [],
): Intermediate[] {
  return readAll(files, 'CERTIFICATE', (der) => parseIntermediate(suite, der, lenient));
}

/** The revocation lists of PEM files, or folders of them, each with one or more. @throws ConfigurationError */
export function readRevocationLists(
  files: readonly string[],
  algorithms: SuiteAlgorithms = mandatorySuite,
  lenient: readonly Leniency[] = [],
): RevocationList[] {
  return readAll(files, listLabel, (der) => parseRevocationList(der, algorithms, lenient));
}

/** Names of PEM files with trusted contents; each holds one or more blocks. */
export interface TrustFiles {
  /** Trust anchors. */
  readonly ca: readonly string[];
  readonly intermediates?: readonly string[] | undefined;
  /** Revocation lists; a folder stands for the files in it whose names do not begin with a dot. */
  readonly crl?: readonly string[] | undefined;
  /** Whether every certificate needs a revocation list of its issuer. */
  readonly requireCrl?: boolean | undefined;
  /** What is permitted beyond the profile, in all of them and in the certificates of peers; default nothing. */
  readonly lenient?: readonly Leniency[] | undefined;
}

/** The contents of files with trusted contents. */
export interface TrustContents {
  readonly trustAnchors: readonly TrustAnchor[];
  readonly intermediates: readonly Intermediate[];
  readonly revocationLists: readonly RevocationList[];
}

/**
 * The trust store of contents. @param names - the files that a refusal names
 * @throws ConfigurationError for a certificate or list that leads to no anchor
 */
export function storeOf(
  contents: TrustContents,
  { requireCrl, lenient }: Pick<TrustFiles, 'requireCrl' | 'lenient'>,
  names: string,
): TrustStore {
  return required(names, trustStore({ ...contents, revocation: requireCrl ? 'required' : 'if-present', lenient }));
}

/** The files that a store does not fit together of: those that lead to an anchor, or else the anchors. */
export const namesOf = ({ ca, intermediates = [], crl = [] }: TrustFiles): string =>
  [...intermediates, ...crl].join(', ') || ca.join(', ');

/**
 * Reads a trust store from files: see `trustStore`.
 * @throws ConfigurationError for a file without a block of its kind, and for a certificate or list that leads to no
 *   anchor
 */
export function readTrustStore(suite: Suite, files: TrustFiles): TrustStore {
  const { ca, intermediates = [], crl = [], lenient } = files;
  const contents: TrustContents = {
    trustAnchors: readTrustAnchors(suite, ca, lenient),
    intermediates: readIntermediates(suite, intermediates, lenient),
    revocationLists: readRevocationLists(crl, suite.algorithms, lenient),
  };
  return storeOf(contents, files, namesOf(files));
}

/** Reads a pre-shared secret of 32 to 128 octets, in hexadecimal digits. @throws ConfigurationError */
export function readPreSharedSecret(file: string): Bytes {
  const content = readSecret(file, limits.preSharedSecretFile);
  const secret = decodePreSharedSecret(content);
  wipe(content);
  return secret.ok ? secret.value : refuseFile(file, reasonOf(secret));
}

/**
 * Writes files. With `force` unset, none is written when one of them exists. The files of one directory are written all
 * or none, whenever the process ends (`inDirectory`). Files of several directories are written in the given order.
 * @throws ConfigurationError
 */
export function writeFiles(files: readonly NewFile[], force: boolean, onStep?: OnStep): void {
  const replacing = files.map((file) => ({ ...file, replace: force }));
  refuseExisting(replacing);
  for (const directory of new Set(files.map(({ file }) => dirname(file)))) {
    inDirectory(directory, (write) => write(replacing.filter(({ file }) => dirname(file) === directory)), onStep);
  }
}
