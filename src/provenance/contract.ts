// What the parts of this room tell each other: keys, envelopes, statements, files, and who signed.
import type { JsonObject } from '../json/readJson.ts';
import type { Bytes } from '../octets.ts';

export type { Assurance } from '../assurance.ts';

/** A signature scheme, in the word of `--algorithm`. ECDSA hashes with SHA-256 on P-256, SHA-384 on P-384 and SHA-512 on P-521; its signatures are DER. */
export type AlgorithmName =
  | 'ml-dsa-87'
  | 'ml-dsa-65'
  | 'slh-dsa-sha2-128s'
  | 'slh-dsa-sha2-192s'
  | 'slh-dsa-sha2-256s'
  | 'ecdsa-p256'
  | 'ecdsa-p384'
  | 'ecdsa-p521'
  | 'ed25519'
  /** Experimental: LAMPS composite ML-DSA, until its RFC is out. */
  | 'mldsa87-ecdsa-p384-sha512';

/** A public key. */
export interface VerifyingKey {
  readonly algorithm: AlgorithmName;
  /** SubjectPublicKeyInfo (RFC 5280), DER. */
  readonly spki: Bytes;
  /** SHA-256 of the PEM text of `spki`, hexadecimal: the `hint` of a bundle, and how policies name a key. */
  readonly identifier: string;
  /** Verifies with the empty context and without a hash before (FIPS 204, FIPS 205). A signature of another length does not verify. */
  readonly verify: (message: Bytes, signature: Bytes) => boolean;
}

/** A private key as a capability: it may stand in a device. */
export interface SigningKey {
  readonly publicKey: VerifyingKey;
  readonly sign: (message: Bytes) => Bytes;
  /** Forgets the key; it cannot be used afterwards. */
  readonly wipe: () => void;
}

/** Names a key, or a chain of X.509 with the leaf first, without making it trusted. */
export type KeyReference =
  | { readonly by: 'key'; readonly hint: string }
  | { readonly by: 'certificate'; readonly chain: readonly Bytes[] };

/** A DSSE envelope with one signature, and what its bundle says of the key. Nothing of it is trusted. */
export interface SignedEnvelope {
  readonly payloadType: string;
  readonly payload: Bytes;
  readonly signature: Bytes;
  readonly reference: KeyReference;
  /** RFC 3161 tokens over the signature, DER; not judged. */
  readonly timestamps?: readonly Bytes[];
}

/** Who made a signature that was verified. */
export interface Signer {
  readonly algorithm: AlgorithmName;
  /** The `identifier` of the key. */
  readonly key: string;
  /** For people: the subject or first name of the certificate, or `key ` and the identifier. */
  readonly name: string;
  /** Absent for a bare key. */
  readonly certificate?: {
    /** In the words of `--expect`: `CN=...`, `URI:...`, `DNS:...`. Every one that a path vouches for. */
    readonly names: readonly string[];
    /** Of the trust anchors of these paths: `CN=...`. */
    readonly authorities: readonly string[];
    /** SHA-256 of the DER of the leaf, hexadecimal. */
    readonly digest: string;
    readonly serialNumber: string;
    readonly notBefore: Date;
    readonly notAfter: Date;
  };
}

/** A payload whose signature was verified, with who made it. */
export interface VerifiedEnvelope {
  readonly payloadType: string;
  readonly payload: Bytes;
  readonly signer: Signer;
}

/** What a statement is about (in-toto Statement v1). */
export interface Subject {
  readonly name: string;
  /** Hexadecimal digests by algorithm; `sha256` is there. */
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: JsonObject;
}

/** An in-toto Statement v1. */
export interface Statement {
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: JsonObject;
}

/** One file of a model. */
export interface FileDigest {
  /** Relative to the model, `/` between components, Unicode as on disk. For a model that is one file: its name. */
  readonly name: string;
  /** SHA-256, hexadecimal in small letters. */
  readonly digest: string;
}

/** A model as it lies on disk. */
export interface ModelDigests {
  /** The last component of its path. */
  readonly name: string;
  /** Sorted by name, by code points. */
  readonly files: readonly FileDigest[];
  readonly octets: number;
}

/** Why something is refused: a stable code of `codes.ts`, and what says more. */
export interface ProvenanceRefusal<Code extends string = string> {
  readonly ok: false;
  readonly code: Code;
  /** For people: what, where, what was expected. Holds no secrets. */
  readonly detail?: string;
  /** The file or field in question. */
  readonly path?: string;
}

/** What was let through, or why it was not. */
export type Judged<T, Code extends string = string> =
  | { readonly ok: true; readonly value: T }
  | ProvenanceRefusal<Code>;
