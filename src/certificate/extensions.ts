// The extensions that the profile reads (RFC 5280, section 4.2.1).

import {
  boolean,
  constructedContext,
  expectTag,
  inside,
  namedBits,
  objectIdentifier,
  only,
  primitiveContext,
  sequence,
  tags,
  unsignedInteger,
} from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { named } from '../der/objectIdentifierNames.ts';
import type { Bytes } from '../octets.ts';
import { type CertificateCode, refuse } from './codes.ts';
import { type AlternativeNames, readAlternativeNames, requireGeneralNames } from './generalNames.ts';
import type { Allowance } from './leniency.ts';
import { isEmptyName } from './name.ts';
import type { CertificateStructure } from './structure.ts';

/** Object identifiers of the extensions that are read. */
export const extensionNames = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

const anyExtendedKeyUsage = '2.5.29.37.0';

/** Extensions with restrictions that this code does not enforce: refused, critical or not. */
const restricting: ReadonlyMap<string, CertificateCode> = new Map([
  ['2.5.29.37', 'certificate-wrong-key-usage'], // extended key usage
  ['2.5.29.36', 'certificate-constraint'], // policy constraints
  ['2.5.29.54', 'certificate-constraint'], // inhibit anyPolicy
]);

/** Bit numbers of KeyUsage (section 4.2.1.3). */
export const keyUsageBits = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const;

const longestPathLength = 20; // octets, as for every other number in a certificate

interface BasicConstraints {
  readonly authority: boolean;
  /** How many authorities may follow in a path; `Infinity` when not stated. */
  readonly pathLength: number;
}

/** The values of the extensions of a certificate. */
export interface ExtensionValues {
  /** Bit numbers in ascending order; `undefined` when absent. */
  readonly keyUsage: readonly number[] | undefined;
  readonly basicConstraints: (BasicConstraints & { readonly critical: boolean }) | undefined;
  /** Names of the subject alternative name. */
  readonly alternativeNames: AlternativeNames;
  /** The value of the extension, for `readNameConstraints`. Only authorities have one. */
  readonly nameConstraints: Bytes | undefined;
  readonly subjectKeyIdentifier: Bytes | undefined;
  readonly authorityKeyIdentifier: Bytes | undefined;
}

function readKeyUsage(value: Bytes): readonly number[] {
  const bits = namedBits(only(value, tags.bitString, 'key usage'), 'key usage');
  return bits.some((bit) => bit > keyUsageBits.decipherOnly) ? malformed('key usage: an unknown bit') : bits;
}

/**
 * Reads basic constraints. cA is DEFAULT FALSE, so DER states it only when TRUE. Only authorities may state a path
 * length.
 */
function readBasicConstraints(value: Bytes): BasicConstraints {
  const [authority, pathLength, ...rest] = inside(only(value, tags.sequence, 'basic constraints'));
  if (authority === undefined) return { authority: false, pathLength: 0 };
  if (rest.length > 0) malformed('basic constraints: trailing elements');
  if (!boolean(authority, 'basic constraints'))
    malformed('basic constraints: cA FALSE is stated, which DER leaves out');
  if (pathLength === undefined) return { authority: true, pathLength: Number.POSITIVE_INFINITY };
  const octets = unsignedInteger(pathLength, 'path length');
  if (octets.length > longestPathLength) malformed(`path length: more than ${longestPathLength} octets`);
  return { authority: true, pathLength: octets.reduce((number, octet) => 0x100 * number + octet, 0) };
}

const readSubjectKeyIdentifier = (value: Bytes): Bytes =>
  only(value, tags.octetString, 'subject key identifier').contents;

/**
 * Reads keyIdentifier `[0]`. Issuer `[1]` and serial number `[2]` are refused unless permitted: no authority is looked up
 * by them.
 */
