// The certificate of a peer: in the mandatory suite an ML-KEM-1024 key under an ML-DSA-87 signature (section 4.4,
// PQ-4.4-01 to PQ-4.4-04).

import { malformed } from '../der/derError.ts';
import type { Checked } from '../failure.ts';
import type { EncapsulationKey } from '../generated/kinds.ts';
import { mandatorySuite, type SignatureAlgorithm, type SuiteAlgorithms } from '../generated/suites.ts';
import type { Bytes } from '../octets.ts';
import { keyKind } from './authority.ts';
import { type CertificateCode, checked, refuse } from './codes.ts';
import { keyUsageBits, readExtensionValues } from './extensions.ts';
import { allowance, type Leniency } from './leniency.ts';
import { type CertificateAlgorithm, type CertificateStructure, type KeyKind, readStructure } from './structure.ts';

/** The certificate of somebody who is no authority, not necessarily a trusted one. Octets are views into the parsed octets. */
export interface LeafCertificate {
  /** The whole certificate, DER. */
  readonly octets: Bytes;
  /** RFC 4514, such as `CN=bob`; empty when the subject is. */
  readonly subject: string;
  /** The subject; when that is empty, the first alternative name as an expected name is written, such as `DNS:bob.example`. */
  readonly displayName: string;
  /** The common name of the subject, when there is exactly one. */
  readonly commonName: string | undefined;
  /** The URIs of the subject alternative name. */
  readonly uris: readonly string[];
  /** Its DNS names, and its directory names (DER of each Name). */
  readonly dnsNames: readonly string[];
  readonly directoryNames: readonly Bytes[];
  /** The subject as DER of its Name. */
  readonly subjectName: Bytes;
  /** The issuer: DER of its Name, and RFC 4514. */
  readonly issuer: { readonly octets: Bytes; readonly text: string };
  /** Hexadecimal digits of at most 20 octets. */
  readonly serialNumber: string;
  /** First and last second of the validity period. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The octets that the signature covers. */
  readonly toBeSigned: Bytes;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** For ML-DSA-87 4627 octets. */
  readonly signature: Bytes;
  readonly authorityKeyIdentifier: Bytes | undefined;
  /** What the profile refuses in this certificate, and was permitted. */
  readonly leniencies: readonly Leniency[];
}

/** A certificate of the profile, not necessarily a trusted one. Octets are views into the parsed octets. */
export interface ParsedCertificate extends LeafCertificate {
  /** `pk`, for ML-KEM-1024 1568 octets. The validator checks the modulus. */
  readonly encapsulationKey: EncapsulationKey<Bytes>;
}

/** The certificate of a signer: a key that signs, and certifies nothing. */
export interface SignerCertificate extends LeafCertificate {
  /** SubjectPublicKeyInfo, DER. */
  readonly subjectPublicKeyInfo: Bytes;
  /** The key in it: for ML-DSA-87 2592 octets. */
  readonly publicKey: Bytes;
  /** `ML-DSA-87`, `ECDSA P-256`... */
  readonly keyAlgorithm: string;
}

/** A kind of end-entity certificate. */
interface LeafProfile {
  /** The kinds of subject keys. */
  readonly keys: readonly KeyKind[];
  /** The bits of KeyUsage that must be there. */
  readonly keyUsage: readonly number[];
  /** Bits that may stand beside them; by default none. */
  readonly otherUsage?: readonly number[];
  /** What an extended key usage may permit; without them there must be none. */
  readonly purposes?: readonly string[];
}

/** The profile of the certificates in a handshake: a KEM key for keyEncipherment (draft, section 4.4). */
const kemProfile = ({ name, oid, encapsulationKey }: SuiteAlgorithms['kem']): LeafProfile => ({
  keys: [{ name, oid, octets: encapsulationKey }],
  keyUsage: [keyUsageBits.keyEncipherment],
});

const codeSigning = '1.3.6.1.5.5.7.3.3';

/** The profile of signers: a key for digitalSignature, and, if there is an extended key usage, for code signing (RFC 5280, RFC 9881). */
const signerProfile = (signatures: readonly CertificateAlgorithm[]): LeafProfile => ({
  keys: signatures.map(keyKind),
  keyUsage: [keyUsageBits.digitalSignature],
  otherUsage: [keyUsageBits.nonRepudiation],
  purposes: [codeSigning],
});

