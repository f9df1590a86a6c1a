// Keys of every algorithm: post-quantum schemes on the back ends of src/crypto, the others on node:crypto.
import { ConfigurationError } from '../../configuration.ts';
import { wipe } from '../../crypto/secret.ts';
import type { Suite, SuiteName } from '../../crypto/suite.ts';
import { reasonOf } from '../../failure.ts';
import { decodeSignaturePrivateKey, encodeSignaturePrivateKey } from '../../keys/privateKey.ts';
import { chooseSuite } from '../../node/suite.ts';
import { type Bytes, same } from '../../octets.ts';
import type { AlgorithmName, Judged, ProvenanceRefusal, SigningKey, VerifyingKey } from '../contract.ts';
import {
  algorithmTable,
  isSuiteAlgorithm,
  mlDsa44Algorithm,
  type SuiteAlgorithmName,
  suiteAlgorithms,
} from '../signature/algorithms.ts';
import { refusal, type SignatureCode } from '../signature/codes.ts';
import { encodePublicKey, identifierOf, readPublicKey } from '../signature/publicKey.ts';
import { classicalKey, classicalVerifier, newClassicalKey } from './classical.ts';
import { compositeKey, compositeVerifier, newCompositeKey } from './composite.ts';
import { bareOf, type PrivateKeyInfo, readPrivateKeyInfo } from './privateKey.ts';

/** How keys are used. */
export interface SchemeOptions {
  /** The back end of the post-quantum schemes; by default the fastest of this Node. */
  readonly backend?: SuiteName | undefined;
  /** Whether experimental algorithms are permitted. */
  readonly experimental?: boolean | undefined;
}

const suiteOf = ({ backend }: SchemeOptions): Suite => chooseSuite(backend);

/** Refuses an experimental algorithm that is not permitted. */
const forbidden = (
  algorithm: AlgorithmName,
  { experimental = false }: SchemeOptions,
): ProvenanceRefusal<SignatureCode> | undefined =>
  experimental || !algorithmTable[algorithm].isExperimental
    ? undefined
    : refusal(
        'key-experimental-algorithm',
        `${algorithmTable[algorithm].title} is defined by a draft only (${algorithmTable[algorithm].source}); expected permission to use it`,
      );

function verifierOf(
  algorithm: AlgorithmName,
  spki: Bytes,
  key: Bytes,
  options: SchemeOptions,
): VerifyingKey['verify'] | undefined {
  if (isSuiteAlgorithm(algorithm)) return suiteOf(options).verificationKey(key, suiteAlgorithms[algorithm]).verify;
  return algorithm === 'mldsa87-ecdsa-p384-sha512' ? compositeVerifier(key) : classicalVerifier(algorithm, spki);
}

/**
 * The public key of a SubjectPublicKeyInfo (DER), in the one encoding of its algorithm. Never throws. Codes: `key-malformed`,
 * `key-unsupported-algorithm`, `key-experimental-algorithm`.
 */
export function verifyingKeyOf(spki: Bytes, options: SchemeOptions = {}): Judged<VerifyingKey, SignatureCode> {
  const read = readPublicKey(spki);
  if (!read.ok) return read;
  const { algorithm, key } = read.value;
  const refused = forbidden(algorithm, options);
  if (refused !== undefined) return refused;
  const verify = verifierOf(algorithm, spki, key, options);
  if (verify === undefined)
    return refusal(
      'key-malformed',
      `public key: expected a key of ${algorithmTable[algorithm].title}, found other octets`,
    );
  return { ok: true, value: { algorithm, spki: Uint8Array.from(spki), identifier: identifierOf(spki), verify } };
}

/** The private key, and what signs with it. */
interface Signing {
  readonly spki: Bytes;
  readonly sign: (message: Bytes) => Bytes;
  readonly wipe: () => void;
}

function suiteSigning(name: SuiteAlgorithmName, der: Bytes, options: SchemeOptions): Judged<Signing, SignatureCode> {
  const [suite, algorithm] = [suiteOf(options), suiteAlgorithms[name]];
  const seed = decodeSignaturePrivateKey(suite, der, algorithm);
  if (!seed.ok) return refusal(seed.code === 'key-inconsistent' ? 'key-inconsistent' : 'key-malformed', reasonOf(seed));
  let wiped = false;
  const value: Signing = {
    spki: encodePublicKey(algorithm, suite.signaturePublicKey(seed.value, algorithm)),
    sign: (message) => {
      if (wiped) throw new TypeError('the private key was wiped');
      return suite.sign(seed.value, message, algorithm);
    },
    wipe: () => {
      wiped = true;
      wipe(seed.value);
    },
  };
  return { ok: true, value };
}

