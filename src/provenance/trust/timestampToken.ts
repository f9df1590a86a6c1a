// Time-stamp tokens (RFC 3161, section 2.4.2): CMS SignedData (RFC 5652) around TSTInfo, in strict DER. Nothing is verified here.
import {
  boolean,
  constructedContext,
  type Der,
  expectTag,
  inside,
  objectIdentifier,
  octetsOf,
  only,
  primitiveContext,
  sequence,
  tags,
  unsignedInteger,
} from '../../der/der.ts';
import { malformed } from '../../der/derError.ts';
import { type Bytes, concat, toHex } from '../../octets.ts';
import { type DigestName, readDigest, readScheme, type TimestampScheme } from './timestampAlgorithms.ts';

const oids = {
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;

/** What a token says of a moment. */
export interface TimestampInfo {
  /** Of the octets that the token is about. */
  readonly imprint: { readonly digest: DigestName; readonly octets: Bytes };
  /** When it was made, to the millisecond. */
  readonly time: Date;
  /** How far the clock may be off, in milliseconds; 0 when it is not stated. */
  readonly accuracy: number;
  /** Hexadecimal digits. */
  readonly serialNumber: string;
  /** Object identifier of the policy of the authority. */
  readonly policy: string;
}

/** A digest by which the signed attributes name the certificate of the authority. */
export interface CertificateDigest {
  readonly digest: DigestName;
  readonly octets: Bytes;
}

/** A token that was read. */
export interface TimestampToken {
  readonly info: TimestampInfo;
  /** The octets of TSTInfo. */
  readonly content: Bytes;
  readonly signer: SignerIdentifier;
  readonly digest: DigestName;
  /** What the signature covers: the signed attributes, as a SET. */
  readonly covered: Bytes;
  readonly scheme: TimestampScheme;
  readonly signature: Bytes;
  /** Signed attributes. */
  readonly contentType: string;
  readonly messageDigest: Bytes;
  readonly certificates: readonly CertificateDigest[];
}

const number = (element: Der | undefined, what: string): number => {
  const octets = unsignedInteger(element, what);
  return octets.length > 4 ? malformed(`${what}: too large`) : octets.reduce((sum, one) => 0x100 * sum + one, 0);
};

/** `20270101120000Z` or `20270101120000.25Z`: to the second or finer, without zeros at the end (RFC 3161, section 2.4.2). */
function readGeneralizedTime(element: Der | undefined): Date {
  const what = 'time of the token';
  const { contents } = expectTag(element, tags.generalizedTime, what);
  if (contents.length > 32) malformed(`${what}: more than 32 octets`);
  const text = String.fromCharCode(...contents);
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d*[1-9]))?Z$/.exec(text);
  if (found === null) return malformed(`${what}: found another form than 20270101120000Z`);
  const [, year, month, day, hour, minute, second, fraction = ''] = found;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  const time = new Date(written);
  const exists = !Number.isNaN(time.getTime()) && time.toISOString() === written;
  return exists ? time : malformed(`${what}: a moment that does not exist`);
}

/** Accuracy: seconds, `[0]` milliseconds, `[1]` microseconds, in milliseconds rounded up. */
function readAccuracy(element: Der | undefined): number {
  if (element?.tag !== tags.sequence) return 0;
  const parts = inside(element, 4);
  const part = (tag: number, most: number): number => {
    const found = parts.find((one) => one.tag === tag);
    if (found === undefined) return 0;
    const value = number({ ...found, tag: tags.integer }, 'accuracy');
    return value <= most ? value : malformed('accuracy: too large');
  };
  const known: readonly number[] = [tags.integer, primitiveContext(0), primitiveContext(1)];
  const order = parts.map(({ tag }) => known.indexOf(tag));
  if (order.some((at, i) => at < 0 || (i > 0 && at <= (order[i - 1] ?? 0)))) malformed('accuracy: not in order');
  return (
    1000 * part(tags.integer, 0x7fffffff) +
    part(primitiveContext(0), 999) +
    Math.ceil(part(primitiveContext(1), 999) / 1000)
  );
}

