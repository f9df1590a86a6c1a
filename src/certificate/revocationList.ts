// Certificate revocation lists (RFC 5280, section 5): complete lists, signed by the issuing authority itself.

import { readAlgorithm } from '../der/algorithm.ts';
import {
  constructedContext,
  type Der,
  expectTag,
  inside,
  octetsOf,
  octetsOfBitString,
  only,
  sequence,
  tags,
  unsignedInteger,
} from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import type { Checked } from '../failure.ts';
import { mandatorySuite, type SignatureAlgorithm, type SuiteAlgorithms } from '../generated/suites.ts';
import { type Bytes, same, toHex } from '../octets.ts';
import { type CertificateCode, checkedList } from './codes.ts';
import { extensionNames, readAuthorityKeyIdentifier } from './extensions.ts';
import { allowance, type Leniency } from './leniency.ts';
import { readIssuer } from './name.ts';
import { type Revoked, readRevokedEntries } from './revokedEntries.ts';
import { type Extension, readExtensionList, readTime, requireSignatureOctets } from './structure.ts';

/**
 * A revocation list, not necessarily a trusted one. Octets are views into the parsed octets, which must not change any
 * more.
 */
export interface RevocationList {
  /** The whole list, DER. */
  readonly octets: Bytes;
  /** The issuer: DER of its Name, and RFC 4514. */
  readonly issuer: { readonly octets: Bytes; readonly text: string };
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** CRLNumber (section 5.2.3), at most 20 octets. */
  readonly crlNumber: bigint;
  readonly authorityKeyIdentifier: Bytes;
  /**
   * Entries by serial number in hexadecimal digits. Reason codes are those of section 5.3.1, 0 (unspecified) when
   * absent. Every call reads from `octets`.
   */
  readonly revoked: ReadonlyMap<string, Revoked>;
  /** The octets that the signature covers. */
  readonly toBeSigned: Bytes;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** For ML-DSA-87 4627 octets, not verified yet. */
  readonly signature: Bytes;
}

const listExtensions = {
  crlNumber: '2.5.29.20',
  issuingDistributionPoint: '2.5.29.28',
  deltaIndicator: '2.5.29.27',
} as const;
const longestNumber = 20; // section 5.2.3

/** Refuses unknown critical extensions, and the extensions that narrow or widen a list, critical or not. */
function requireComplete(extensions: ReadonlyMap<string, Extension>): void {
  const { issuingDistributionPoint, deltaIndicator } = listExtensions;
  if (extensions.has(deltaIndicator)) malformed('a delta list');
  if (extensions.has(issuingDistributionPoint)) malformed('an indirect list, or one of a part of the certificates');
  for (const [name, { critical }] of extensions) {
    if (critical) malformed(`extension ${name}: critical, and not one that is processed`);
  }
}

function required(extensions: ReadonlyMap<string, Extension>, name: string, what: string): Bytes {
  return extensions.get(name)?.value ?? malformed(`${what}: absent`);
}

function readNumber(value: Bytes): bigint {
  const octets = unsignedInteger(only(value, tags.integer, 'CRL number'), 'CRL number');
  return octets.length > longestNumber ? malformed('CRL number: too long') : BigInt(`0x${toHex(octets)}`);
}

/** Reads the `SEQUENCE OF` entries, which is absent when there are none (section 5.1.2.6). */
const readEntries = (element: Der | undefined): RevocationList['revoked'] =>
  element === undefined ? new Map() : readRevokedEntries(element.contents);

function read(der: Bytes, signatures: readonly SignatureAlgorithm[], lenient: readonly Leniency[]): RevocationList {
  const [toBeSigned, outer, signatureValue, ...rest] = inside(only(der, tags.sequence, 'revocation list'));
  if (toBeSigned === undefined || rest.length > 0) return malformed('revocation list: not three elements');
  const [version, inner, issuerElement, thisElement, nextElement, ...optional] = sequence(toBeSigned, 'list');
  if (!same(expectTag(version, tags.integer, 'version').contents, Uint8Array.of(1))) malformed('version: not v2');
  const signatureAlgorithm = readAlgorithm(inner, signatures, 'signature algorithm');
  readAlgorithm(outer, [signatureAlgorithm], 'signature algorithm');
  const [entries, wrapped, ...more] = optional[0]?.tag === tags.sequence ? optional : [undefined, ...optional];
  if (more.length > 0) malformed('list: trailing elements');
  const extensions = readExtensionList(
    only(expectTag(wrapped, constructedContext(0), 'extensions').contents, tags.sequence, 'extensions'),
  );
  requireComplete(extensions);
  const signature = octetsOfBitString(signatureValue, 'signature');
  requireSignatureOctets(signature, signatureAlgorithm);
  const issuer = readIssuer(issuerElement);
  const [thisUpdate, nextUpdate] = [readTime(thisElement, 'this update'), readTime(nextElement, 'next update')];
  if (nextUpdate < thisUpdate) malformed('next update: before this update');
  const authority = required(extensions, extensionNames.authorityKeyIdentifier, 'authority key identifier');
  return {
    octets: der,
    issuer,
    thisUpdate,
    nextUpdate,
    signatureAlgorithm,
    signature,
    crlNumber: readNumber(required(extensions, listExtensions.crlNumber, 'CRL number')),
    authorityKeyIdentifier:
      readAuthorityKeyIdentifier(authority, allowance(lenient)) ??
      malformed('authority key identifier: no key identifier'),
    revoked: readEntries(entries),
    toBeSigned: octetsOf(toBeSigned),
  };
}

/**
 * Parses a revocation list strictly: X.509 v2 in DER without trailing octets, signed (ML-DSA-87: 4627 octets), with
 * next update, CRL number and authority key identifier, complete and direct: no delta, no distribution point, no other
 * issuer of an entry, no critical extension. Verifies no signature. Never throws. Code:
 * `certificate-revocation-unknown`.
 */
export function parseRevocationList(
  der: Uint8Array,
  { signatures }: Pick<SuiteAlgorithms, 'signatures'> = mandatorySuite,
  lenient: readonly Leniency[] = [],
): Checked<RevocationList, CertificateCode> {
  return checkedList(() => read(der, signatures, lenient));
}
