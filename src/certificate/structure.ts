// The structure that every certificate of the profile shares (RFC 5280, section 4.1), read from DER.
import { toHex } from '../crypto/octets.ts';
import { objectIdentifiers, sizes } from '../generated/constants.ts';
import {
  boolean,
  constructedContext,
  type Der,
  encodeObjectIdentifier,
  expectTag,
  inside,
  malformed,
  objectIdentifier,
  octetsOf,
  octetsOfBitString,
  only,
  refuse,
  same,
  sequence,
  tags,
  unsignedInteger,
} from './der.ts';
import { type DistinguishedName, readIssuer, readName } from './name.ts';

type Bytes = Uint8Array;

/** An extension (RFC 5280, section 4.2): its value is DER that the reader of the profile reads. */
export interface Extension {
  readonly critical: boolean;
  readonly value: Bytes;
}

/** A certificate, signed with ML-DSA-87, before its profile is judged. */
export interface CertificateStructure {
  /** The octets that the signature is over, out of the input. */
  readonly toBeSigned: Bytes;
  /** 4627. */
  readonly signature: Bytes;
  /** Hexadecimal digits. */
  readonly serialNumber: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: Bytes;
  /** By object identifier. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/** The kind of key that a certificate must carry. */
export interface KeyKind {
  readonly name: string;
  readonly algorithm: string;
  readonly octets: number;
}

const longestSerialNumber = 20; // RFC 5280, section 4.1.2.2

/** An AlgorithmIdentifier without parameters, which RFC 9881 and RFC 9935 want absent: its one encoding, contents only. */
const algorithmContents = (algorithm: string): Bytes => {
  const identifier = encodeObjectIdentifier(algorithm);
  return Uint8Array.from([tags.objectIdentifier, identifier.length, ...identifier]);
};
const algorithms: ReadonlyMap<string, Bytes> = new Map(
  Object.values(objectIdentifiers).map((algorithm) => [algorithm, algorithmContents(algorithm)]),
);

/** Requires the AlgorithmIdentifier of an algorithm. Leaves by `refuse`, for parameters too. */
export function requireAlgorithm(element: Der | undefined, algorithm: string, name: string, what: string): void {
  const expected = algorithms.get(algorithm);
  if (expected !== undefined && same(expectTag(element, tags.sequence, what).contents, expected)) return;
  const [identifier, ...parameters] = sequence(element, what);
  const found = objectIdentifier(identifier, what);
  if (found !== algorithm) refuse('certificate-wrong-algorithm', `${what}: ${found}, not ${name}`);
  if (parameters.length > 0) malformed(`${what}: parameters, which must be absent`);
}

/** A serial number in hexadecimal digits: positive, at most 20 octets (RFC 5280, section 4.1.2.2). */
export function readSerialNumber(element: Der | undefined): string {
  const octets = unsignedInteger(element, 'serial number');
  if (octets.length > longestSerialNumber) malformed(`serial number: more than ${longestSerialNumber} octets`);
  return octets.some((octet) => octet !== 0) ? toHex(octets) : malformed('serial number: zero');
}

/** The digits of a time, two by two from the second one of the year on; leaves by `malformed` for anything else. */
function pairs(digits: Bytes, what: string): readonly number[] {
  const values: number[] = [];
  for (let at = 0; at < digits.length; at += 2) {
    const [tens = 0, units = 0] = [(digits[at] ?? 0) - 0x30, (digits[at + 1] ?? 0) - 0x30];
    if (tens < 0 || tens > 9 || units < 0 || units > 9) malformed(`${what}: not a time`);
    values.push(10 * tens + units);
  }
  return values;
}

/** UTCTime through 2049, GeneralizedTime from 2050, to the second, in UTC (RFC 5280, section 4.1.2.5). */
export function readTime(element: Der | undefined, what: string): Date {
  const { tag, contents } = element ?? malformed(`${what}: absent`);
  if (tag !== tags.utcTime && tag !== tags.generalizedTime) malformed(`${what}: another type`);
  const octets = tag === tags.utcTime ? 13 : 15;
  if (contents.length !== octets || contents[octets - 1] !== 0x5a) malformed(`${what}: not to the second, with a Z`);
  const values = pairs(contents.subarray(0, octets - 1), what);
  const [century, ...rest] = tag === tags.utcTime ? [(values[0] ?? 0) < 50 ? 20 : 19, ...values] : values;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest;
  const fullYear = 100 * (century ?? 0) + year;
  const date = new Date(Date.UTC(fullYear, month - 1, day, hour, minute, second));
  // `Date` takes what is too much over into the next unit, such as the 31st of April, and years below 100 for others.
  const kept = date.getUTCFullYear() === fullYear && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!kept || hour > 23 || minute > 59 || second > 59) malformed(`${what}: not a time`);
  if (tag === tags.generalizedTime && fullYear < 2050) malformed(`${what}: a year that UTCTime must state`);
  return date;
}

