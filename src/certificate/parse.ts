// The certificate of a peer: in the mandatory suite an ML-KEM-1024 key under an ML-DSA-87 signature (section 4.4).

import { checked, malformed, refuse } from '../der/der.ts';
import type { Checked } from '../failure.ts';
import type { EncapsulationKey } from '../generated/kinds.ts';
import { mandatorySuite, type SignatureAlgorithm, type SuiteAlgorithms } from '../generated/suites.ts';
import { keyUsageBits, readExtensionValues } from './extensions.ts';
import { type KeyKind, readStructure } from './structure.ts';

type Bytes = Uint8Array;

/** A certificate of the profile. Octets are views into those that were parsed. Nothing says that it is trusted. */
export interface ParsedCertificate {
  /** The whole certificate, DER. */
  readonly octets: Bytes;
  /** RFC 4514, such as `CN=bob`; empty when the subject is. */
  readonly subject: string;
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
  /** `pk`, of ML-KEM-1024 1568 octets, whose modulus the validator checks. */
  readonly encapsulationKey: EncapsulationKey<Bytes>;
  /** The octets that the signature is over. */
  readonly toBeSigned: Bytes;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** Of ML-DSA-87 4627 octets. */
  readonly signature: Bytes;
  readonly authorityKeyIdentifier: Bytes | undefined;
}

const keyKind = ({ name, oid, encapsulationKey }: SuiteAlgorithms['kem']): KeyKind => ({
  ...{ name, oid },
  octets: encapsulationKey,
});

function read(der: Bytes, { kem, signatures }: SuiteAlgorithms): ParsedCertificate {
  const structure = readStructure(der, [keyKind(kem)], signatures);
  const { keyUsage, basicConstraints, alternativeNames, nameConstraints, authorityKeyIdentifier } =
    readExtensionValues(structure);
  if (keyUsage === undefined) return refuse('certificate-wrong-key-usage', 'absent');
  if (keyUsage.length !== 1 || keyUsage[0] !== keyUsageBits.keyEncipherment) {
    refuse('certificate-wrong-key-usage', `bits ${keyUsage.join(', ') || 'none'}`);
  }
  if (basicConstraints?.authority) malformed('the certificate of an authority, not of a peer');
  if (nameConstraints !== undefined) malformed('name constraints: not of an authority');
  const { subject, issuer, publicKey, serialNumber, notBefore, notAfter, toBeSigned, signature, signatureAlgorithm } =
    structure;
  return {
    octets: der,
    // Made when asked for: nothing that a stranger sends is turned into text before it is trusted, or shown.
    get subject() {
      return subject.text;
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
    ...{ issuer, serialNumber, notBefore, notAfter, toBeSigned, signatureAlgorithm, signature, authorityKeyIdentifier },
    encapsulationKey: publicKey as EncapsulationKey<Bytes>,
  };
}

/**
 * Parses a certificate strictly: one X.509 v3 certificate in DER and nothing behind it (RFC 5280), subject key ML-KEM-1024
 * (1568 octets, RFC 9935), signature algorithm ML-DSA-87 (4627 octets, RFC 9881), both without parameters, key usage
 * exactly keyEncipherment, no unknown critical extension, not an authority's (draft, section 4.4). Verifies nothing; never
 * throws. Codes: `certificate-malformed`, `certificate-wrong-algorithm`, `certificate-wrong-key-usage`,
 * `certificate-constraint`.
 */
export function parseCertificate(
  der: Uint8Array,
  algorithms: SuiteAlgorithms = mandatorySuite,
): Checked<ParsedCertificate> {
  return checked(() => read(der, algorithms));
}
