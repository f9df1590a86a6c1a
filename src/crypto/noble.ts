import { gcm } from '@noble/ciphers/aes.js';
import { equalBytes, randomBytes } from '@noble/ciphers/utils.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha384 } from '@noble/hashes/sha2.js';
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { sizes } from '../generated/constants.ts';
import type {
  Ciphertext,
  Confirmation,
  EncapsulationKey,
  SealedCertificate,
  SharedSecret,
} from '../generated/kinds.ts';
import { requireOctets, wipe } from './octets.ts';
import type { KemKey, Suite, VerificationKey } from './suite.ts';

type Bytes = Uint8Array;

function kemKey(secretKey: Bytes, publicKey: Bytes): KemKey {
  return {
    encapsulationKey: publicKey as EncapsulationKey<Bytes>,
    decapsulate: (ciphertext) => ml_kem1024.decapsulate(ciphertext, secretKey) as SharedSecret<Bytes>,
    wipe: () => wipe(secretKey),
  };
}

function generateKemKey(seed?: Bytes): KemKey {
  const coins = seed ?? randomBytes(sizes.keySeed);
  const { secretKey, publicKey } = ml_kem1024.keygen(requireOctets('ML-KEM-1024 seed', coins, sizes.keySeed));
  if (seed === undefined) wipe(coins);
  return kemKey(secretKey, publicKey);
}

/** FIPS 203, 7.3: the hash of the encapsulation key that `dk` holds must be the one that it states. noble checks it. */
function importExpandedKemKey(expanded: Bytes): KemKey | undefined {
  const secretKey = Uint8Array.from(requireOctets('ML-KEM-1024 expanded key', expanded, sizes.decapsulationKey));
  const key = kemKey(secretKey, ml_kem1024.getPublicKey(secretKey));
  try {
    wipe(key.decapsulate(new Uint8Array(ml_kem1024.lengths.cipherText ?? 0)));
    return key;
  } catch {
    key.wipe();
    return undefined;
  }
}

function encapsulate(encapsulationKey: Bytes, coins?: Bytes): ReturnType<Suite['encapsulate']> {
  try {
    const { cipherText, sharedSecret } = ml_kem1024.encapsulate(encapsulationKey, coins);
    return { ciphertext: cipherText as Ciphertext<Bytes>, sharedSecret: sharedSecret as SharedSecret<Bytes> };
  } catch (error) {
    // noble throws for a key of wrong length or modulus, and for coins of a wrong length, which are the caller's fault.
    if (coins !== undefined && coins.length !== sizes.encapsulationCoins) throw error;
    return undefined;
  }
}

function verificationKey(publicKey: Bytes): VerificationKey {
  const octets = Uint8Array.from(requireOctets('ML-DSA-87 public key', publicKey, sizes.signaturePublicKey));
  const verify = (message: Bytes, signature: Bytes): boolean =>
    signature.length === sizes.signature && ml_dsa87.verify(signature, message, octets);
  return { octets, verify };
}

function withSignatureKey<T>(seed: Bytes, use: (secretKey: Bytes, publicKey: Bytes) => T): T {
  const { secretKey, publicKey } = ml_dsa87.keygen(requireOctets('ML-DSA-87 seed', seed, sizes.signatureSeed));
  const result = use(secretKey, publicKey);
  wipe(secretKey);
  return result;
}

/** FIPS 203, algorithm 16: the expanded decapsulation key (3168) of a seed (64). */
export const expandedKemKey = (seed: Bytes): Bytes => ml_kem1024.keygen(seed).secretKey;

/** The expanded ML-DSA-87 private key (4896, FIPS 204, algorithm 24) of a seed (32), which no platform hands out. */
export const expandedSignatureKey = (seed: Bytes): Bytes =>
  withSignatureKey(seed, (secretKey) => Uint8Array.from(secretKey));

function open(key: Bytes, initialVector: Bytes, associatedData: Bytes, sealed: Bytes): Bytes | undefined {
  const cipher = gcm(key, initialVector, associatedData);
  try {
    return cipher.decrypt(sealed);
  } catch {
    return undefined;
  }
}

/** The suite in JavaScript, on the @noble libraries: Node >= 20.19 and browsers. */
export const noble: Suite = {
  name: 'noble',
  generateKemKey,
  importExpandedKemKey,
  encapsulate,
  signaturePublicKey: (seed) => withSignatureKey(seed, (_, publicKey) => publicKey),
  sign: (seed, message) => withSignatureKey(seed, (secretKey) => ml_dsa87.sign(message, secretKey)),
  verificationKey,
  hash: (...parts) => parts.reduce((hash, part) => hash.update(part), sha384.create()).digest(),
  mac: (key, message) => hmac(sha384, key, message) as Confirmation<Bytes>,
  extract: (salt, ikm) => extract(sha384, ikm, salt),
  expand: (prk, info, length) => expand(sha384, prk, info, length),
  seal: (key, iv, associatedData, plaintext) =>
    gcm(key, iv, associatedData).encrypt(plaintext) as SealedCertificate<Bytes>,
  open,
  equal: equalBytes,
  randomOctets: randomBytes,
};
