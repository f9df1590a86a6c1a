// A certification authority in a directory: ca.pem and ca.key, and what it issues beside them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTrustAnchor, issueCertificate } from '../certificate/issue.ts';
import { encodePem } from '../certificate/pem.ts';
import {
  decodeSignaturePrivateKey,
  encodeKemPrivateKey,
  encodeSignaturePrivateKey,
} from '../certificate/privateKey.ts';
import { parseTrustAnchor } from '../certificate/trustAnchor.ts';
import { wipe } from '../crypto/octets.ts';
import type { Suite } from '../crypto/suite.ts';
import { sizes } from '../generated/constants.ts';
import { ConfigurationError } from '../handshake/options.ts';
import { readDer, refuseFile, writeFiles } from './files.ts';

type Bytes = Uint8Array;

const day = 86_400_000;
/** Certificates start five minutes ago, for clocks that are behind. */
const backdate = 300_000;
const authorityDays = 3650;
const longestName = 64; // ub-common-name, RFC 5280 appendix A

/** Files that were written. */
export interface Written {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Issues; what the profile refuses is the caller's configuration. */
export function refusing(issue: () => Bytes, ...secrets: readonly Bytes[]): Bytes {
  try {
    return issue();
  } catch (error) {
    wipe(...secrets);
    if (error instanceof RangeError) throw new ConfigurationError(error.message);
    throw error;
  }
}

function checkName(name: string): void {
  if (name.length === 0 || name.length > longestName || [...name].some((one) => one < ' ' || one === '\x7f')) {
    throw new ConfigurationError(`the name must have 1 to ${longestName} printable characters`);
  }
}

/** A name that a file in the directory of the authority is named after. @throws ConfigurationError */
export function checkFileName(name: string): void {
  checkName(name);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || name.toLowerCase() === 'ca') {
    throw new ConfigurationError(
      `${name}: a name that is also a file name: letters, digits, dot, dash, underscore; not ca`,
    );
  }
}

/** A positive random serial number of 16 octets (RFC 5280, section 4.1.2.2). */
export function serialNumber(suite: Suite): Bytes {
  const serial = suite.randomOctets(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

/** Validity from a little ago, in days from now. */
export const period = (days: number): { notBefore: Date; notAfter: Date } => {
  const now = Math.floor(Date.now() / 1000) * 1000;
  return { notBefore: new Date(now - backdate), notAfter: new Date(now + days * day) };
};

/**
 * Creates a certification authority: DIR/ca.pem (ML-DSA-87, self-signed) and DIR/ca.key (PKCS#8, mode 0600).
 * @throws ConfigurationError when a file exists and `force` is unset, or cannot be written
 */
export function createAuthority(options: {
  readonly suite: Suite;
  readonly directory: string;
  readonly name?: string | undefined;
  readonly force?: boolean | undefined;
}): Written {
  const { suite, directory, name = 'PQuAKE CA', force = false } = options;
  checkName(name);
  try {
    mkdirSync(directory, { recursive: true });
  } catch {
    refuseFile(directory, 'the directory cannot be made');
  }
  const seed = suite.generateSignatureSeed();
  const subject = { suite, name, seed, serialNumber: serialNumber(suite), ...period(authorityDays) };
  const certificate = refusing(() => createTrustAnchor(subject), seed);
  return writePair(
    join(directory, 'ca'),
    certificate,
    encodeSignaturePrivateKey(seed, suite.algorithms.signatures[0]),
    [seed],
    force,
  );
}

/**
 * Issues a certificate with a new ML-KEM-1024 key: DIR/NAME.pem and DIR/NAME.key (PKCS#8, seed only, mode 0600).
 * @throws ConfigurationError when DIR holds no authority, a file exists and `force` is unset, or cannot be written
 */
export function issueCredentials(options: {
  readonly suite: Suite;
  readonly directory: string;
  readonly name: string;
  /** Validity in days; default 365. */
  readonly days?: number | undefined;
  /** URIs of the subject alternative name. */
  readonly uris?: readonly string[] | undefined;
  readonly force?: boolean | undefined;
}): Written {
  const { suite, directory, name, days = 365, uris = [], force = false } = options;
  checkFileName(name);
  const { issuer, issuerSeed } = readAuthority(suite, directory);
  const seed = suite.randomOctets(sizes.keySeed);
  const { encapsulationKey, wipe: forget } = suite.generateKemKey(seed);
  forget();
  const serial = serialNumber(suite);
  const subject = { name, uris, encapsulationKey, serialNumber: serial, ...period(days) };
  const certificate = refusing(() => issueCertificate({ suite, issuer, issuerSeed, ...subject }), seed, issuerSeed);
  return writePair(
    join(directory, name),
    certificate,
    encodeKemPrivateKey(seed, suite.algorithms.kem),
    [seed, issuerSeed],
    force,
  );
}

/** The authority of a directory: certificate (DER) and seed (32), which the caller wipes. @throws ConfigurationError */
export function readAuthority(suite: Suite, directory: string): { issuer: Bytes; issuerSeed: Bytes } {
  const certificateFile = join(directory, 'ca.pem');
  const keyFile = join(directory, 'ca.key');
  const issuer = readDer(certificateFile, 'CERTIFICATE');
  const anchor = parseTrustAnchor(suite, issuer);
  if (!anchor.ok) return refuseFile(certificateFile, `not a certification authority: ${anchor.detail ?? anchor.code}`);
  const der = readDer(keyFile, 'PRIVATE KEY');
  const { verificationKey } = anchor.value;
  const decoded = decodeSignaturePrivateKey(suite, der, verificationKey.algorithm);
  wipe(der);
  const issuerSeed = decoded.ok ? decoded.value : refuseFile(keyFile, decoded.reason);
  if (!suite.equal(suite.signaturePublicKey(issuerSeed, verificationKey.algorithm), verificationKey.octets)) {
    refuseFile(keyFile, `not the private key of the certificate in ${certificateFile}`);
  }
  return { issuer, issuerSeed };
}

function writePair(stem: string, certificate: Bytes, key: Bytes, secrets: readonly Bytes[], force: boolean): Written {
  const written = { certificateFile: `${stem}.pem`, keyFile: `${stem}.key` };
  try {
    writeFiles(
      [
        { file: written.keyFile, content: encodePem('PRIVATE KEY', key), mode: 0o600 },
        { file: written.certificateFile, content: encodePem('CERTIFICATE', certificate), mode: 0o644 },
      ],
      force,
    );
  } finally {
    wipe(key, ...secrets);
  }
  return written;
}
