// Generated from spec/ by `npm run generate`. Do not edit.

/** A KEM: sizes in octets; `platform` is its name in OpenSSL. */
export interface KemAlgorithm {
  readonly name: string;
  readonly oid: string;
  readonly platform: string;
  readonly encapsulationKey: number;
  readonly decapsulationKey: number;
  readonly ciphertext: number;
}

/** A signature scheme of certificates: sizes in octets; `privateKey` is the expanded form in PKCS#8. */
export interface SignatureAlgorithm {
  readonly name: string;
  readonly oid: string;
  readonly platform: string;
  readonly publicKey: number;
  readonly signature: number;
  readonly seed: number;
  readonly privateKey: number;
}

/** The algorithms that a suite may choose; the others are the same in all (section 1.2). */
export interface SuiteAlgorithms {
  readonly name: SuiteId;
  readonly kem: KemAlgorithm;
  /** Of certificates; the first is that with which this project issues. */
  readonly signatures: readonly [SignatureAlgorithm, ...SignatureAlgorithm[]];
  /** `optional`: refused unless local policy allows it; `deprecated`: with a warning; `broken`: never. */
  readonly status: 'mandatory' | 'optional' | 'deprecated' | 'broken';
}

/** The name of a suite of spec/pquake.yaml. */
export type SuiteId = 'mlkem1024-mldsa87' | 'mlkem1024-slhdsa256s' | 'mlkem768-mldsa65';

/** The KEMs that suites choose from. */
export const kemTable = {
  /** FIPS 203, RFC 9935 */
  'ML-KEM-1024': {
    name: 'ML-KEM-1024',
    oid: '2.16.840.1.101.3.4.4.3',
    platform: 'ml-kem-1024',
    encapsulationKey: 1568,
    decapsulationKey: 3168,
    ciphertext: 1568,
  },
  /** FIPS 203, RFC 9935 */
  'ML-KEM-768': {
    name: 'ML-KEM-768',
    oid: '2.16.840.1.101.3.4.4.2',
    platform: 'ml-kem-768',
    encapsulationKey: 1184,
    decapsulationKey: 2400,
    ciphertext: 1088,
  },
} as const satisfies Record<string, KemAlgorithm>;

/** The signature schemes that suites choose from. */
export const signatureTable = {
  /** FIPS 204, RFC 9881 */
  'ML-DSA-87': {
    name: 'ML-DSA-87',
    oid: '2.16.840.1.101.3.4.3.19',
    platform: 'ml-dsa-87',
    publicKey: 2592,
    signature: 4627,
    seed: 32,
    privateKey: 4896,
  },
  /** FIPS 204, RFC 9881 */
  'ML-DSA-65': {
    name: 'ML-DSA-65',
    oid: '2.16.840.1.101.3.4.3.18',
    platform: 'ml-dsa-65',
    publicKey: 1952,
    signature: 3309,
    seed: 32,
    privateKey: 4032,
  },
  /** FIPS 205, RFC 9909 */
  'SLH-DSA-SHA2-256s': {
    name: 'SLH-DSA-SHA2-256s',
    oid: '2.16.840.1.101.3.4.3.24',
    platform: 'slh-dsa-sha2-256s',
    publicKey: 64,
    signature: 29792,
    seed: 128,
    privateKey: 128,
  },
} as const satisfies Record<string, SignatureAlgorithm>;

/** Every suite. */
export const suiteTable: Readonly<Record<SuiteId, SuiteAlgorithms>> = {
  'mlkem1024-mldsa87': {
    name: 'mlkem1024-mldsa87',
    kem: kemTable['ML-KEM-1024'],
    signatures: [signatureTable['ML-DSA-87']],
    status: 'mandatory',
  },
  'mlkem1024-slhdsa256s': {
    name: 'mlkem1024-slhdsa256s',
    kem: kemTable['ML-KEM-1024'],
    signatures: [signatureTable['SLH-DSA-SHA2-256s'], signatureTable['ML-DSA-87']],
    status: 'optional',
  },
  'mlkem768-mldsa65': {
    name: 'mlkem768-mldsa65',
    kem: kemTable['ML-KEM-768'],
    signatures: [signatureTable['ML-DSA-65']],
    status: 'optional',
  },
};

/** The suite that every implementation of version 1 has (section 1.2). */
export const mandatorySuite = suiteTable['mlkem1024-mldsa87'];
