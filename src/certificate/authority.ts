// The certificate of an authority that signs certificates: a trust anchor or an intermediate.

import type { Suite, VerificationKey } from '../crypto/suite.ts';
import { malformed } from '../der/derError.ts';
import type { Checked } from '../failure.ts';
import type { SignatureAlgorithm } from '../generated/suites.ts';
import { type Bytes, same } from '../octets.ts';
import { type CertificateCode, checked, refuse } from './codes.ts';
import { type ExtensionValues, keyUsageBits, readExtensionValues } from './extensions.ts';
import { allowance, type Leniency } from './leniency.ts';
import { isEmptyName } from './name.ts';
import { type ConstrainedNames, type NameConstraints, readNameConstraints } from './nameConstraints.ts';
import { type CertificateAlgorithm, type KeyKind, readStructure } from './structure.ts';

/** The certificate of an authority, not necessarily a trusted one. Octets are views into the parsed octets. */
export interface AuthorityCertificate {
  /** The whole certificate, DER. */
  readonly octets: Bytes;
  /** The subject: DER of its Name, and RFC 4514. */
  readonly subject: { readonly octets: Bytes; readonly text: string };
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subjectKeyIdentifier: Bytes | undefined;
  /** For ML-DSA-87 2592 octets, prepared for many verifications. */
  readonly verificationKey: VerificationKey;
  /** The bit numbers of KeyUsage; `keyCertSign` is among them. */
  readonly keyUsage: readonly number[];
  /** How many intermediates may follow in a path; `Infinity` when not stated. */
  readonly pathLength: number;
  readonly nameConstraints: NameConstraints | undefined;
  /** What the profile refuses in this certificate, and was permitted. */
  readonly leniencies: readonly Leniency[];
}

/** The certificate of an authority that another authority issued. */
export interface Intermediate extends AuthorityCertificate {
  readonly issuer: { readonly octets: Bytes; readonly text: string };
  /** Hexadecimal digits of at most 20 octets. */
  readonly serialNumber: string;
  readonly names: ConstrainedNames;
  readonly authorityKeyIdentifier: Bytes | undefined;
  /** The octets that the signature covers. */
  readonly toBeSigned: Bytes;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** For ML-DSA-87 4627 octets, not verified yet. */
  readonly signature: Bytes;
}

/** The kind of the keys of a scheme. */
export const keyKind = ({ name, oid, publicKey, key }: CertificateAlgorithm): KeyKind => ({
  ...(key ?? { name, oid }),
  octets: publicKey,
});

/** The uses that RFC 9881, section 5, and RFC 9909 allow for a key of ML-DSA or SLH-DSA. */
const signatureUses: readonly number[] = [
  keyUsageBits.digitalSignature,
  keyUsageBits.nonRepudiation,
  keyUsageBits.keyCertSign,
  keyUsageBits.cRLSign,
];

function requireAuthority({ basicConstraints, keyUsage }: ExtensionValues): readonly number[] {
  if (!basicConstraints?.authority || !basicConstraints.critical)
    malformed('basic constraints: not critical with cA TRUE');
  if (!keyUsage?.includes(keyUsageBits.keyCertSign) || !keyUsage.every((bit) => signatureUses.includes(bit))) {
    return refuse('certificate-wrong-key-usage', 'an authority needs keyCertSign, and permits signatures only');
  }
  return keyUsage;
}

/** Reads the certificate of an authority. @throws CertificateError @throws DerError */
export function readAuthority(suite: Suite, der: Bytes, lenient: readonly Leniency[]): Intermediate {
  const { signatures } = suite.algorithms;
  const kinds = signatures.map(keyKind);
  const structure = readStructure(der, kinds, signatures);
  const allowed = allowance(lenient);
  const values = readExtensionValues(structure, allowed);
  // A key without key usage may sign certificates and lists (section 6.1.4 (n), 6.3.3 (f)).
  const isUnlimited = values.keyUsage === undefined && allowed.permits('absentKeyUsage');
  const keyUsage = requireAuthority(isUnlimited ? { ...values, keyUsage: signatureUses } : values);
  const { subject, issuer, serialNumber, notBefore, notAfter, publicKey } = structure;
  const { toBeSigned, signatureAlgorithm, signature } = structure;
  if (isEmptyName(subject)) malformed('subject: empty'); // 4.1.2.6
  return {
    octets: der,
    subject,
    issuer,
    serialNumber,
    notBefore,
    notAfter,
    toBeSigned,
    signatureAlgorithm,
    signature,
    keyUsage,
    names: { subjectName: subject.octets, ...values.alternativeNames },
    subjectKeyIdentifier: values.subjectKeyIdentifier,
    authorityKeyIdentifier: values.authorityKeyIdentifier,
    verificationKey: suite.verificationKey(publicKey, signatures[kinds.indexOf(structure.keyKind)]),
    pathLength: values.basicConstraints?.pathLength ?? Number.POSITIVE_INFINITY,
    nameConstraints: values.nameConstraints && readNameConstraints(values.nameConstraints),
    leniencies: [...allowed.used],
  };
}

function readIntermediate(suite: Suite, der: Bytes, lenient: readonly Leniency[]): Intermediate {
  const intermediate = readAuthority(suite, der, lenient);
  const { subject, issuer, subjectKeyIdentifier } = intermediate;
  if (same(subject.octets, issuer.octets))
    refuse('certificate-untrusted', 'self-issued: a trust anchor, not an intermediate');
  if (subjectKeyIdentifier === undefined) malformed('subject key identifier: absent'); // 4.2.1.2
  return intermediate;
}

/**
 * Parses the certificate of an intermediate authority as strictly as that of a peer: key of the suite (ML-DSA-87, RFC
 * 9881), basic constraints critical with cA TRUE, key usage with keyCertSign and only for signatures, subject key
 * identifier, an issuer other than the subject. `lenient` names what is permitted beyond that. `trustStore` verifies its
 * signature. Never throws. Codes:
 * `certificate-malformed`, `certificate-wrong-algorithm`, `certificate-wrong-key-usage`, `certificate-constraint`,
 * `certificate-untrusted`.
 */
export function parseIntermediate(
  suite: Suite,
  der: Uint8Array,
  lenient: readonly Leniency[] = [],
): Checked<Intermediate, CertificateCode> {
  return checked(() => readIntermediate(suite, der, lenient));
}

/** Parses the certificate of a trust anchor or an intermediate. Verifies no signature. Never throws. */
export function parseAuthority(
  suite: Suite,
  der: Uint8Array,
  lenient: readonly Leniency[] = [],
): Checked<Intermediate, CertificateCode> {
  return checked(() => readAuthority(suite, der, lenient));
}

/** The signed part of a certificate or list, and its signature. */
export interface Signed {
  readonly toBeSigned: Bytes;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Bytes;
}

/** Whether a signature verifies under a key. The stated algorithm must be that of the key. */
export const isSigned = (key: VerificationKey, { toBeSigned, signatureAlgorithm, signature }: Signed): boolean =>
  key.algorithm.oid === signatureAlgorithm.oid && key.verify(toBeSigned, signature);
