// Every suite in JavaScript: the algorithms of noble, by name.
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { slh_dsa_sha2_128s, slh_dsa_sha2_192s, slh_dsa_sha2_256s } from '@noble/post-quantum/slh-dsa.js';
import {
  type KemAlgorithm,
  mandatorySuite,
  type SignatureAlgorithm,
  type SuiteAlgorithms,
} from '../generated/suites.ts';
import type { Bytes } from '../octets.ts';
import { type Implementations, nobleOf, withSignatureKey } from './noble.ts';
import { secretCopy } from './secret.ts';
import type { Suite } from './suite.ts';

const kems: Readonly<Record<string, Implementations['kem']>> = { 'ML-KEM-1024': ml_kem1024, 'ML-KEM-768': ml_kem768 };

const signatures: Implementations['signatures'] = {
  'ML-DSA-87': ml_dsa87,
  'ML-DSA-65': ml_dsa65,
  'ML-DSA-44': ml_dsa44,
  'SLH-DSA-SHA2-128s': slh_dsa_sha2_128s,
  'SLH-DSA-SHA2-192s': slh_dsa_sha2_192s,
  'SLH-DSA-SHA2-256s': slh_dsa_sha2_256s,
};

function known<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = table[name];
  if (found === undefined) throw new RangeError(`noble: ${name} is not there`);
  return found;
}

/** A suite in JavaScript with any algorithms that noble has; `noble` has those of the mandatory suite alone. */
export const nobleSuite = (algorithms: SuiteAlgorithms): Suite =>
  nobleOf(algorithms, { kem: known(kems, algorithms.kem.name), signatures });

/** The expanded private key (4896 for ML-DSA-87, FIPS 204, algorithm 24) of a seed, which no platform hands out. */
export const expandedSignatureKey = (
  seed: Bytes,
  algorithm: SignatureAlgorithm = mandatorySuite.signatures[0],
): Bytes => withSignatureKey(known(signatures, algorithm.name), seed, algorithm, (secretKey) => secretCopy(secretKey));

/** FIPS 203, algorithm 16: the expanded decapsulation key (3168 for ML-KEM-1024) of a seed (64). */
export const expandedKemKey = (seed: Bytes, algorithm: KemAlgorithm = mandatorySuite.kem): Bytes =>
  known(kems, algorithm.name).keygen(seed).secretKey;