/** What may follow on the time, in this order, each at most once. */
function requireRest(rest: readonly Der[]): void {
  const known: readonly number[] = [
    tags.sequence,
    tags.boolean,
    tags.integer,
    constructedContext(0),
    constructedContext(1),
  ];
  const order = rest.map(({ tag }) => known.indexOf(tag));
  if (order.some((at, i) => at < 0 || (i > 0 && at <= (order[i - 1] ?? 0))))
    malformed('TSTInfo: elements that are unknown, or not in order');
  const ordering = rest.find(({ tag }) => tag === tags.boolean);
  if (ordering !== undefined && !boolean(ordering, 'ordering'))
    malformed('ordering: FALSE is stated, which DER leaves out');
  const nonce = rest.find(({ tag }) => tag === tags.integer);
  if (nonce !== undefined && nonce.contents.length > 64) malformed('nonce: more than 64 octets');
  for (const extension of inside(
    rest.find(({ tag }) => tag === constructedContext(1)) ?? { contents: new Uint8Array() },
  )) {
    const [, critical] = sequence(extension, 'extension of the token');
    if (critical?.tag === tags.boolean) malformed('extension of the token: critical, and not one that is processed');
  }
}

/** Reads TSTInfo. @throws DerError */
function readInfo(content: Bytes): TimestampInfo {
  const [version, policy, imprint, serialNumber, time, ...rest] = sequence(
    only(content, tags.sequence, 'TSTInfo'),
    'TSTInfo',
  );
  if (number(version, 'version of TSTInfo') !== 1) malformed('version of TSTInfo: not 1');
  const [algorithm, octets, ...more] = sequence(imprint, 'message imprint');
  if (more.length > 0) malformed('message imprint: trailing elements');
  const serial = unsignedInteger(serialNumber, 'serial number of the token');
  if (serial.length > 21) malformed('serial number of the token: more than 160 bits');
  requireRest(rest);
  return {
    policy: objectIdentifier(policy, 'policy of the token'),
    imprint: {
      digest: readDigest(algorithm, 'message imprint'),
      octets: expectTag(octets, tags.octetString, 'message imprint').contents,
    },
    serialNumber: toHex(serial),
    time: readGeneralizedTime(time),
    accuracy: readAccuracy(rest[0]),
  };
}

/** The values of the signed attributes, by object identifier: each once, with one value, in the order of DER. */
function readAttributes(attributes: Der): ReadonlyMap<string, Der> {
  const found = new Map<string, Der>();
  let before = '';
  for (const one of inside(attributes, 32)) {
    const encoded = toHex(octetsOf(one));
    if (encoded <= before) malformed('signed attributes: not in the order of DER');
    before = encoded;
    const [type, values, ...rest] = sequence(one, 'signed attribute');
    const [value, ...more] = inside(expectTag(values, tags.set, 'signed attribute'), 2);
    const name = objectIdentifier(type, 'signed attribute');
    if (value === undefined || more.length > 0 || rest.length > 0 || found.has(name))
      return malformed(`signed attribute ${name}: twice, or not one value`);
    found.set(name, value);
  }
  return found;
}

/** The first certificate of SigningCertificate (RFC 2634) or SigningCertificateV2 (RFC 5035): that of the signer. */
function readCertificateDigest(value: Der | undefined, isSecond: boolean): CertificateDigest | undefined {
  if (value === undefined) return undefined;
  const what = 'signing certificate';
  const [certificates] = sequence(value, what);
  const [first] = sequence(certificates, what);
  const [head, next] = sequence(first, what);
  // The digest of the second version is SHA-256 unless it is stated.
  const isStated = isSecond && head?.tag === tags.sequence;
  const digest = isStated ? readDigest(head, what) : isSecond ? 'sha256' : 'sha1';
  return { digest, octets: expectTag(isStated ? next : head, tags.octetString, what).contents };
}

