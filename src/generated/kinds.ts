// Generated from spec/ by `npm run generate`. Do not edit.

declare const kind: unique symbol;

/** An octet string `O` that is known to be of kind `K`: swapped arguments do not compile. */
export type Kind<O, K extends string> = O & { readonly [kind]: K };

/** ML-KEM encapsulation (public) key: 1568 octets (FIPS 203, table 3). */
export type EncapsulationKey<O> = Kind<O, 'EncapsulationKey'>;

/** ML-KEM ciphertext: 1568 octets (FIPS 203, table 3). */
export type Ciphertext<O> = Kind<O, 'Ciphertext'>;

/** ML-KEM shared secret key: 32 octets, secret (FIPS 203, table 3). */
export type SharedSecret<O> = Kind<O, 'SharedSecret'>;

/** Secret of the community of interest, of full entropy; the key of an HMAC, at most one block of its hash: at least 32 octets, secret (section 3.2.1). */
export type PreSharedSecret<O> = Kind<O, 'PreSharedSecret'>;

/** One X.509 v3 certificate in DER: at least 1 octet (section 4.4). */
export type Certificate<O> = Kind<O, 'Certificate'>;

/** AES-256-GCM initial vector: 12 octets (section 4.3). */
export type InitialVector<O> = Kind<O, 'InitialVector'>;

/** AES-256-GCM ciphertext of a certificate and its tag (16): at least 17 octets (section 4.3). */
export type SealedCertificate<O> = Kind<O, 'SealedCertificate'>;

/** AES-256-GCM key that hides the certificates: 32 octets, secret (section 3.2). */
export type HidingKey<O> = Kind<O, 'HidingKey'>;

/** SHA-384 over the messages of one direction: 48 octets (section 3.4). */
export type TranscriptHash<O> = Kind<O, 'TranscriptHash'>;

/** Input of the final key derivation: at least 192 octets, secret (section 3.1). */
export type KeyMaterial<O> = Kind<O, 'KeyMaterial'>;

/** HMAC-SHA-384 key: 48 octets, secret (section 3.4). */
export type ConfirmationKey<O> = Kind<O, 'ConfirmationKey'>;

/** Pseudorandom key for HKDF-Expand with SHA-384: 48 octets, secret (section 3.4). */
export type SessionKey<O> = Kind<O, 'SessionKey'>;

/** Both transcript hashes: 96 octets (section 3.5). */
export type ConfirmationInput<O> = Kind<O, 'ConfirmationInput'>;

/** HMAC-SHA-384 value: 48 octets (section 4.6). */
export type Confirmation<O> = Kind<O, 'Confirmation'>;

/** What the coins of one handshake are expanded from: 48 octets, secret (RFC 8937). */
export type HedgingKey<O> = Kind<O, 'HedgingKey'>;

/** `k_session`, or the root after an inner handshake: 48 octets, secret (spec/channel.md, section 1). */
export type ChannelRoot<O> = Kind<O, 'ChannelRoot'>;

/** Secret of one direction: 48 octets, secret (spec/channel.md, section 1). */
export type ChannelSecret<O> = Kind<O, 'ChannelSecret'>;

/** Salt of the next root: 48 octets, secret (spec/channel.md, section 1). */
export type ChannelChain<O> = Kind<O, 'ChannelChain'>;

/** What applications export from: 48 octets, secret (spec/channel.md, section 1). */
export type ChannelExporter<O> = Kind<O, 'ChannelExporter'>;

/** Commitment of a direction to its root: 32 octets (spec/channel.md, section 1). */
export type Commitment<O> = Kind<O, 'Commitment'>;

/** AES-256-GCM key of records: 32 octets, secret (spec/channel.md, section 1). */
export type RecordKey<O> = Kind<O, 'RecordKey'>;

/** What nonces of records are made of: 12 octets, secret (spec/channel.md, section 1). */
export type RecordIv<O> = Kind<O, 'RecordIv'>;
