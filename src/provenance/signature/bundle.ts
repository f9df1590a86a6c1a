// The bundle of Sigstore, version 0.3, as OpenSSF Model Signing v1.0 uses it: an envelope, and what names its key. Other versions
// would be read and written here too, and nowhere else.

import { toBase64 } from '../../base64.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { reasonOf } from '../../failure.ts';
import { readJson } from '../../json/readJson.ts';
import { type Bytes, toHex } from '../../octets.ts';
import type { Judged, KeyReference, SignedEnvelope } from '../contract.ts';
import { refusal, type SignatureCode } from './codes.ts';
import {
  arrayIn,
  FieldError,
  type Fields,
  objectAt,
  objectIn,
  octetsIn,
  optional,
  refuseField,
  requireKnown,
  textIn,
} from './fields.ts';
import { identifierOf } from './publicKey.ts';

/** The payload type of in-toto statements: what models and statements about them are signed as. */
export const inTotoPayloadType = 'application/vnd.in-toto+json';

/** What of a bundle is read at most. */
export const bundleLimits = {
  /** Octets of a bundle: the statement of a million files has 200 MB in base64. */
  octets: 402_653_184,
  /** Levels of objects and arrays. The log entries of the keyless method have the most. */
  depth: 16,
  /** Values of JSON: a bundle has few, save log entries, which are passed over. */
  values: 65_536,
  /** Characters of a hint. */
  hint: 256,
  /** Certificates of a chain. */
  certificates: 16,
  /** Time-stamp tokens. */
  timestamps: 16,
} as const;

/** The media types of the version that is written, and of the older spelling of the same version. */
const mediaTypes = {
  written: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  older: 'application/vnd.dev.sigstore.bundle+json;version=0.3',
  prefix: 'application/vnd.dev.sigstore.bundle',
} as const;

const encoder = new TextEncoder();

function requireMediaType(fields: Fields): void {
  const type = textIn(fields, 'mediaType');
  if (type === mediaTypes.written || type === mediaTypes.older) return;
  const isSigstore = type.startsWith(mediaTypes.prefix);
  refuseField(
    isSigstore ? 'bundle-unsupported-version' : 'bundle-wrong-media-type',
    'mediaType',
    `expected ${mediaTypes.written}, found ${JSON.stringify(type.slice(0, 80))}`,
  );
}

const pemBeginning = encoder.encode('-----BEGIN PUBLIC KEY-----');
const isPem = (octets: Bytes): boolean => pemBeginning.every((octet, at) => octets[at] === octet);

/** The identifier of a key that stands in a bundle. The key itself is not kept: a bundle cannot say which key is trusted. */
const embeddedIdentifier = (octets: Bytes): string => (isPem(octets) ? toHex(sha256(octets)) : identifierOf(octets));

/** The hint of a key, also from the form before version 1.1 of the official tool, which had the key itself. */
function keyReference(material: Fields): KeyReference {
  const publicKey = objectIn(material, 'publicKey');
  const stated = optional(publicKey, 'hint') === undefined ? undefined : textIn(publicKey, 'hint');
  const embedded =
    optional(publicKey, 'rawBytes') === undefined ? undefined : embeddedIdentifier(octetsIn(publicKey, 'rawBytes'));
  if (stated !== undefined && (stated === '' || stated.length > bundleLimits.hint))
    refuseField(
      'bundle-wrong-hint',
      `${publicKey.path}.hint`,
      `expected 1 to ${bundleLimits.hint} characters, found ${stated.length}`,
    );
  if (stated !== undefined && embedded !== undefined && stated !== embedded)
    refuseField(
      'bundle-key-mismatch',
      `${publicKey.path}.rawBytes`,
      `the key beside the hint has the identifier ${embedded}`,
    );
  const hint = stated ?? embedded;
  return hint === undefined
    ? refuseField('bundle-missing-field', `${publicKey.path}.hint`, 'absent; expected the identifier of a key')
    : { by: 'key', hint };
}

function certificateReference(material: Fields): KeyReference {
  const { path, values } = arrayIn(objectIn(material, 'x509CertificateChain'), 'certificates');
  if (values.length === 0)
    refuseField('bundle-no-certificate', path, 'empty; expected the certificate of the signer first');
  if (values.length > bundleLimits.certificates)
    refuseField(
      'bundle-too-many-certificates',
      path,
      `found ${values.length}, at most ${bundleLimits.certificates} are read`,
    );
  return { by: 'certificate', chain: values.map((one, at) => octetsIn(objectAt(one, `${path}[${at}]`), 'rawBytes')) };
}

/** Reads the keyless form as far as its structure, and refuses it: its proofs need the keys and the log of Sigstore. */
function refuseKeyless(material: Fields, logEntries: number): never {
  octetsIn(objectIn(material, 'certificate'), 'rawBytes');
  if (logEntries === 0)
    refuseField('bundle-missing-log-entries', `${material.path}.tlogEntries`, 'expected at least one entry');
  return refuseField('bundle-keyless', `${material.path}.certificate`, 'expected publicKey or x509CertificateChain');
}

const ways = ['publicKey', 'x509CertificateChain', 'certificate'] as const;

/** The number of log entries. What they say is not judged, as OpenSSF Model Signing asks nothing of them for keys and chains. */
function countLogEntries(material: Fields): number {
  if (optional(material, 'tlogEntries') === undefined) return 0;
  const { path, values } = arrayIn(material, 'tlogEntries');
  for (const [at, one] of values.entries()) objectAt(one, `${path}[${at}]`);
  return values.length;
}