function readExtension(element: Der): [string, Extension] {
  const [identifier, ...rest] = sequence(element, 'extension');
  const name = objectIdentifier(identifier, 'extension');
  const critical = rest.length === 2 && boolean(rest[0], `extension ${name}`);
  // DER omits a default value, here FALSE.
  if (rest.length !== (critical ? 2 : 1)) malformed(`extension ${name}: not DER`);
  return [name, { critical, value: expectTag(rest.at(-1), tags.octetString, `extension ${name}`).contents }];
}

/** `[3] EXPLICIT Extensions`; a map without them when absent. */
function readExtensions(element: Der | undefined): ReadonlyMap<string, Extension> {
  if (element === undefined) return new Map();
  const { contents } = expectTag(element, constructedContext(3), 'extensions');
  return readExtensionList(only(contents, tags.sequence, 'extensions'));
}

/** `SEQUENCE SIZE (1..MAX) OF Extension`, each once. */
export function readExtensionList(element: Der): ReadonlyMap<string, Extension> {
  const extensions = sequence(element, 'extensions').map(readExtension);
  const byName = new Map(extensions);
  if (extensions.length === 0 || byName.size !== extensions.length) malformed('extensions: none, or one of them twice');
  return byName;
}

function readPublicKey(element: Der | undefined, kind: KeyKind): Bytes {
  const [algorithm, key, ...rest] = sequence(element, 'subject public key');
  requireAlgorithm(algorithm, kind.algorithm, kind.name, 'subject public key algorithm');
  const octets = octetsOfBitString(key, 'subject public key');
  if (rest.length > 0) malformed('subject public key: trailing elements');
  if (octets.length !== kind.octets) malformed(`subject public key: ${octets.length} octets, not ${kind.octets}`);
  return octets;
}

/**
 * Reads one X.509 v3 certificate in DER (RFC 5280, section 4.1) with a key of this kind and an ML-DSA-87 signature, without
 * unique identifiers, which conforming authorities never generate. Leaves by `refuse`, or by an error of the library.
 */
export function readStructure(der: Bytes, kind: KeyKind): CertificateStructure {
  const parts = inside(only(der, tags.sequence, 'certificate'));
  const [toBeSigned, signatureAlgorithm, signatureValue] = parts;
  if (toBeSigned === undefined || parts.length !== 3) return malformed('certificate: not three elements');
  const fields = sequence(toBeSigned, 'certificate to be signed');
  const [version, serialNumber, innerAlgorithm, issuer, validity, subject, publicKey, extensions] = fields;
  const { contents } = expectTag(version, constructedContext(0), 'version');
  if (!same(contents, Uint8Array.of(tags.integer, 1, 2))) malformed('version: not v3');
  if (fields.length > 8) malformed('certificate to be signed: trailing elements');
  requireAlgorithm(innerAlgorithm, objectIdentifiers.mlDsa87, 'ML-DSA-87', 'signature algorithm');
  if (signatureAlgorithm === undefined || innerAlgorithm === undefined) return malformed('signature algorithm: absent');
  if (!same(octetsOf(signatureAlgorithm), octetsOf(innerAlgorithm)))
    malformed('signature algorithm: two different ones');
  const [notBefore, notAfter, ...rest] = sequence(validity, 'validity');
  if (rest.length > 0) malformed('validity: trailing elements');
  const signature = octetsOfBitString(signatureValue, 'signature');
  if (signature.length !== sizes.signature) malformed(`signature: ${signature.length} octets, not ${sizes.signature}`);
  return {
    toBeSigned: octetsOf(toBeSigned),
    signature,
    serialNumber: readSerialNumber(serialNumber),
    issuer: readIssuer(issuer),
    subject: readName(subject, 'subject'),
    notBefore: readTime(notBefore, 'not before'),
    notAfter: readTime(notAfter, 'not after'),
    publicKey: readPublicKey(publicKey, kind),
    extensions: readExtensions(extensions),
  };
}
