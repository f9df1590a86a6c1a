// A trust anchor: the self-signed certificate of an authority that signs with ML-DSA-87.
import type { Suite, VerificationKey } from '../crypto/suite.ts';
import type { Checked } from '../failure.ts';
import { objectIdentifiers, sizes } from '../generated/constants.ts';
import { checked, malformed, refuse, same } from './der.ts';
import { type ExtensionValues, keyUsageBits, readExtensionValues } from './extensions.ts';
import { type KeyKind, readStructure } from './structure.ts';

type Bytes = Uint8Array;

/** An authority that may have issued the certificate of a peer. */
export interface TrustAnchor {
  /** The whole certificate, DER. */
  readonly octets: Bytes;
  /** The subject: DER of its Name, and RFC 4514. */
  readonly subject: { readonly octets: Bytes; readonly text: string };
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subjectKeyIdentifier: Bytes | undefined;
  /** 2592 octets, prepared for many signatures. */
  readonly verificationKey: VerificationKey;
}

const signatureKey: KeyKind = {
  name: 'ML-DSA-87',
  algorithm: objectIdentifiers.mlDsa87,
  octets: sizes.signaturePublicKey,
};

/** The uses that RFC 9881, section 5, leaves to a key of ML-DSA. */
const signatureUses: readonly number[] = [
  keyUsageBits.digitalSignature,
  keyUsageBits.nonRepudiation,
  keyUsageBits.keyCertSign,
  keyUsageBits.cRLSign,
];

function requireAuthority({ basicConstraints, keyUsage }: ExtensionValues): void {
  if (!basicConstraints?.authority || !basicConstraints.critical)
    malformed('basic constraints: not critical with cA TRUE');
  if (!keyUsage?.includes(keyUsageBits.keyCertSign) || !keyUsage.every((bit) => signatureUses.includes(bit))) {
    refuse('certificate-wrong-key-usage', 'a trust anchor needs keyCertSign, and permits signatures only');
  }
}

function read(suite: Suite, der: Bytes): TrustAnchor {
  const structure = readStructure(der, signatureKey);
  const { subject, issuer, notBefore, notAfter, publicKey, toBeSigned, signature } = structure;
  const values = readExtensionValues(structure);
  requireAuthority(values);
  if (!same(subject.octets, issuer.octets)) malformed('subject and issuer differ: not self-signed');
  const verificationKey = suite.verificationKey(publicKey);
  if (!verificationKey.verify(toBeSigned, signature))
    refuse('certificate-untrusted', 'its own signature does not verify');
  return {
    octets: der,
    subject: { octets: subject.octets, text: subject.text },
    ...{ notBefore, notAfter, verificationKey },
    subjectKeyIdentifier: values.subjectKeyIdentifier,
  };
}

/**
 * Parses the self-signed certificate of an authority as strictly as that of a peer: ML-DSA-87 key (2592 octets, RFC 9881),
 * basic constraints critical with cA TRUE, key usage with keyCertSign and for signatures only, and its own signature. Its
 * validity period is judged with the certificates that it issued. Never throws. Codes: `certificate-malformed`,
 * `certificate-wrong-algorithm`, `certificate-wrong-key-usage`, `certificate-untrusted`.
 */
export function parseTrustAnchor(suite: Suite, der: Uint8Array): Checked<TrustAnchor> {
  return checked(() => read(suite, der));
}