function timestampsOf(material: Fields): readonly Bytes[] {
  if (optional(material, 'timestampVerificationData') === undefined) return [];
  const data = objectIn(material, 'timestampVerificationData');
  if (optional(data, 'rfc3161Timestamps') === undefined) return [];
  const { path, values } = arrayIn(data, 'rfc3161Timestamps');
  if (values.length > bundleLimits.timestamps)
    refuseField(
      'bundle-too-many-timestamps',
      path,
      `found ${values.length}, at most ${bundleLimits.timestamps} are read`,
    );
  return values.map((one, at) => octetsIn(objectAt(one, `${path}[${at}]`), 'signedTimestamp'));
}

function readMaterial(material: Fields): Pick<SignedEnvelope, 'reference' | 'timestamps'> {
  requireKnown(material, [...ways, 'tlogEntries', 'timestampVerificationData']);
  const [way, ...others] = ways.filter((one) => optional(material, one) !== undefined);
  if (way === undefined)
    return refuseField(
      'bundle-no-key-reference',
      material.path,
      'expected publicKey or x509CertificateChain, found neither',
    );
  if (others.length > 0)
    refuseField(
      'bundle-several-key-references',
      material.path,
      `expected one of them, found ${[way, ...others].join(' and ')}`,
    );
  const logEntries = countLogEntries(material);
  const timestamps = timestampsOf(material);
  if (way === 'certificate') return refuseKeyless(material, logEntries);
  const reference = way === 'publicKey' ? keyReference(material) : certificateReference(material);
  return timestamps.length === 0 ? { reference } : { reference, timestamps };
}

function readSignature(envelope: Fields): Bytes {
  const { path, values } = arrayIn(envelope, 'signatures');
  if (values.length === 0) refuseField('bundle-no-signature', path, 'empty; expected one signature');
  if (values.length > 1)
    refuseField('bundle-several-signatures', path, `expected one signature, found ${values.length}`);
  const signature = objectAt(values[0], `${path}[0]`);
  requireKnown(signature, ['sig', 'keyid']);
  if (optional(signature, 'keyid') !== null && optional(signature, 'keyid') !== undefined) textIn(signature, 'keyid');
  return octetsIn(signature, 'sig');
}

function read(fields: Fields, payloadType: string): SignedEnvelope {
  requireMediaType(fields);
  if (optional(fields, 'messageSignature') !== undefined)
    refuseField('bundle-message-signature', 'messageSignature', 'expected dsseEnvelope in its place');
  requireKnown(fields, ['mediaType', 'verificationMaterial', 'dsseEnvelope']);
  const material = readMaterial(objectIn(fields, 'verificationMaterial'));
  const envelope = objectIn(fields, 'dsseEnvelope');
  requireKnown(envelope, ['payload', 'payloadType', 'signatures']);
  const type = textIn(envelope, 'payloadType');
  if (type !== payloadType)
    refuseField(
      'bundle-wrong-payload-type',
      `${envelope.path}.payloadType`,
      `expected ${payloadType}, found ${JSON.stringify(type.slice(0, 80))}`,
    );
  const signature = readSignature(envelope);
  return { payloadType: type, payload: octetsIn(envelope, 'payload'), signature, ...material };
}

/**
 * Reads a bundle (Sigstore 0.3, JSON) with one signature by a key or by a chain of certificates. Strict: no key twice, base64 as an
 * encoder writes it, no field that is not known where it could change what the bundle means. Trusts nothing of it, and verifies
 * nothing. Never throws.
 * @param payloadType - the only one that is let through
 */
export function decodeBundle(
  octets: Bytes,
  payloadType: string = inTotoPayloadType,
): Judged<SignedEnvelope, SignatureCode> {
  if (octets.length > bundleLimits.octets)
    return refusal('bundle-too-large', `found ${octets.length} octets, at most ${bundleLimits.octets} are read`);
  const json = readJson(octets, bundleLimits.depth, bundleLimits.values);
  if (!json.ok && json.code === 'too-many-values') return refusal('bundle-too-large', reasonOf(json));
  if (!json.ok) return refusal('bundle-malformed-json', `not JSON as it is read here: ${reasonOf(json)}`);
  if (json.value.unpaired) return refusal('bundle-malformed-json', 'half of a surrogate pair');
  try {
    return { ok: true, value: read(objectAt(json.value.value, ''), payloadType) };
  } catch (error) {
    if (error instanceof FieldError) return refusal(error.code, error.message, error.path);
    throw error;
  }
}

/** Writes a bundle: JSON in one line, with a line feed at its end. */
export function encodeBundle({ payloadType, payload, signature, reference, timestamps }: SignedEnvelope): Bytes {
  const named =
    reference.by === 'key'
      ? { publicKey: { hint: reference.hint } }
      : { x509CertificateChain: { certificates: reference.chain.map((one) => ({ rawBytes: toBase64(one) })) } };
  const stamped =
    timestamps === undefined
      ? {}
      : {
          timestampVerificationData: {
            rfc3161Timestamps: timestamps.map((one) => ({ signedTimestamp: toBase64(one) })),
          },
        };
  const bundle = {
    mediaType: mediaTypes.written,
    verificationMaterial: { ...named, tlogEntries: [], ...stamped },
    dsseEnvelope: {
      payload: toBase64(payload),
      payloadType,
      signatures: [{ sig: toBase64(signature), keyid: '' }],
    },
  };
  return encoder.encode(`${JSON.stringify(bundle)}\n`);
}