/** How a token names the certificate of its signer: by issuer and serial number (their DER, one after the other), or by the identifier of its key. */
export type SignerIdentifier = { readonly issuerAndSerial: Bytes } | { readonly keyIdentifier: Bytes };

function readSignerIdentifier(element: Der | undefined): SignerIdentifier {
  if (element?.tag === primitiveContext(0)) return { keyIdentifier: element.contents };
  return { issuerAndSerial: expectTag(element, tags.sequence, 'identifier of the signer').contents };
}

function readSigner(element: Der | undefined) {
  const [version, signer, digestAlgorithm, attributes, signatureAlgorithm, signature, unsigned, ...rest] = sequence(
    element,
    'signer of the token',
  );
  const stated = number(version, 'version of the signer');
  // RFC 5652, section 5.3: the version follows from the way in which the certificate is named.
  if (stated !== (signer?.tag === primitiveContext(0) ? 3 : 1))
    malformed('version of the signer: not that of its form');
  if (rest.length > 0 || (unsigned !== undefined && unsigned.tag !== constructedContext(1)))
    malformed('signer of the token: trailing elements');
  const digest = readDigest(digestAlgorithm, 'digest of the signer');
  const signed = expectTag(attributes, constructedContext(0), 'signed attributes');
  const values = readAttributes(signed);
  const certificates = [
    readCertificateDigest(values.get(oids.signingCertificate), false),
    readCertificateDigest(values.get(oids.signingCertificateV2), true),
  ].filter((one) => one !== undefined);
  return {
    signer: readSignerIdentifier(signer),
    digest,
    // RFC 5652, section 5.4: the tag of SET is covered, not that of the field.
    covered: concat(Uint8Array.of(tags.set), octetsOf(signed).subarray(1)),
    scheme: readScheme(signatureAlgorithm, digest),
    signature: expectTag(signature, tags.octetString, 'signature of the token').contents,
    contentType: objectIdentifier(values.get(oids.contentType), 'content type'),
    messageDigest: expectTag(values.get(oids.messageDigest), tags.octetString, 'message digest').contents,
    certificates,
  };
}

/** Whether the signed attributes say that the content is TSTInfo. */
export const isAboutTime = ({ contentType }: Pick<TimestampToken, 'contentType'>): boolean =>
  contentType === oids.tstInfo;

/** Reads a token, which has one signer. Certificates and revocation lists in it are passed over. @throws DerError */
export function readTimestampToken(octets: Bytes): TimestampToken {
  const [type, wrapped, ...rest] = sequence(only(octets, tags.sequence, 'token'), 'token');
  if (objectIdentifier(type, 'token') !== oids.signedData || rest.length > 0) malformed('token: not CMS SignedData');
  const signedData = only(expectTag(wrapped, constructedContext(0), 'token').contents, tags.sequence, 'SignedData');
  const [version, digests, content, ...others] = sequence(signedData, 'SignedData');
  if (number(version, 'version of SignedData') !== 3) malformed('version of SignedData: not 3');
  const listed = inside(expectTag(digests, tags.set, 'digests of SignedData')).map((one) =>
    readDigest(one, 'digests of SignedData'),
  );
  const [contentType, explicit, ...more] = sequence(content, 'content');
  if (objectIdentifier(contentType, 'content') !== oids.tstInfo || more.length > 0) malformed('content: not TSTInfo');
  const inner = expectTag(explicit, constructedContext(0), 'content').contents;
  const info = only(inner, tags.octetString, 'content').contents;
  const passedOver: readonly number[] = [constructedContext(0), constructedContext(1)];
  const signers = others.at(-1);
  if (others.slice(0, -1).some(({ tag }, at) => passedOver.indexOf(tag) < at)) malformed('SignedData: not in order');
  const [signer, ...second] = inside(expectTag(signers, tags.set, 'signers'), 2);
  if (second.length > 0) malformed('signers: more than one');
  const read = readSigner(signer);
  // RFC 5652, section 5.1. The list is not signed.
  if (!listed.includes(read.digest)) malformed('digests of SignedData: without that of the signer');
  return { info: readInfo(info), content: info, ...read };
}
