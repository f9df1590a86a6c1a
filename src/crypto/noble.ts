import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha384 } from '@noble/hashes/sha2.js';
import { Keccak } from '@noble/hashes/sha3.js';
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import type { slh_dsa_sha2_256s } from '@noble/post-quantum/slh-dsa.js';
import { sizes } from '../generated/constants.ts';
import type { Ciphertext, EncapsulationKey, SharedSecret } from '../generated/kinds.ts';
import {
  type KemAlgorithm,
  mandatorySuite,
  type SignatureAlgorithm,
  type SuiteAlgorithms,
} from '../generated/suites.ts';
import { type Bytes, equalInConstantTime, requireOctets } from '../octets.ts';
import { requireAead, requireRandom } from './arguments.ts';
import { hkdfExpand } from './hkdf.ts';
import { keptSecret, moved, secretCopy, secretOctets, wipe } from './secret.ts';
import type { KemKey, Suite } from './suite.ts';

const mostAtOnce = 65_536; // octets that `getRandomValues` gives in one call

/** Octets of the generator of the platform. noble's own function has the same source, and no place of the caller's to draw into. */
function randomOctets(length: number): Bytes {
  const octets = secretOctets(requireRandom(length));
  for (let at = 0; at < length; at += mostAtOnce)
    globalThis.crypto.getRandomValues(octets.subarray(at, at + mostAtOnce));
  return octets;
}

// The shared secret of ML-KEM is what SHA-3 answers, 64 octets, and noble takes a view of it: V8 then leaves it behind on its heap,
// where nobody can wipe it. The same function, into an array for secrets. A prototype that cannot be changed stays as it is.
Reflect.defineProperty(Keccak.prototype, 'digest', {
  configurable: true,
  writable: true,
  value: function digest(this: Keccak): Bytes {
    const digest = secretOctets(this.outputLen);
    this.digestInto(digest);
    return digest;
  },
});

/** What noble has for the algorithms of a suite. Those of the mandatory one stand here; others would make each bundle for browsers larger. */
export interface Implementations {
  readonly kem: typeof ml_kem1024;
  /** By name. */
  readonly signatures: Readonly<Record<string, SignatureScheme>>;
}

type SignatureScheme = typeof ml_dsa87 | typeof slh_dsa_sha2_256s;

/** The KEM operations of a suite. */
function kemOperations(
  algorithm: KemAlgorithm,
  kem: Implementations['kem'],
): Pick<Suite, 'generateKemKey' | 'takesCoins' | 'importExpandedKemKey' | 'adoptKemKey' | 'encapsulate'> {
  function kemKey(secretKey: Bytes, publicKey: Bytes): KemKey {
    let wiped = false;
    const kept = keptSecret();
    function decapsulate(ciphertext: Bytes): SharedSecret<Bytes> {
      if (wiped) throw new TypeError('the decapsulation key was wiped');
      requireOctets(`${algorithm.name} ciphertext`, ciphertext, algorithm.ciphertext);
      return moved(kem.decapsulate(ciphertext, secretKey)) as SharedSecret<Bytes>;
    }
    return {
      encapsulationKey: publicKey as EncapsulationKey<Bytes>,
      decapsulate,
      decapsulateKept: (ciphertext) => kept.get(() => decapsulate(ciphertext)) as SharedSecret<Bytes>,
      wipe: () => {
        wiped = true;
        kept.wipe();
        wipe(secretKey);
      },
      share: () => {
        if (wiped) throw new TypeError('the decapsulation key was wiped');
        return { octets: secretCopy(secretKey) };
      },
    };
  }

  const adoptKemKey: Suite['adoptKemKey'] = (shared, encapsulationKey) =>
    'octets' in shared ? kemKey(shared.octets, encapsulationKey) : undefined;

  function generateKemKey(seed?: Bytes): KemKey {
    const coins = seed ?? randomOctets(sizes.keySeed);
    const { secretKey, publicKey } = kem.keygen(requireOctets(`${algorithm.name} seed`, coins, sizes.keySeed));
    if (seed === undefined) wipe(coins);
    return kemKey(secretKey, publicKey);
  }

  // FIPS 203, 7.3: the hash of the encapsulation key that `dk` holds must be the one that it states. noble checks it.
  function importExpandedKemKey(expanded: Bytes): KemKey | undefined {
    const octets = requireOctets(`${algorithm.name} expanded key`, expanded, algorithm.decapsulationKey);
    const secretKey = secretCopy(octets);
    const key = kemKey(secretKey, kem.getPublicKey(secretKey));
    try {
      wipe(key.decapsulate(new Uint8Array(algorithm.ciphertext)));
      return key;
    } catch {
      key.wipe();
      return undefined;
    }
  }

  function encapsulate(encapsulationKey: Bytes, coins?: Bytes): ReturnType<Suite['encapsulate']> {
    if (coins !== undefined) requireOctets(`${algorithm.name} coins`, coins, sizes.encapsulationCoins);
    const drawn = coins ?? randomOctets(sizes.encapsulationCoins);
    try {
      const { cipherText, sharedSecret } = kem.encapsulate(encapsulationKey, drawn);
      return { ciphertext: cipherText as Ciphertext<Bytes>, sharedSecret: moved(sharedSecret) as SharedSecret<Bytes> };
    } catch {
      return undefined; // noble throws for a key of wrong length or modulus
    } finally {
      if (coins === undefined) wipe(drawn);
    }
  }

  return { generateKemKey, takesCoins: true, importExpandedKemKey, adoptKemKey, encapsulate };
}

