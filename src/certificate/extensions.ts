// The extensions that the profile reads (RFC 5280, section 4.2.1).

import { boolean, expectTag, inside, namedBits, only, primitiveContext, tags, unsignedInteger } from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import type { Bytes } from '../octets.ts';
import { type CertificateCode, refuse } from './codes.ts';
import { type AlternativeNames, readAlternativeNames } from './generalNames.ts';
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
} as const;

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
  if (!boolean(authority, 'basic constraints') || rest.length > 0) malformed('basic constraints: not DER');
  if (pathLength === undefined) return { authority: true, pathLength: Number.POSITIVE_INFINITY };
  const octets = unsignedInteger(pathLength, 'path length');
  if (octets.length > longestPathLength) malformed(`path length: more than ${longestPathLength} octets`);
  return { authority: true, pathLength: octets.reduce((number, octet) => 0x100 * number + octet, 0) };
}

const readSubjectKeyIdentifier = (value: Bytes): Bytes =>
  only(value, tags.octetString, 'subject key identifier').contents;

/** Reads keyIdentifier `[0]`. Issuer and serial number are refused: no authority is looked up by them. */
export function readAuthorityKeyIdentifier(value: Bytes): Bytes | undefined {
  const [identifier, ...rest] = inside(only(value, tags.sequence, 'authority key identifier'));
  if (rest.length > 0) malformed('authority key identifier: more than a key identifier');
  return identifier && expectTag(identifier, primitiveContext(0), 'authority key identifier').contents;
}

const noNames: AlternativeNames = { uris: [], dnsNames: [], directoryNames: [] };

/**
 * Reads the known extensions of a certificate. Ignores unknown ones that are not critical (section 4.2).
 * @throws DerError for an unknown critical extension, and, as RFC 5280 forbids them, for critical key identifiers
 *   and name constraints that are not critical; CertificateError for the extensions in `restricting`
 */
export function readExtensionValues({ extensions, subject }: CertificateStructure): ExtensionValues {
  const names = extensionNames;
  const processed: readonly string[] = [
    names.keyUsage,
    names.basicConstraints,
    names.subjectAlternativeName,
    names.nameConstraints,
  ];
  for (const [name, { critical }] of extensions) {
    const code = restricting.get(name);
    if (code !== undefined) refuse(code, `extension ${name}: not one of the profile`);
    if (critical && !processed.includes(name)) malformed(`extension ${name}: critical, and not one that is processed`);
    if (!critical && name === names.nameConstraints) malformed('name constraints: not critical');
  }
  // Section 4.1.2.6.
  if (isEmptyName(subject) && !extensions.get(names.subjectAlternativeName)?.critical) malformed('subject: empty');
  const read = <T>(name: string, reader: (value: Bytes) => T): T | undefined => {
    const extension = extensions.get(name);
    return extension && reader(extension.value);
  };
  const constraints = read(names.basicConstraints, readBasicConstraints);
  return {
    keyUsage: read(names.keyUsage, readKeyUsage),
    basicConstraints: constraints && {
      ...constraints,
      critical: extensions.get(names.basicConstraints)?.critical === true,
    },
    alternativeNames: read(names.subjectAlternativeName, readAlternativeNames) ?? noNames,
    nameConstraints: extensions.get(names.nameConstraints)?.value,
    subjectKeyIdentifier: read(names.subjectKeyIdentifier, readSubjectKeyIdentifier),
    authorityKeyIdentifier: read(names.authorityKeyIdentifier, readAuthorityKeyIdentifier),
  };
}