/** The uses of bits of KeyUsage, by name. */
const usesOf = (bits: readonly number[]): string =>
  Object.entries(keyUsageBits)
    .filter(([, bit]) => bits.includes(bit))
    .map(([name]) => name)
    .join(', ') || 'none';

function requireKeyUsage(
  found: readonly number[] | undefined,
  { keyUsage: wanted, otherUsage = [] }: LeafProfile,
): void {
  if (found?.filter((bit) => !otherUsage.includes(bit)).join() === wanted.join()) return;
  const what = found === undefined ? 'no key usage' : usesOf(found);
  refuse('certificate-wrong-key-usage', `found ${what}, expected ${usesOf(wanted)}`);
}

/** Reads an end-entity certificate of a profile; `keyOf` makes its subject key. */
function readLeaf<T>(
  der: Bytes,
  profile: LeafProfile,
  signatures: readonly CertificateAlgorithm[],
  lenient: readonly Leniency[],
  keyOf: (structure: CertificateStructure) => T,
): LeafCertificate & T {
  const structure = readStructure(der, profile.keys, signatures);
  const allowed = allowance(lenient);
  const read = readExtensionValues(structure, allowed, profile.purposes);
  const { basicConstraints, alternativeNames, nameConstraints, ...values } = read;
  if (values.keyUsage !== undefined || !allowed.permits('absentKeyUsage')) requireKeyUsage(values.keyUsage, profile);
  if (basicConstraints?.authority) malformed('the certificate of an authority, not of a peer');
  if (nameConstraints !== undefined) malformed('name constraints: not of an authority');
  const { subject, issuer, serialNumber, notBefore, notAfter } = structure;
  return {
    octets: der,
    // Made on access: no text is made of a stranger's octets before they are trusted or shown.
    get subject() {
      return subject.text;
    },
    get displayName() {
      return subject.text || (alternativeNames.first ?? '');
    },
    get commonName() {
      return subject.commonName;
    },
    subjectName: subject.octets,
    get uris() {
      return alternativeNames.uris;
    },
    get dnsNames() {
      return alternativeNames.dnsNames;
    },
    directoryNames: alternativeNames.directoryNames,
    issuer,
    serialNumber,
    notBefore,
    notAfter,
    toBeSigned: structure.toBeSigned,
    signatureAlgorithm: structure.signatureAlgorithm,
    signature: structure.signature,
    authorityKeyIdentifier: values.authorityKeyIdentifier,
    leniencies: Object.freeze([...allowed.used]),
    ...keyOf(structure),
  };
}

/**
 * Parses a certificate strictly: one X.509 v3 certificate in DER without trailing octets (RFC 5280), subject key
 * ML-KEM-1024 (1568 octets, RFC 9935), signature algorithm ML-DSA-87 (4627 octets, RFC 9881), both without parameters,
 * key usage exactly keyEncipherment, no unknown critical extension, not an authority (draft, section 4.4). `lenient` names
 * what is permitted beyond that (see `Leniency`). Verifies no signature. Never throws. Codes: `certificate-malformed`,
 * `certificate-wrong-algorithm`,
 * `certificate-wrong-key-usage`, `certificate-constraint`.
 */
export function parseCertificate(
  der: Uint8Array,
  algorithms: SuiteAlgorithms = mandatorySuite,
  lenient: readonly Leniency[] = [],
): Checked<ParsedCertificate, CertificateCode> {
  return checked(() =>
    readLeaf(der, kemProfile(algorithms.kem), algorithms.signatures, lenient, ({ publicKey }) => ({
      encapsulationKey: publicKey as EncapsulationKey<Bytes>,
    })),
  );
}

/**
 * Parses the certificate of a signer, as strictly as `parseCertificate`: a subject key of one of these schemes, key usage
 * digitalSignature, alone or with nonRepudiation, no extended key usage or one with code signing. Verifies no signature. Never
 * throws. Codes: those of `parseCertificate`.
 */
export function parseSignerCertificate(
  der: Uint8Array,
  signatures: readonly CertificateAlgorithm[],
  lenient: readonly Leniency[] = [],
): Checked<SignerCertificate, CertificateCode> {
  return checked(() =>
    readLeaf(der, signerProfile(signatures), signatures, lenient, ({ subjectPublicKeyInfo, publicKey, keyKind }) => ({
      subjectPublicKeyInfo,
      publicKey,
      keyAlgorithm: keyKind.name,
    })),
  );
}
