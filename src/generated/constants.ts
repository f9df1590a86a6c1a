// Generated from spec/ by `npm run generate`. Do not edit.

/** The protocol version of every message (section 4.1). */
export const protocolVersion = 1;

/** The draft that this code implements. */
export const draft = 'draft-uri-cfrg-pquake-00';

/** Octets of a message header: version, type, length (section 4.1). */
export const headerOctets = 4;

/** Sizes in octets of the mandatory suite (section 1.2). */
export const sizes = {
  encapsulationKey: 1568,
  ciphertext: 1568,
  decapsulationKey: 3168,
  signaturePublicKey: 2592,
  signatureSeed: 32,
  signature: 4627,
  sharedSecret: 32,
  keySeed: 64,
  encapsulationCoins: 32,
  hedgedRandomness: 64,
  initialVector: 12,
  authenticationTag: 16,
  hash: 48,
  sessionKey: 48,
  preSharedSecretMinimum: 32,
  preSharedSecretMaximum: 128,
} as const;

/** Labels of the exporter that no application may use. */
export const exportLabels = { sessionIdentifier: 'pquake session identifier' } as const;

/** Object identifiers of the mandatory suite (section 4.4). */
export const objectIdentifiers = {
  /** FIPS 203, RFC 9935 */
  mlKem1024: '2.16.840.1.101.3.4.4.3',
  /** FIPS 204, RFC 9881 */
  mlDsa87: '2.16.840.1.101.3.4.3.19',
} as const;
