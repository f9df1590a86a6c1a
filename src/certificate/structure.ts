// The structure of every certificate of the profile (RFC 5280, section 4.1), read from DER.

import { type Algorithm, readAlgorithm } from '../der/algorithm.ts';
import {
  boolean,
  constructedContext,
  type Der,
  expectTag,
  inside,
  objectIdentifier,
  octetsOf,
  octetsOfBitString,
  only,
  sequence,
  tags,
  unsignedInteger,
} from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { otherHolder } from '../der/objectIdentifierNames.ts';
import type { SignatureAlgorithm } from '../generated/suites.ts';
import { limits } from '../limits.ts';
import { type Bytes, same, toHex } from '../octets.ts';
import { type DistinguishedName, readIssuer, readName } from './name.ts';

/** An extension (RFC 5280, section 4.2). Its value is DER, which the reader of the profile parses. */
export interface Extension {
  readonly critical: boolean;
  readonly value: Bytes;
}

/** A certificate before it is checked against the profile. */
export interface CertificateStructure {
  /** The octets that the signature covers: a view into the input. */
  readonly toBeSigned: Bytes;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** For ML-DSA-87 4627 octets. */
  readonly signature: Bytes;
  /** Hexadecimal digits. */
  readonly serialNumber: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: Bytes;
  /** Of the kinds that may stand there, the one that does. */
  readonly keyKind: KeyKind;
  /** SubjectPublicKeyInfo, DER. */
  readonly subjectPublicKeyInfo: Bytes;
  /** By object identifier. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** A kind of key that a certificate may carry. */
export interface KeyKind extends Algorithm {
  readonly octets: number;
}

/** A scheme of certificates outside of the suites: its keys may have another identifier than its signatures, which may differ in length. */
export interface CertificateAlgorithm extends SignatureAlgorithm {
  /** Absent where keys and signatures have one identifier. */
  readonly key?: Algorithm;
  /** Absent where all signatures have one length; `signature` is the most. */
  readonly leastSignature?: number;
}

export const longestSerialNumber = 20; // RFC 5280, section 4.1.2.2

/** A serial number in hexadecimal digits: positive, at most 20 octets (RFC 5280, section 4.1.2.2). */
export function readSerialNumber(element: Der | undefined): string {
  const octets = unsignedInteger(element, 'serial number');
  if (octets.length > longestSerialNumber) malformed(`serial number: more than ${longestSerialNumber} octets`);
  return octets.some((octet) => octet !== 0) ? toHex(octets) : malformed('serial number: zero');
}

/** Parses two digits. @throws DerError */
function pairAt(octets: Bytes, at: number, what: string): number {
  const [tens, units] = [(octets[at] ?? 0) - 0x30, (octets[at + 1] ?? 0) - 0x30];
  return tens < 0 || tens > 9 || units < 0 || units > 9 ? malformed(`${what}: not a time`) : 10 * tens + units;
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const monthDays: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Parses the year of a time: two digits in UTCTime, four in GeneralizedTime. */
function yearAt(octets: Bytes, tag: number, at: number, what: string): number {
  const first = pairAt(octets, at, what);
  return tag === tags.utcTime ? (first < 50 ? 2000 : 1900) + first : 100 * first + pairAt(octets, at + 2, what);
}

/**
 * Parses the contents of a time between two places: UTCTime through 2049, GeneralizedTime from 2050, to the second, in
 * UTC (RFC 5280, section 4.1.2.5). Returns milliseconds since 1970. @throws DerError
 */
export function timeAt(octets: Bytes, tag: number, start: number, end: number, what: string): number {
  const length = tag === tags.utcTime ? 13 : 15;
  if (end - start !== length || octets[end - 1] !== 0x5a) malformed(`${what}: not to the second, with a Z`);
  const year = yearAt(octets, tag, start, what);
  const [month, day] = [pairAt(octets, end - 11, what), pairAt(octets, end - 9, what)];
  const hour = pairAt(octets, end - 7, what);
  const [minute, second] = [pairAt(octets, end - 5, what), pairAt(octets, end - 3, what)];
  const days = (monthDays[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0);
  // `Date` interprets years below 100 as other years.
  if (year < 100 || day < 1 || day > days || hour > 23 || minute > 59 || second > 59) malformed(`${what}: not a time`);
  if (tag === tags.generalizedTime && year < 2050) malformed(`${what}: a year that UTCTime must state`);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Reads a time as `timeAt` does. */
export function readTime(element: Der | undefined, what: string): Date {
  const { tag, contents } = element ?? malformed(`${what}: absent`);
  if (tag !== tags.utcTime && tag !== tags.generalizedTime) malformed(`${what}: another type`);
  return new Date(timeAt(contents, tag, 0, contents.length, what));
}

function readExtension(element: Der): [string, Extension] {
  const [identifier, ...rest] = sequence(element, 'extension');
  const name = objectIdentifier(identifier, 'extension');
  const critical = rest.length === 2 && boolean(rest[0], `extension ${name}`);
  // DER omits a default value, here FALSE.
  if (rest.length !== (critical ? 2 : 1)) malformed(`extension ${name}: not DER`);
  return [name, { critical, value: expectTag(rest.at(-1), tags.octetString, `extension ${name}`).contents }];
}

/** Reads `[3] EXPLICIT Extensions`; an empty map when absent. */
function readExtensions(element: Der | undefined): ReadonlyMap<string, Extension> {
  if (element === undefined) return new Map();
  const { contents } = expectTag(element, constructedContext(3), 'extensions');
  return readExtensionList(only(contents, tags.sequence, 'extensions'));
}

/** Reads `SEQUENCE SIZE (1..MAX) OF Extension`, each at most once. */
export function readExtensionList(element: Der): ReadonlyMap<string, Extension> {
  const extensions = sequence(element, 'extensions', limits.extensions).map(readExtension);
  const byName = new Map(extensions);
  if (extensions.length === 0 || byName.size !== extensions.length) malformed('extensions: none, or one of them twice');
  return byName;
}

/** Requires the signature length of an algorithm. @throws DerError */
export function requireSignatureOctets({ length }: Bytes, algorithm: CertificateAlgorithm): void {
  const { signature: octets, leastSignature = octets } = algorithm;
  if (length < leastSignature || length > octets) malformed(`signature: ${length} octets, not ${octets}`);
}

/** Reads a SubjectPublicKeyInfo of one of these kinds. @throws DerError */
export function readPublicKey<T extends KeyKind>(
  element: Der | undefined,
  kinds: readonly T[],
): { readonly kind: T; readonly octets: Bytes } {
  const [algorithm, key, ...rest] = sequence(element, 'subject public key');
  const kind = readAlgorithm(algorithm, kinds, 'subject public key algorithm', otherHolder('certificate', kinds));
  const octets = octetsOfBitString(key, 'subject public key');
  if (rest.length > 0) malformed('subject public key: trailing elements');
  if (octets.length !== kind.octets)
    malformed(`subject public key: ${octets.length} octets; ${kind.name} has ${kind.octets}`);
  return { kind, octets };
}

/**
 * Reads one X.509 v3 certificate in DER (RFC 5280, section 4.1) with one of these kinds of key and one of these
 * signature algorithms. Unique identifiers are refused: conforming authorities never generate them. @throws DerError
 */
export function readStructure(
  der: Bytes,
  kinds: readonly KeyKind[],
  signatures: readonly CertificateAlgorithm[],
): CertificateStructure {
  const parts = inside(only(der, tags.sequence, 'certificate'));
  const [toBeSigned, signatureAlgorithm, signatureValue] = parts;
  if (toBeSigned === undefined || parts.length !== 3) return malformed('certificate: not three elements');
  const fields = sequence(toBeSigned, 'certificate to be signed');
  const [version, serialNumber, innerAlgorithm, issuer, validity, subject, publicKey, extensions] = fields;
  const { contents } = expectTag(version, constructedContext(0), 'version');
  if (!same(contents, Uint8Array.of(tags.integer, 1, 2))) malformed('version: not v3');
  if (fields.length > 8) malformed('certificate to be signed: trailing elements');
  const algorithm = readAlgorithm(innerAlgorithm, signatures, 'signature algorithm');
  if (signatureAlgorithm === undefined || innerAlgorithm === undefined) return malformed('signature algorithm: absent');
  if (!same(octetsOf(signatureAlgorithm), octetsOf(innerAlgorithm)))
    malformed('signature algorithm: two different ones');
  const [notBefore, notAfter, ...rest] = sequence(validity, 'validity');
  if (rest.length > 0) malformed('validity: trailing elements');
  const signature = octetsOfBitString(signatureValue, 'signature');
  requireSignatureOctets(signature, algorithm);
  const { kind, octets } = readPublicKey(publicKey, kinds);
  return {
    toBeSigned: octetsOf(toBeSigned),
    signatureAlgorithm: algorithm,
    signature,
    serialNumber: readSerialNumber(serialNumber),
    issuer: readIssuer(issuer),
    subject: readName(subject, 'subject'),
    notBefore: readTime(notBefore, 'not before'),
    notAfter: readTime(notAfter, 'not after'),
    publicKey: octets,
    keyKind: kind,
    subjectPublicKeyInfo: octetsOf(expectTag(publicKey, tags.sequence, 'subject public key')),
    extensions: readExtensions(extensions),
  };
}
