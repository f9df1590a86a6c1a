// A second opinion on certificates, by other means than the validator: the ASN.1 library, and OpenSSL.

import { X509Certificate } from 'node:crypto';
import { AsnParser, AsnSerializer } from '@peculiar/asn1-schema';
import { AuthorityKeyIdentifier, Certificate, KeyUsage, SubjectKeyIdentifier } from '@peculiar/asn1-x509';
import { objectIdentifiers } from '../../generated/constants.ts';
import { toHex } from '../../octets.ts';
import { authority, during } from './fixtures.ts';

const issuer = AsnParser.parse(authority(), Certificate);
const openssl = new X509Certificate(authority());
const valueIn = (certificate: Certificate, identifier: string): ArrayBuffer | undefined =>
  certificate.tbsCertificate.extensions?.find(({ extnID }) => extnID === identifier)?.extnValue.buffer;
const known: readonly string[] = ['2.5.29.15', '2.5.29.17', '2.5.29.19'];

/** The octets that the library writes for the certificate that it read: those of DER. */
function again(der: Uint8Array): string {
  const certificate = AsnParser.parse(der, Certificate);
  delete certificate.tbsCertificateRaw; // otherwise it would repeat the octets that it read
  return toHex(new Uint8Array(AsnSerializer.serialize(certificate)));
}

function keyUsage(certificate: Certificate): string {
  const value = valueIn(certificate, '2.5.29.15');
  return value === undefined
    ? 'none'
    : toHex(new Uint8Array(AsnSerializer.serialize(AsnParser.parse(value, KeyUsage))));
}

const serialized = (value: unknown): string => toHex(new Uint8Array(AsnSerializer.serialize(value)));

/** The faults of a certificate that was accepted; empty when there are none. */
export function objections(der: Uint8Array): readonly string[] {
  const certificate = AsnParser.parse(der, Certificate);
  const { tbsCertificate, signatureAlgorithm } = certificate;
  const { extensions = [], serialNumber, validity, subjectPublicKeyInfo } = tbsCertificate;
  const identifiers = extensions.map(({ extnID }) => extnID);
  const authorityKey = valueIn(certificate, '2.5.29.35');
  const own = valueIn(issuer, '2.5.29.14');
  const stated = authorityKey && AsnParser.parse(authorityKey, AuthorityKeyIdentifier).keyIdentifier;
  const keyIdentifier = own && AsnParser.parse(own, SubjectKeyIdentifier);
  const theirs = new X509Certificate(der);
  const wrong: Readonly<Record<string, boolean>> = {
    'not the one encoding': again(der) !== toHex(der),
    version: tbsCertificate.version !== 2,
    'serial number':
      serialNumber.byteLength > 20 || BigInt.asIntN(8, BigInt(new Uint8Array(serialNumber)[0] ?? 0)) < 0n,
    'serial number zero': /^0*$/.test(toHex(new Uint8Array(serialNumber))),
    'signature algorithm': [tbsCertificate.signature, signatureAlgorithm].some(
      ({ algorithm, parameters }) => algorithm !== objectIdentifiers.mlDsa87 || parameters !== undefined,
    ),
    issuer: serialized(tbsCertificate.issuer) !== serialized(issuer.tbsCertificate.subject),
    validity: validity.notBefore.getTime() > during || validity.notAfter.getTime() < during,
    key:
      subjectPublicKeyInfo.algorithm.algorithm !== objectIdentifiers.mlKem1024 ||
      subjectPublicKeyInfo.algorithm.parameters !== undefined ||
      subjectPublicKeyInfo.subjectPublicKey.byteLength !== 1568,
    'unique identifiers': Boolean(tbsCertificate.issuerUniqueID ?? tbsCertificate.subjectUniqueID),
    'extension twice': new Set(identifiers).size !== identifiers.length,
    'critical extension': extensions.some(({ critical, extnID }) => critical && !known.includes(extnID)),
    'key usage': keyUsage(certificate) !== '03020520',
    'an authority': theirs.ca,
    'key identifier':
      stated !== undefined &&
      (keyIdentifier === undefined ||
        toHex(new Uint8Array(stated.buffer)) !== toHex(new Uint8Array(keyIdentifier.buffer))),
    'OpenSSL: issuer': !theirs.checkIssued(openssl),
    'OpenSSL: signature': !theirs.verify(openssl.publicKey),
  };
  return Object.keys(wrong).filter((what) => wrong[what]);
}
