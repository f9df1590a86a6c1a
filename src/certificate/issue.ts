// Issues the certificates of the profile of section 4.4. The structures are the library's; the signature is the suite's.
import { AsnParser, AsnSerializer, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { requireOctets } from '../crypto/octets.ts';
import type { Suite } from '../crypto/suite.ts';
import type { Checked } from '../failure.ts';
import { objectIdentifiers, sizes } from '../generated/constants.ts';
import { same } from './der.ts';
import { parseCertificate } from './parse.ts';
import { parseTrustAnchor } from './trustAnchor.ts';

type Bytes = Uint8Array;

const keyIdentifierOctets = 20;

/** What both kinds of certificates state. */
interface Common {
  readonly suite: Suite;
  /** Common name of the subject. */
  readonly name: string;
  /** Positive, big-endian, at most 20 octets. */
  readonly serialNumber: Uint8Array;
  /** First and last second of the validity period; fractions are dropped. */
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const buffer = (octets: Bytes): ArrayBuffer => Uint8Array.from(octets).buffer;
const algorithmIdentifier = (algorithm: string): AlgorithmIdentifier => new AlgorithmIdentifier({ algorithm });

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: '2.5.4.3', value })])]);
}

function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnSerializer.serialize(value)) });
}

/** Leftmost 160 bits of the hash of the key (RFC 7093, section 2, method 3: SHA-384). */
const keyIdentifier = (suite: Suite, publicKey: Bytes): Bytes => suite.hash(publicKey).slice(0, keyIdentifierOctets);

/** A positive INTEGER in as few octets as possible. */
function positiveInteger(octets: Bytes): ArrayBuffer {
  const start = octets.findIndex((octet) => octet !== 0);
  if (start < 0) throw new RangeError('serial number: not positive');
  const head = octets[start] ?? 0;
  return Uint8Array.from([...(head < 0x80 ? [] : [0]), ...octets.subarray(start)]).buffer;
}

/** Signs (RFC 5280, section 4.1.1.3). */
function certificate(
  { suite, name, serialNumber, notBefore, notAfter }: Common,
  signer: { readonly name: Name; readonly seed: Bytes },
  key: { readonly algorithm: string; readonly octets: Bytes },
  extensions: readonly Extension[],
): Bytes {
  const toBeSigned = new TBSCertificate({
    version: Version.v3,
    serialNumber: positiveInteger(serialNumber),
    signature: algorithmIdentifier(objectIdentifiers.mlDsa87),
    issuer: signer.name,
    validity: new Validity({ notBefore, notAfter }),
    subject: nameOf(name),
    subjectPublicKeyInfo: new SubjectPublicKeyInfo({
      algorithm: algorithmIdentifier(key.algorithm),
      subjectPublicKey: buffer(key.octets),
    }),
    extensions: new Extensions([...extensions]),
  });
  const raw = AsnSerializer.serialize(toBeSigned);
  const signed = new Certificate({
    tbsCertificate: toBeSigned,
    signatureAlgorithm: algorithmIdentifier(objectIdentifiers.mlDsa87),
    signatureValue: buffer(suite.sign(signer.seed, new Uint8Array(raw))),
  });
  signed.tbsCertificateRaw = raw; // exactly what was signed
  return new Uint8Array(AsnSerializer.serialize(signed));
}

const wholeSecond = (time: Date): number => Math.floor(time.getTime() / 1000);

/** What this room issues, it accepts; a name, time or URI that X.509 cannot state comes to light here. */
function accepted<T extends Pick<Common, 'notBefore' | 'notAfter'>>(issued: Checked<T>, asked?: Common): T {
  if (!issued.ok) throw new RangeError(`no such certificate can be issued: ${issued.detail ?? issued.code}`);
  const { value } = issued;
  const { notBefore, notAfter } = asked ?? value;
  // UTCTime would take a year before 1950 for one of the next century.
  const stated = [value.notBefore, value.notAfter].map(wholeSecond);
  const wanted = [notBefore, notAfter].map(wholeSecond);
  if (stated.join() !== wanted.join() || notBefore > notAfter) throw new RangeError('validity period: out of range');
  return value;
}

/**
 * A self-signed certificate of an authority with an ML-DSA-87 key, about 7.4 kB in DER: basic constraints (cA TRUE) and key
 * usage (keyCertSign, cRLSign) critical, subject key identifier (RFC 5280, RFC 9881). `seed`: 32 octets.
 * @throws RangeError when a name, time, serial number or length is out of range
 */
export function createTrustAnchor(options: Common & { readonly seed: Uint8Array }): Uint8Array {
  const { suite, name, seed } = options;
  requireOctets('ML-DSA-87 seed', seed, sizes.signatureSeed);
  const octets = suite.signaturePublicKey(seed);
  const issued = certificate(options, { name: nameOf(name), seed }, { algorithm: objectIdentifiers.mlDsa87, octets }, [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(suite, octets))),
  ]);
  accepted(parseTrustAnchor(suite, issued), options);
  return issued;
}

/**
 * A certificate of a peer with its ML-KEM-1024 key (1568), about 6.45 kB in DER, signed with ML-DSA-87 by the authority
 * `issuer` (DER of a trust anchor) from its seed (32): key usage critical and exactly keyEncipherment, key identifiers of
 * subject and authority, and the URIs as subject alternative name (RFC 5280, RFC 9935, draft section 4.4).
 * @throws RangeError when a name, time, URI, serial number or length is out of range, or the seed is not the issuer's
 */
export function issueCertificate(
  options: Common & {
    readonly issuer: Uint8Array;
    readonly issuerSeed: Uint8Array;
    readonly uris?: readonly string[] | undefined;
    readonly encapsulationKey: Uint8Array;
  },
): Uint8Array {
  const { suite, name, issuer, issuerSeed, uris = [], encapsulationKey } = options;
  const { subject, verificationKey, subjectKeyIdentifier } = accepted(parseTrustAnchor(suite, issuer));
  if (!suite.equal(suite.signaturePublicKey(issuerSeed), verificationKey.octets)) {
    throw new RangeError('the seed is not that of the issuer');
  }
  const authority = subjectKeyIdentifier ?? keyIdentifier(suite, verificationKey.octets);
  const alternatives = uris.map((uniformResourceIdentifier) => new GeneralName({ uniformResourceIdentifier }));
  const issued = certificate(
    options,
    { name: AsnParser.parse(subject.octets, Name), seed: issuerSeed },
    { algorithm: objectIdentifiers.mlKem1024, octets: encapsulationKey },
    [
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyEncipherment), true),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(suite, encapsulationKey))),
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(authority) }),
      ),
      ...(uris.length > 0 ? [extension(id_ce_subjectAltName, new SubjectAlternativeName(alternatives))] : []),
    ],
  );
  const parsed = accepted(parseCertificate(issued), options);
  const asAsked = parsed.commonName === name && parsed.uris.join(' ') === uris.join(' ');
  if (!asAsked || !same(parsed.issuer.octets, subject.octets)) {
    throw new RangeError('no such certificate can be issued: a name or URI that would change');
  }
  return issued;
}
