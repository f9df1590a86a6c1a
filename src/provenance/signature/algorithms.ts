// The signature algorithms, in one table: how their keys are encoded, how long they are, what they withstand.
import { type SignatureAlgorithm, signatureTable } from '../../generated/suites.ts';
import type { AlgorithmName } from '../contract.ts';

/** What is known of an algorithm. Lengths are in octets. */
export interface AlgorithmFacts {
  readonly name: AlgorithmName;
  /** For people: `ML-DSA-87`, `ECDSA P-256`... */
  readonly title: string;
  /** Object identifier of the public key, in dotted decimals. */
  readonly oid: string;
  /** Object identifier of the curve, the parameters of an EC key; absent where parameters must be absent. */
  readonly curve?: string;
  /** The key in the BIT STRING of a SubjectPublicKeyInfo; of an EC key the uncompressed point. */
  readonly publicKey: number;
  /** Of a signature: least and most. They are one number, save for ECDSA in DER. */
  readonly signature: readonly [least: number, most: number];
  readonly isPostQuantum: boolean;
  /** Security category of NIST, 1 to 5; absent where a quantum computer breaks the algorithm. */
  readonly category?: 1 | 3 | 5;
  /** Whether it is refused unless somebody permits it. */
  readonly isExperimental: boolean;
  /** Where it is defined. */
  readonly source: string;
}

const slhDsa = (parameters: string, arc: number, octets: number, signature: number): SignatureAlgorithm => ({
  name: `SLH-DSA-SHA2-${parameters}`,
  oid: `2.16.840.1.101.3.4.3.${arc}`,
  platform: `slh-dsa-sha2-${parameters}`,
  publicKey: 2 * octets,
  signature,
  seed: 4 * octets,
  privateKey: 4 * octets,
});

/** ML-DSA-44 (FIPS 204), which transparency logs use for cosignatures. It signs no models. */
export const mlDsa44Algorithm: SignatureAlgorithm = {
  name: 'ML-DSA-44',
  oid: '2.16.840.1.101.3.4.3.17',
  platform: 'ml-dsa-44',
  publicKey: 1312,
  signature: 2420,
  seed: 32,
  privateKey: 2560,
};

/** The schemes of FIPS 204 and FIPS 205, as back ends of `src/crypto` take them. */
export const suiteAlgorithms = {
  'ml-dsa-87': signatureTable['ML-DSA-87'],
  'ml-dsa-65': signatureTable['ML-DSA-65'],
  'slh-dsa-sha2-128s': slhDsa('128s', 20, 16, 7856),
  'slh-dsa-sha2-192s': slhDsa('192s', 22, 24, 16224),
  'slh-dsa-sha2-256s': signatureTable['SLH-DSA-SHA2-256s'],
} as const satisfies Partial<Record<AlgorithmName, SignatureAlgorithm>>;

/** The name of a scheme of FIPS 204 or FIPS 205. */
export type SuiteAlgorithmName = keyof typeof suiteAlgorithms;

const postQuantum = (name: SuiteAlgorithmName, category: 1 | 3 | 5, source: string): AlgorithmFacts => {
  const { name: title, oid, publicKey, signature } = suiteAlgorithms[name];
  return {
    name,
    title,
    oid,
    publicKey,
    signature: [signature, signature],
    isPostQuantum: true,
    category,
    isExperimental: false,
    source,
  };
};

type CurveName = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521';

/** Of ECDSA on a field of so many octets. `longest` is a signature in DER (RFC 3279, section 2.2.3) of two integers that are as long as they can be. */
const ecdsa = (name: CurveName, title: string, curve: string, field: number, longest: number): AlgorithmFacts => ({
  name,
  title,
  oid: '1.2.840.10045.2.1',
  curve,
  publicKey: 1 + 2 * field,
  signature: [8, longest],
  isPostQuantum: false,
  isExperimental: false,
  source: 'FIPS 186-5, RFC 5480',
});

/** Every algorithm, by name. */
export const algorithmTable: Readonly<Record<AlgorithmName, AlgorithmFacts>> = {
  'ml-dsa-87': postQuantum('ml-dsa-87', 5, 'FIPS 204, RFC 9881'),
  'ml-dsa-65': postQuantum('ml-dsa-65', 3, 'FIPS 204, RFC 9881'),
  'slh-dsa-sha2-128s': postQuantum('slh-dsa-sha2-128s', 1, 'FIPS 205, RFC 9909'),
  'slh-dsa-sha2-192s': postQuantum('slh-dsa-sha2-192s', 3, 'FIPS 205, RFC 9909'),
  'slh-dsa-sha2-256s': postQuantum('slh-dsa-sha2-256s', 5, 'FIPS 205, RFC 9909'),
  'ecdsa-p256': ecdsa('ecdsa-p256', 'ECDSA P-256', '1.2.840.10045.3.1.7', 32, 72),
  'ecdsa-p384': ecdsa('ecdsa-p384', 'ECDSA P-384', '1.3.132.0.34', 48, 104),
  'ecdsa-p521': ecdsa('ecdsa-p521', 'ECDSA P-521', '1.3.132.0.35', 66, 139),
  ed25519: {
    name: 'ed25519',
    title: 'Ed25519',
    oid: '1.3.101.112',
    publicKey: 32,
    signature: [64, 64],
    isPostQuantum: false,
    isExperimental: false,
    source: 'RFC 8032, RFC 8410',
  },
  'mldsa87-ecdsa-p384-sha512': {
    name: 'mldsa87-ecdsa-p384-sha512',
    title: 'MLDSA87-ECDSA-P384-SHA512',
    oid: '1.3.6.1.5.5.7.6.49',
    publicKey: 2592 + 97,
    signature: [4627 + 8, 4627 + 104],
    isPostQuantum: true,
    category: 5,
    isExperimental: true,
    source: 'draft-ietf-lamps-pq-composite-sigs-19',
  },
};

/** Every algorithm, in the order in which they are recommended. */
export const algorithmNames: readonly AlgorithmName[] = Object.values(algorithmTable).map(({ name }) => name);

/** Whether a word names an algorithm. */
export const isAlgorithmName = (word: string): word is AlgorithmName => Object.hasOwn(algorithmTable, word);

/** Whether an algorithm is one of FIPS 204 or FIPS 205. */
export const isSuiteAlgorithm = (name: AlgorithmName): name is SuiteAlgorithmName =>
  Object.hasOwn(suiteAlgorithms, name);