export function readAuthorityKeyIdentifier(value: Bytes, { permits }: Allowance): Bytes | undefined {
  const what = 'authority key identifier';
  const parts = inside(only(value, tags.sequence, what));
  const [identifier, ...rest] = parts[0]?.tag === primitiveContext(0) ? parts : [undefined, ...parts];
  const [issuer, serialNumber, ...more] = rest;
  if (issuer === undefined) return identifier?.contents;
  // Both or neither (section 4.2.1.1).
  if (serialNumber === undefined || more.length > 0) malformed(`${what}: more than a key identifier`);
  requireGeneralNames(expectTag(issuer, constructedContext(1), `${what}: issuer`).contents);
  const { length } = expectTag(serialNumber, primitiveContext(2), `${what}: serial number`).contents;
  if (length === 0) malformed(`${what}: serial number: empty`);
  if (!permits('authorityKeyIdentifierIssuer'))
    malformed(`${what}: states issuer and serial number, which RFC 5280 permits and the profile does not`);
  return identifier?.contents;
}

/** The purposes that an extended key usage permits (section 4.2.1.12). @throws DerError */
function purposesOf(value: Bytes): readonly string[] {
  const purposes = sequence(only(value, tags.sequence, 'extended key usage'), 'extended key usage');
  if (purposes.length === 0) malformed('extended key usage: empty');
  return purposes.map((one) => objectIdentifier(one, 'extended key usage'));
}

const noNames: AlternativeNames = { uris: [], dnsNames: [], directoryNames: [], first: undefined, isEmpty: true };

/**
 * Reads the known extensions of a certificate. Ignores unknown ones that are not critical (section 4.2).
 * @param purposes - of these, an extended key usage may permit one and others beside it
 * @throws DerError for an unknown critical extension, and, as RFC 5280 forbids them, for critical key identifiers
 *   and name constraints that are not critical; CertificateError for the extensions in `restricting`
 */
export function readExtensionValues(
  { extensions, subject }: CertificateStructure,
  allowed: Allowance,
  purposes: readonly string[] = [],
): ExtensionValues {
  const names = extensionNames;
  const processed: readonly string[] = [
    names.keyUsage,
    names.basicConstraints,
    names.subjectAlternativeName,
    names.nameConstraints,
    names.extendedKeyUsage,
  ];
  const isPermitted = (name: string, value: Bytes): boolean => {
    if (name !== names.extendedKeyUsage) return false;
    const stated = purposesOf(value);
    if (stated.some((one) => purposes.includes(one))) return true;
    return stated.includes(anyExtendedKeyUsage) && allowed.permits('anyExtendedKeyUsage');
  };
  for (const [name, { critical, value }] of extensions) {
    const code = isPermitted(name, value) ? undefined : restricting.get(name);
    if (code !== undefined) refuse(code, `extension ${named(name)}: not one of the profile`);
    if (critical && !processed.includes(name))
      malformed(`extension ${named(name)}: critical, and not one that is processed`);
    if (!critical && name === names.nameConstraints) malformed('name constraints: not critical');
  }
  // Section 4.1.2.6.
  if (isEmptyName(subject) && !extensions.get(names.subjectAlternativeName)?.critical) malformed('subject: empty');
  const read = <T>(name: string, reader: (value: Bytes) => T): T | undefined => {
    const extension = extensions.get(name);
    return extension && reader(extension.value);
  };
  const constraints = read(names.basicConstraints, readBasicConstraints);
  const alternativeNames =
    read(names.subjectAlternativeName, (value) => readAlternativeNames(value, allowed)) ?? noNames;
  if (isEmptyName(subject) && alternativeNames.isEmpty)
    malformed('subject: empty, and no alternative name that can be expected: a URI, a DNS name, a directory name');
  return {
    keyUsage: read(names.keyUsage, readKeyUsage),
    basicConstraints: constraints && {
      ...constraints,
      critical: extensions.get(names.basicConstraints)?.critical === true,
    },
    alternativeNames,
    nameConstraints: extensions.get(names.nameConstraints)?.value,
    subjectKeyIdentifier: read(names.subjectKeyIdentifier, readSubjectKeyIdentifier),
    authorityKeyIdentifier: read(names.authorityKeyIdentifier, (value) => readAuthorityKeyIdentifier(value, allowed)),
  };
}
