// Values of the extensions that the profile knows (RFC 5280, section 4.2.1).
import {
  boolean,
  constructedContext,
  expectTag,
  inside,
  malformed,
  namedBits,
  only,
  primitiveContext,
  tags,
  unsignedInteger,
} from './der.ts';
import type { CertificateStructure } from './structure.ts';

type Bytes = Uint8Array;

/** Object identifiers of the extensions that are read. */
export const extensionNames = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
} as const;

/** Numbers of the bits of KeyUsage (section 4.2.1.3). */
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

/** What the extensions of a certificate say. */
export interface ExtensionValues {
  /** Numbers of bits, ascending; `undefined` when absent. */
  readonly keyUsage: readonly number[] | undefined;
  readonly basicConstraints: { readonly critical: boolean; readonly authority: boolean } | undefined;
  /** URIs of the subject alternative name; other kinds of names in it are passed over. */
  readonly uris: readonly string[];
  readonly subjectKeyIdentifier: Bytes | undefined;
  readonly authorityKeyIdentifier: Bytes | undefined;
}

function readKeyUsage(value: Bytes): readonly number[] {
  const bits = namedBits(only(value, tags.bitString, 'key usage'), 'key usage');
  return bits.some((bit) => bit > keyUsageBits.decipherOnly) ? malformed('key usage: an unknown bit') : bits;
}

/** cA DEFAULT FALSE, so that DER states it only when TRUE; a path length is permitted to authorities only. */
function readBasicConstraints(value: Bytes): boolean {
  const [authority, pathLength, ...rest] = inside(only(value, tags.sequence, 'basic constraints'));
  if (authority === undefined) return false;
  if (!boolean(authority, 'basic constraints') || rest.length > 0) malformed('basic constraints: not DER');
  if (pathLength !== undefined) unsignedInteger(pathLength, 'path length');
  return true;
}

/** `[6] IA5String` of GeneralNames; a URI has neither spaces nor control characters (RFC 3986). */
function readUris(value: Bytes): readonly string[] {
  const names = inside(only(value, tags.sequence, 'subject alternative name'));
  if (names.length === 0) malformed('subject alternative name: empty');
  if (names.some(({ tag }) => tag < 0x80 || tag >= 0xc0 || (tag & 0x1f) > 8))
    malformed('subject alternative name: not a name');
  return names
    .filter(({ tag }) => (tag & 0x1f) === 6)
    .map((name) => {
      const uri = String.fromCharCode(...expectTag(name, primitiveContext(6), 'URI').contents);
      return /^[!-~]+$/.test(uri) ? uri : malformed('URI: a character that no URI has, or none');
    });
}

const readSubjectKeyIdentifier = (value: Bytes): Bytes =>
  only(value, tags.octetString, 'subject key identifier').contents;

/** keyIdentifier [0], authorityCertIssuer [1] and authorityCertSerialNumber [2], all optional, in this order. */
function readAuthorityKeyIdentifier(value: Bytes): Bytes | undefined {
  const fields = inside(only(value, tags.sequence, 'authority key identifier'));
  const order: readonly number[] = [primitiveContext(0), constructedContext(1), primitiveContext(2)];
  const places = fields.map(({ tag }) => order.indexOf(tag));
  if (places.some((place, i) => place <= (places[i - 1] ?? -1))) malformed('authority key identifier: not DER');
  return fields.find(({ tag }) => tag === primitiveContext(0))?.contents;
}

/**
 * Reads the known extensions of a certificate. Leaves by `malformed`, for an unknown critical extension too, and for key
 * identifiers that are marked critical, which RFC 5280 forbids.
 */
export function readExtensionValues({ extensions, subject }: CertificateStructure): ExtensionValues {
  const { keyUsage, basicConstraints, subjectAlternativeName, ...identifiers } = extensionNames;
  const processed: readonly string[] = [keyUsage, basicConstraints, subjectAlternativeName];
  for (const [name, { critical }] of extensions) {
    if (critical && !processed.includes(name)) malformed(`extension ${name}: critical, and not one that is processed`);
  }
  if (subject.text === '' && !extensions.get(subjectAlternativeName)?.critical) malformed('subject: empty'); // 4.1.2.6
  const read = <T>(name: string, reader: (value: Bytes) => T): T | undefined => {
    const extension = extensions.get(name);
    return extension && reader(extension.value);
  };
  const authority = read(basicConstraints, readBasicConstraints);
  return {
    keyUsage: read(keyUsage, readKeyUsage),
    basicConstraints:
      authority === undefined
        ? undefined
        : { authority, critical: extensions.get(basicConstraints)?.critical === true },
    uris: read(subjectAlternativeName, readUris) ?? [],
    subjectKeyIdentifier: read(identifiers.subjectKeyIdentifier, readSubjectKeyIdentifier),
    authorityKeyIdentifier: read(identifiers.authorityKeyIdentifier, readAuthorityKeyIdentifier),
  };
}