function otherSigning(
  name: Exclude<AlgorithmName, SuiteAlgorithmName>,
  info: PrivateKeyInfo,
): Judged<Signing, SignatureCode> {
  const bare = bareOf(info);
  const key = name === 'mldsa87-ecdsa-p384-sha512' ? compositeKey(info.key) : classicalKey(name, bare);
  wipe(bare);
  if (key === undefined)
    return refusal(
      'key-malformed',
      `private key: expected a key of ${info.facts.title}, found other octets, or parts of several keys`,
    );
  const read = readPublicKey(key.spki);
  if (info.publicKey !== undefined && (!read.ok || !same(info.publicKey, read.value.key)))
    return refusal('key-inconsistent', 'private key: another public key beside it');
  return { ok: true, value: key };
}

/**
 * The private key of PKCS#8 (DER), of which it keeps what it needs: the caller wipes the octets. Never throws. Codes: those of
 * `verifyingKeyOf`, `key-inconsistent`. Reasons contain no secrets.
 */
export function signingKeyOf(pkcs8: Bytes, options: SchemeOptions = {}): Judged<SigningKey, SignatureCode> {
  const info = readPrivateKeyInfo(pkcs8);
  if (!info.ok) return info;
  const { name } = info.value.facts;
  const refused = forbidden(name, options);
  if (refused !== undefined) return refused;
  const signing = isSuiteAlgorithm(name) ? suiteSigning(name, pkcs8, options) : otherSigning(name, info.value);
  if (!signing.ok) return signing;
  const { spki, sign, wipe: forget } = signing.value;
  const publicKey = verifyingKeyOf(spki, options);
  if (!publicKey.ok) return publicKey;
  return { ok: true, value: { publicKey: publicKey.value, sign, wipe: forget } };
}

/** A new private key in PKCS#8; the caller wipes it. @throws ConfigurationError for an experimental algorithm that is not permitted */
export function newPrivateKey(algorithm: AlgorithmName, options: SchemeOptions = {}): Bytes {
  const refused = forbidden(algorithm, options);
  if (refused !== undefined) throw new ConfigurationError(refused.detail ?? refused.code);
  if (algorithm === 'mldsa87-ecdsa-p384-sha512') return newCompositeKey();
  if (!isSuiteAlgorithm(algorithm)) return newClassicalKey(algorithm);
  const scheme = suiteAlgorithms[algorithm];
  const seed = suiteOf(options).generateSignatureSeed(scheme);
  const pkcs8 = encodeSignaturePrivateKey(seed, scheme);
  wipe(seed);
  return pkcs8;
}

/** A new key in memory. @throws ConfigurationError for an experimental algorithm that is not permitted */
export function generateKey(algorithm: AlgorithmName, options: SchemeOptions = {}): SigningKey {
  const pkcs8 = newPrivateKey(algorithm, options);
  const key = signingKeyOf(pkcs8, options);
  wipe(pkcs8);
  if (!key.ok) throw new TypeError(`a new key of ${algorithm} is refused: ${key.detail}`);
  return key.value;
}

/** ML-DSA-44 on raw keys (FIPS 204), with the empty context: what transparency logs cosign with. Lengths are in octets. */
export interface MlDsa44 {
  /** A new seed: 32. */
  readonly generateSeed: () => Bytes;
  /** The public key of a seed: 1312. @throws RangeError for another length */
  readonly publicKey: (seed: Bytes) => Bytes;
  /** A signature: 2420. @throws RangeError for a seed of another length */
  readonly sign: (seed: Bytes, message: Bytes) => Bytes;
  /** Whether a signature is that of the key. A key or signature of another length does not verify. */
  readonly verify: (publicKey: Bytes, message: Bytes, signature: Bytes) => boolean;
}

/** ML-DSA-44 on a back end, by default the fastest of this Node. */
export function mlDsa44(backend?: SuiteName): MlDsa44 {
  const suite = chooseSuite(backend);
  return {
    generateSeed: () => suite.generateSignatureSeed(mlDsa44Algorithm),
    publicKey: (seed) => suite.signaturePublicKey(seed, mlDsa44Algorithm),
    sign: (seed, message) => suite.sign(seed, message, mlDsa44Algorithm),
    verify: (publicKey, message, signature) =>
      publicKey.length === mlDsa44Algorithm.publicKey &&
      suite.verificationKey(publicKey, mlDsa44Algorithm).verify(message, signature),
  };
}
