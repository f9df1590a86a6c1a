// Keys, certificates and pre-shared secrets in files. Every complaint names the file and the reason, never its content.
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type Intermediate, parseIntermediate } from '../certificate/authority.ts';
import { type ParsedCertificate, parseCertificate } from '../certificate/parse.ts';
import { decodePem, decodePemAll } from '../certificate/pem.ts';
import { decodeKemPrivateKey } from '../certificate/privateKey.ts';
import { parseRevocationList, type RevocationList } from '../certificate/revocationList.ts';
import { parseTrustAnchor, type TrustAnchor } from '../certificate/trustAnchor.ts';
import { type TrustStore, trustStore } from '../certificate/trustStore.ts';
import { wipe } from '../crypto/octets.ts';
import type { Suite } from '../crypto/suite.ts';
import type { Checked } from '../failure.ts';
import { failureTable } from '../generated/failures.ts';
import { mandatorySuite, type SuiteAlgorithms } from '../generated/suites.ts';
import { ConfigurationError, type Credentials } from '../handshake/options.ts';
import { decodePreSharedSecret } from './preSharedSecret.ts';

type Bytes = Uint8Array;

/** Refuses a file: names it and the reason. */
export function refuseFile(file: string, reason: string): never {
  throw new ConfigurationError(`${file}: ${reason}`);
}

/** Why a file could not be used, for people. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/, \w+ '.*'$/, '') : 'unknown';

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    return refuseFile(file, reasonOf(error));
  }
}

/** A file of at most so many octets. @throws ConfigurationError */
export function readBounded(file: string, most: number): Buffer {
  const octets = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (octets > most) refuseFile(file, `${octets} octets; at most ${most} are read`);
  return read(file);
}

function required<T>(file: string, checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  const detail = checked.detail === undefined ? '' : `: ${checked.detail}`;
  return refuseFile(file, `${failureTable[checked.code].meaning}${detail}`);
}

function text(file: string): string {
  return read(file).toString('latin1');
}

/** The DER of a PEM file with exactly one block of the label. @throws ConfigurationError */
export function readDer(file: string, label: string): Bytes {
  const pem = decodePem(text(file), label);
  return pem.ok ? pem.value : refuseFile(file, pem.reason);
}

/** The certificate of a PEM file with exactly one. @throws ConfigurationError */
export function readCertificate(file: string, algorithms: SuiteAlgorithms = mandatorySuite): ParsedCertificate {
  return required(file, parseCertificate(readDer(file, 'CERTIFICATE'), algorithms));
}

/** A certificate and the key of its subject, from two PEM files. @throws ConfigurationError */
export function readCredentials(suite: Suite, certificateFile: string, keyFile: string): Credentials {
  const certificate = readCertificate(certificateFile, suite.algorithms);
  const der = readDer(keyFile, 'PRIVATE KEY');
  const decoded = decodeKemPrivateKey(suite, der);
  wipe(der);
  const decapsulationKey = decoded.ok ? decoded.value : refuseFile(keyFile, decoded.reason);
  if (!suite.equal(decapsulationKey.encapsulationKey, certificate.encapsulationKey)) {
    refuseFile(keyFile, `not the private key of the certificate in ${certificateFile}`);
  }
  return { certificate, decapsulationKey };
}

/** The DER of every block of PEM files, each with one or more of the label. @throws ConfigurationError */
export function readDers(files: readonly string[], label: string): Bytes[] {
  return files.flatMap((file) => {
    const blocks = decodePemAll(text(file), label);
    return blocks.ok ? blocks.value : refuseFile(file, blocks.reason);
  });
}

function readAll<T>(files: readonly string[], label: string, parse: (der: Bytes) => Checked<T>): T[] {
  return files.flatMap((file) => readDers([file], label).map((der) => required(file, parse(der))));
}

/** The trust anchors of PEM files, each with one or more CA certificates. @throws ConfigurationError */
export function readTrustAnchors(suite: Suite, files: readonly string[]): TrustAnchor[] {
  return readAll(files, 'CERTIFICATE', (der) => parseTrustAnchor(suite, der));
}

/** The intermediates of PEM files, each with one or more CA certificates. @throws ConfigurationError */
export function readIntermediates(suite: Suite, files: readonly string[]): Intermediate[] {
  return readAll(files, 'CERTIFICATE', (der) => parseIntermediate(suite, der));
}

/** The revocation lists of PEM files, each with one or more. @throws ConfigurationError */
export function readRevocationLists(
  files: readonly string[],
  algorithms: SuiteAlgorithms = mandatorySuite,
): RevocationList[] {
  return readAll(files, 'X509 CRL', (der) => parseRevocationList(der, algorithms));
}

/** Names of PEM files, each with one or more blocks, of what is trusted. */
export interface TrustFiles {
  /** Trust anchors. */
  readonly ca: readonly string[];
  readonly intermediates?: readonly string[] | undefined;
  /** Revocation lists. */
  readonly crl?: readonly string[] | undefined;
  /** Whether every certificate needs a revocation list of its issuer. */
  readonly requireCrl?: boolean | undefined;
}

/**
 * A trust store from files: see `trustStore`.
 * @throws ConfigurationError for a file that holds none of its kind, and for a certificate or list that leads to no anchor
 */
export function readTrustStore(suite: Suite, { ca, intermediates = [], crl = [], requireCrl }: TrustFiles): TrustStore {
  const store = trustStore({
    trustAnchors: readTrustAnchors(suite, ca),
    intermediates: readIntermediates(suite, intermediates),
    revocationLists: readRevocationLists(crl, suite.algorithms),
    revocation: requireCrl ? 'required' : 'if-present',
  });
  return required([...intermediates, ...crl].join(', ') || ca.join(', '), store);
}

/** A pre-shared secret written as hexadecimal digits, at least 32 octets' worth. @throws ConfigurationError */
export function readPreSharedSecret(file: string): Bytes {
  const content = read(file);
  const secret = decodePreSharedSecret(content);
  wipe(content);
  return secret.ok ? secret.value : refuseFile(file, secret.reason);
}

/** A file to write: whole or not at all. */
export interface NewFile {
  readonly file: string;
  readonly content: string;
  /** Permissions, such as 0o600. */
  readonly mode: number;
}

/**
 * Writes files, each whole or not at all; with `force` unset none is written when one of them exists.
 * @throws ConfigurationError
 */
export function writeFiles(files: readonly NewFile[], force: boolean): void {
  if (!force) {
    for (const { file } of files) if (existsSync(file)) refuseFile(file, 'exists already; --force overwrites it');
  }
  for (const { file, content, mode } of files) writeWhole(file, content, mode, force);
}

function writeWhole(file: string, content: string, mode: number, force: boolean): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, content, { mode, flag: 'wx', flush: true });
    if (force) renameSync(temporary, file);
    else linkSync(temporary, file); // unlike rename, link never replaces a file that came to be meanwhile
  } catch (error) {
    refuseFile(file, reasonOf(error));
  } finally {
    rmSync(temporary, { force: true });
  }
}