/** Gives a function the expanded key pair of a signing secret, and wipes it. */
export function withSignatureKey<T>(
  scheme: SignatureScheme,
  seed: Bytes,
  algorithm: SignatureAlgorithm,
  use: (secretKey: Bytes, publicKey: Bytes) => T,
): T {
  requireOctets(`${algorithm.name} seed`, seed, algorithm.seed);
  // An SLH-DSA certificate is signed by the private key itself, which ends with the public one (FIPS 205, figure 15).
  if (algorithm.seed === algorithm.privateKey) return use(seed, seed.slice(-algorithm.publicKey));
  const { secretKey, publicKey } = scheme.keygen(seed);
  const result = use(secretKey, publicKey);
  wipe(secretKey);
  return result;
}

/** The signature operations of a suite; `first` is the algorithm when none is told. */
function signatureOperations(
  first: SignatureAlgorithm,
  signatures: Implementations['signatures'],
): Pick<Suite, 'generateSignatureSeed' | 'signaturePublicKey' | 'sign' | 'verificationKey'> {
  function schemeOf({ name }: SignatureAlgorithm): SignatureScheme {
    const scheme = signatures[name];
    if (scheme === undefined)
      throw new RangeError(`noble: ${name} is not in this suite: nobleSuite makes one that has it`);
    return scheme;
  }

  return {
    generateSignatureSeed: (algorithm = first) =>
      algorithm.seed === algorithm.privateKey ? schemeOf(algorithm).keygen().secretKey : randomOctets(algorithm.seed),
    signaturePublicKey: (seed, algorithm = first) =>
      withSignatureKey(schemeOf(algorithm), seed, algorithm, (_, publicKey) => publicKey),
    sign(seed, message, algorithm = first) {
      const scheme = schemeOf(algorithm);
      return withSignatureKey(scheme, seed, algorithm, (secretKey) => scheme.sign(message, secretKey));
    },
    verificationKey: (publicKey, algorithm = first) => {
      const octets = Uint8Array.from(requireOctets(`${algorithm.name} public key`, publicKey, algorithm.publicKey));
      const scheme = schemeOf(algorithm);
      const verify = (message: Bytes, signature: Bytes): boolean =>
        signature.length === algorithm.signature && scheme.verify(signature, message, octets);
      return { algorithm, octets, verify };
    },
  };
}

function open(key: Bytes, initialVector: Bytes, associatedData: Bytes, sealed: Bytes): Bytes | undefined {
  requireAead(key, initialVector);
  const cipher = gcm(key, initialVector, associatedData);
  try {
    return cipher.decrypt(sealed);
  } catch {
    return undefined;
  }
}

/** SHA-384 into an array for secrets: what noble itself would answer is short, and on the heap. */
function secretHash(octets: Bytes): Bytes {
  const value = secretOctets(sizes.hash);
  const state = sha384.create().update(octets);
  state.digestInto(value);
  state.destroy();
  return value;
}

/** HMAC-SHA-384 into an array for secrets. */
function mac(key: Bytes, ...message: readonly Bytes[]): Bytes {
  const value = secretOctets(sizes.hash);
  const hashed = key.length > sha384.blockLen ? secretHash(key) : undefined; // RFC 2104, section 2
  const state = hmac.create(sha384, hashed ?? key);
  if (hashed !== undefined) wipe(hashed);
  for (const part of message) state.update(part);
  state.digestInto(value);
  return value;
}

/** A suite in JavaScript, on the @noble libraries: Node >= 20.19 and browsers. */
export const nobleOf = (algorithms: SuiteAlgorithms, { kem, signatures }: Implementations): Suite => ({
  name: 'noble',
  algorithms,
  ...kemOperations(algorithms.kem, kem),
  ...signatureOperations(algorithms.signatures[0], signatures),
  hash: (...parts) => parts.reduce((hash, part) => hash.update(part), sha384.create()).digest(),
  mac: (key, message) => mac(key, message),
  extract: (salt, ikm) => mac(salt, ikm),
  expand: (prk, info, length) => hkdfExpand(mac, prk, info, length),
  seal: (key, iv, associatedData, plaintext) => {
    requireAead(key, iv);
    return gcm(key, iv, associatedData).encrypt(plaintext);
  },
  sealInPlace: (key, iv, whole, start) => {
    requireAead(key, iv);
    const plaintext = whole.subarray(start, whole.length - sizes.authenticationTag);
    whole.set(gcm(key, iv, whole.subarray(0, start)).encrypt(plaintext), start);
  },
  open,
  equal: equalInConstantTime,
  randomOctets,
});

/** The mandatory suite in JavaScript. */
export const noble: Suite = nobleOf(mandatorySuite, { kem: ml_kem1024, signatures: { 'ML-DSA-87': ml_dsa87 } });
