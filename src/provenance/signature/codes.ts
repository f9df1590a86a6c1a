// The codes of keys, bundles and signatures.
import type { ProvenanceRefusal } from '../contract.ts';

/** Why a key, a bundle or a signature is refused. The codes are stable. */
export const signatureCodes = {
  'key-malformed': 'a key is not in the one encoding of its algorithm',
  'key-unsupported-algorithm': 'a key is of an algorithm that is not known here',
  'key-experimental-algorithm': 'a key is of an experimental algorithm, which nobody permitted',
  'key-inconsistent': 'the parts of a private key do not belong to one key',
  'bundle-too-large': 'a bundle has more octets, or more values of JSON, than are read',
  'bundle-malformed-json': 'a bundle is not JSON, or two readers could understand it differently',
  'bundle-missing-field': 'a field that a bundle must have is absent',
  'bundle-unknown-field': 'a field of a bundle is not known, and may change what it means',
  'bundle-wrong-type': 'a field of a bundle has another type of JSON than it should',
  'bundle-wrong-base64': 'a field of a bundle is not base64 as an encoder writes it, or is empty',
  'bundle-wrong-media-type': 'the media type is not that of a Sigstore bundle',
  'bundle-unsupported-version': 'the bundle is of another version than 0.3',
  'bundle-message-signature': 'the bundle signs a message of its own, and no statement in an envelope',
  'bundle-wrong-payload-type': 'the payload is not of the type that was expected',
  'bundle-no-signature': 'the envelope has no signature',
  'bundle-several-signatures': 'the envelope has more than one signature',
  'bundle-no-key-reference': 'the bundle names neither a key nor certificates',
  'bundle-several-key-references': 'the bundle names its key in more than one way',
  'bundle-wrong-hint': 'the hint of the key is empty or too long',
  'bundle-key-mismatch': 'the hint of the key is not that of the key beside it',
  'bundle-no-certificate': 'the chain of certificates is empty',
  'bundle-too-many-certificates': 'the chain has more certificates than are read',
  'bundle-keyless': 'the bundle is of the keyless method of Sigstore, which is not judged without a network',
  'bundle-missing-log-entries': 'the bundle is of the keyless method of Sigstore, and has no log entries',
  'bundle-too-many-timestamps': 'the bundle has more time-stamp tokens than are read',
  'signature-unknown-key': 'the bundle names a key that is none of the keys to be trusted',
  'signature-key-mismatch': 'the bundle names another key than the one to be trusted',
  'signature-no-authorities': 'the bundle names certificates, and no authorities are to be trusted',
  'certificate-malformed': 'a certificate is not in the form of the profile of signers',
  'certificate-wrong-algorithm': 'a certificate has a key or a signature of an algorithm that is not known here',
  'certificate-wrong-key-usage': 'a certificate is not for signatures over documents and code',
  'certificate-outside-validity': 'the time is outside of a validity period',
  'certificate-untrusted': 'no trusted authority signed the certificate',
  'certificate-constraint': 'a constraint of an authority forbids the certificate',
  'certificate-revoked': 'a revocation list names the certificate',
  'certificate-revocation-unknown': 'no fresh revocation list tells whether the certificate is revoked',
  'signature-algorithm-not-allowed': 'the algorithm of the key is none of those allowed',
  'signature-wrong-length': 'the signature has a length that none of its algorithm has',
  'signature-invalid': 'the signature is not that of the key over the payload',
} as const;

/** A code of `signatureCodes`. */
export type SignatureCode = keyof typeof signatureCodes;

/** A refusal with one of these codes. */
export const refusal = <Code extends string = SignatureCode>(
  code: Code,
  detail: string,
  path?: string,
): ProvenanceRefusal<Code> => (path === undefined ? { ok: false, code, detail } : { ok: false, code, detail, path });
