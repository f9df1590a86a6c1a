// Issues certificates of signers: a key for signatures over documents and code, that certifies nothing.
import {
  ExtendedKeyUsage,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  id_kp_codeSigning,
  KeyUsage,
  KeyUsageFlags,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { type SignatureAlgorithm, signatureTable } from '../../generated/suites.ts';
import { same } from '../../octets.ts';
import { parseSignerCertificate } from '../parse.ts';
import {
  authorityExtension,
  extension,
  type Issuer,
  issuerOf,
  keyIdentifier,
  required,
  requireWithin,
} from './encode.ts';
import { alternativeNames, type Common, certificate, issuerName, requirePeriod, requirePermitted } from './issue.ts';

/**
 * Issues a certificate of a signer with a key of ML-DSA or SLH-DSA. The authority `issuer` signs it from its seed. Extensions: key
 * usage, critical and exactly digitalSignature; extended key usage code signing; key identifiers of subject and authority; the URIs as
 * subject alternative name (RFC 5280, RFC 9881, RFC 9909).
 * @throws RangeError when a name, time, URI, serial number or key is out of range, it would outlive the issuer, the seed is not the
 *   issuer's, or the issuer's name constraints forbid a name
 */
export function issueSignerCertificate(
  options: Common &
    Issuer & {
      readonly uris?: readonly string[] | undefined;
      readonly algorithm: SignatureAlgorithm;
      readonly publicKey: Uint8Array;
    },
): Uint8Array {
  const { suite, name, uris = [], algorithm, publicKey } = options;
  const authority = issuerOf(suite, options);
  const issued = certificate(
    options,
    { name: issuerName(authority), seed: options.issuerSeed, algorithm: authority.verificationKey.algorithm },
    { oid: algorithm.oid, octets: publicKey },
    [
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
      extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_codeSigning])),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(suite, publicKey))),
      authorityExtension(suite, authority),
      ...alternativeNames(uris),
    ],
  );
  const parsed = required(parseSignerCertificate(issued, Object.values(signatureTable)));
  requirePeriod(parsed, options);
  requireWithin(authority, parsed.notAfter, options);
  requirePermitted(authority, parsed);
  const asAsked = parsed.commonName === name && parsed.uris.join(' ') === uris.join(' ');
  if (!asAsked || !same(parsed.publicKey, publicKey) || !same(parsed.issuer.octets, authority.subject.octets))
    throw new RangeError('no such certificate can be issued: a name or URI that would change');
  return issued;
}
