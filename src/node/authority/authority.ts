// The authority of a directory: DIR/ca.pem and DIR/ca.key.

import { join } from 'node:path';
import { isSigned } from '../../certificate/authority.ts';
import type { ParsedCertificate } from '../../certificate/parse.ts';
import { parseTrustAnchor, type TrustAnchor } from '../../certificate/trustAnchor.ts';
import { ConfigurationError } from '../../configuration.ts';
import { wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import { reservedName } from '../../enrolment/names.ts';
import type { Bytes } from '../../octets.ts';
import { refuseFile } from '../files/fileErrors.ts';
import { derOf, keyAt, readDer, readTexts } from '../files/files.ts';
import { decodeSignatureSeed, type KeyAccess, keyOf } from '../files/keys.ts';
import { checkAuthorityDirectory } from '../files/trust.ts';

const day = 86_400_000;
/** Certificates start five minutes early, for clocks that are behind. */
export const backdate = 300_000;
const longestName = 64; // ub-common-name, RFC 5280 appendix A

/** An authority with its key, which can sign. */
export interface Authority {
  /** Its certificate, DER. */
  readonly issuer: Bytes;
  /** For ML-DSA 32 octets. The caller wipes them. */
  readonly issuerSeed: Bytes;
  readonly anchor: TrustAnchor;
}

function anchorOf(suite: Suite, file: string, issuer: Bytes): TrustAnchor {
  const anchor = parseTrustAnchor(suite, issuer);
  return anchor.ok ? anchor.value : refuseFile(file, `not a certification authority: ${anchor.detail ?? anchor.code}`);
}

/** Reads the certificate of the authority of a directory. @throws ConfigurationError when there is none */
export function readAnchor(suite: Suite, directory: string): TrustAnchor {
  checkAuthorityDirectory(directory);
  const file = join(directory, 'ca.pem');
  return anchorOf(suite, file, readDer(file, 'CERTIFICATE'));
}

/**
 * Reads an authority and its key. @throws PassphraseError @throws ConfigurationError without an authority, or with a
 * key of another
 */
export function readAuthority(suite: Suite, directory: string, access: KeyAccess = {}): Authority {
  const [certificateFile, keyFile] = [join(directory, 'ca.pem'), join(directory, 'ca.key')];
  checkAuthorityDirectory(directory);
  const [certificateText = '', keyText = ''] = readTexts([certificateFile, keyAt(keyFile)]);
  const issuer = derOf(certificateFile, certificateText, 'CERTIFICATE');
  const anchor = anchorOf(suite, certificateFile, issuer);
  const { algorithm, octets } = anchor.verificationKey;
  const expected = keyOf(octets, certificateFile);
  const issuerSeed = decodeSignatureSeed(suite, keyFile, keyText, algorithm, access, expected);
  return { issuer, issuerSeed, anchor };
}

/** Whether the authority signed a certificate. */
export const isIssuedBy = (anchor: TrustAnchor, certificate: ParsedCertificate): boolean =>
  certificate.issuer.text === anchor.subject.text && isSigned(anchor.verificationKey, certificate);

/**
 * Runs `issue`; wipes the secrets when it throws. @throws ConfigurationError with the reason when the profile refuses
 * the input
 */
export function refusing<T>(issue: () => T, ...secrets: readonly Bytes[]): T {
  try {
    return issue();
  } catch (error) {
    wipe(...secrets);
    if (error instanceof RangeError) throw new ConfigurationError(error.message);
    throw error;
  }
}

/** @throws ConfigurationError unless it has 1 to 64 characters, none an ASCII control character */
export function checkName(name: string): void {
  if (name.length === 0 || name.length > longestName || [...name].some((one) => one < ' ' || one === '\x7f')) {
    throw new ConfigurationError(`the name must have 1 to ${longestName} printable characters`);
  }
}

/**
 * @throws ConfigurationError when a text is not a common name, is reserved, or cannot be the name of a file beside
 *   those of the authority
 */
export function checkFileName(name: string): void {
  checkName(name);
  const isFileName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);
  const reserved = reservedName(name);
  if (isFileName && reserved === undefined) return;
  const why = isFileName ? `; reserved: ${reserved}` : '';
  throw new ConfigurationError(
    `${name}: expected a name that is also a file name: letters, digits, dot, dash, underscore; not ca${why}`,
  );
}

/** A positive random serial number of 16 octets (RFC 5280, section 4.1.2.2). */
export function serialNumber(suite: Suite): Bytes {
  const serial = suite.randomOctets(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

/** A validity period: from five minutes before `time`, by default now, until `days` after it. */
export function period(days: number, time = new Date()): { notBefore: Date; notAfter: Date } {
  const now = Math.floor(time.getTime() / 1000) * 1000;
  return { notBefore: new Date(now - backdate), notAfter: new Date(now + days * day) };
}

/** The validity period of what an authority signs. */
export interface IssuingPeriod {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The end that the days asked for, when the authority ends before it. */
  readonly shortenedFrom?: Date;
}

/**
 * A validity period for what an authority signs at a time: that of `period`, within that of the authority.
 * @throws ConfigurationError when the authority has expired or has not begun, or for more days than there are dates
 */
export function issuingPeriod(anchor: TrustAnchor, days: number, time = new Date()): IssuingPeriod {
  const { subject, notBefore: begin, notAfter: end } = anchor;
  const asked = period(days, time);
  if (Number.isNaN(asked.notAfter.getTime())) throw new ConfigurationError(`a validity of ${days} days`);
  if (time.getTime() < begin.getTime())
    throw new ConfigurationError(
      `the authority ${subject.text} is valid from ${begin.toISOString()}, and signs nothing before: is the clock right?`,
    );
  if (time.getTime() > end.getTime())
    throw new ConfigurationError(
      `the authority ${subject.text} expired ${end.toISOString()}, and signs nothing any more: make another authority`,
    );
  const notBefore = new Date(Math.max(asked.notBefore.getTime(), begin.getTime()));
  if (asked.notAfter.getTime() <= end.getTime()) return { notBefore, notAfter: asked.notAfter };
  return { notBefore, notAfter: end, shortenedFrom: asked.notAfter };
}

/** The number of days from which `period` made a validity period. */
export const daysOf = ({ notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date }): number =>
  Math.max(1, Math.round((notAfter.getTime() - notBefore.getTime() - backdate) / day));
