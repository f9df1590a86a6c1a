// What other makers write in certificates of ML-KEM-1024 under ML-DSA-87: their shapes, made with keys of our own. The shapes
// are those of the artefacts of the IETF hackathon (github.com/IETF-Hackathon/pqc-certificates, providers/*, r5, July 2026).
import { tags } from '../../der/der.ts';
import { type Bytes, concat } from '../../octets.ts';
import { edited, extensions, type Issuing, leaf, notAfter, certificatePaths as paths, root } from './certificates.ts';
import { at, extension, hex, identifiers, tlv } from './fixtures.ts';

/** A shape: who writes it, and a certificate of it with its trust anchor. */
export interface OtherShape {
  readonly says: string;
  readonly makers: string;
  readonly leaf: Bytes;
  readonly anchor: Bytes;
}

const anchor = root('Other Root', { notAfter });
const extendedKeyUsage = hex('551d25');
const keyUsage = identifiers.keyUsage;

/** Extensions of a certificate, one of them replaced or left out. */
const replaced = (der: Bytes, { seed }: Issuing, without: Bytes, ...by: readonly Bytes[]): Bytes =>
  edited(der, seed, paths.extensions, extensions({ without, with: by }));

const direct = leaf(anchor);
const emptySubject = (der: Bytes): Bytes => edited(der, anchor.seed, paths.subject, () => tlv(tags.sequence));
const names = (...all: readonly Bytes[]): Bytes => tlv(tags.sequence, ...all);
const dnsName = tlv(0x82, Buffer.from('ee.example'));
const uriName = tlv(0x86, Buffer.from('https://ee.example'));
const alternatives = (critical: boolean, ...all: readonly Bytes[]): Bytes =>
  replaced(
    direct,
    anchor,
    identifiers.subjectAlternativeName,
    extension(identifiers.subjectAlternativeName, names(...all), critical),
  );

/** The key identifier of the anchor, as the leaf states it, then issuer and serial number. */
function issuerAndSerial(): Bytes {
  const plain = at(direct, paths.extensions);
  const marker = Buffer.from(hex('0603551d23'));
  const start = Buffer.from(plain).indexOf(marker) + marker.length;
  const keyIdentifier = plain.subarray(start + 4, start + 4 + 22); // behind OCTET STRING and SEQUENCE
  const issuer = tlv(0xa1, tlv(0xa4, at(anchor.der, paths.subject)));
  const serialNumber = tlv(0x82, Uint8Array.of(0x47, 1, 2, 3));
  return extension(
    identifiers.authorityKeyIdentifier,
    tlv(tags.sequence, concat(Uint8Array.from(keyIdentifier), issuer, serialNumber)),
  );
}

const purposes = (...oids: readonly string[]): Bytes =>
  extension(extendedKeyUsage, tlv(tags.sequence, ...oids.map((one) => tlv(tags.objectIdentifier, hex(one)))));
const withPurposes = (...oids: readonly string[]): Bytes =>
  edited(direct, anchor.seed, paths.extensions, extensions({ with: [purposes(...oids)] }));
const withoutUsage = (): Issuing => ({ ...anchor, der: replaced(anchor.der, anchor, keyUsage) });
const basicConstraints = (value: string): Bytes => extension(identifiers.basicConstraints, hex(value), true);
const constrained = (value: string): Bytes =>
  edited(direct, anchor.seed, paths.extensions, extensions({ with: [basicConstraints(value)] }));

/** Every shape, in the order of the page. */
export const otherShapes = (): readonly OtherShape[] =>
  [
    {
      says: 'empty subject, critical DNS name, cA left out',
      makers: 'OpenSSL 3.5, SafeLogic',
      leaf: emptySubject(alternatives(true, dnsName)),
    },
    {
      says: 'key usage that is not critical',
      makers: 'CryptoNext (peer)',
      leaf: replaced(direct, anchor, keyUsage, extension(keyUsage, hex('03020520'))),
    },
    {
      says: 'authority key identifier with issuer and serial number',
      makers: 'Bouncy Castle',
      leaf: replaced(direct, anchor, identifiers.authorityKeyIdentifier, issuerAndSerial()),
    },
    {
      says: 'no key usage, in the certificate of a peer',
      makers: 'OpenJDK',
      leaf: replaced(direct, anchor, keyUsage),
    },
    {
      says: 'no key usage, in a trust anchor',
      makers: 'CryptoNext, Entrust, Sanctum SecOps',
      leaf: direct,
      anchor: withoutUsage().der,
    },
    {
      says: 'extended key usage with anyExtendedKeyUsage',
      makers: 'Chunghwa Telecom',
      leaf: withPurposes('551d2500'),
    },
    {
      says: 'extended key usage of TLS servers and clients alone',
      makers: 'templates for TLS',
      leaf: withPurposes('2b06010505070301', '2b06010505070302'),
    },
    {
      says: 'an IP address or a mail address beside a DNS name or URI',
      makers: 'templates for TLS and mail',
      leaf: alternatives(false, dnsName, tlv(0x87, hex('c0000201')), tlv(0x81, Buffer.from('ee@ee.example')), uriName),
    },
    {
      says: 'an IP address alone, and an empty subject',
      makers: 'templates for addresses',
      leaf: emptySubject(alternatives(true, tlv(0x87, hex('c0000201')))),
    },
    {
      says: 'key usage with more than keyEncipherment',
      makers: 'seventhsense.ai',
      leaf: replaced(direct, anchor, keyUsage, extension(keyUsage, hex('030205e0'), true)),
    },
    { says: 'cA FALSE stated, which DER leaves out', makers: 'Crypto4A', leaf: constrained('3003010100') },
    { says: 'cA TRUE in the certificate of a peer', makers: 'Entrust', leaf: constrained('30030101ff') },
    {
      says: 'key usage with zero bits behind its last one',
      makers: 'leancrypto',
      leaf: direct,
      anchor: replaced(anchor.der, anchor, keyUsage, extension(keyUsage, hex('03020086'), true)),
    },
  ].map((shape) => ({ anchor: anchor.der, ...shape }));
