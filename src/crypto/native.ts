import { sizes } from '../generated/constants.ts';
import type { Ciphertext, EncapsulationKey, SharedSecret } from '../generated/kinds.ts';
import { mandatorySuite, type SignatureAlgorithm, type SuiteAlgorithms } from '../generated/suites.ts';
import { type Bytes, release, requireOctets } from '../octets.ts';
import { requireAead, requireRandom } from './arguments.ts';
import { hkdfExpand } from './hkdf.ts';
import { kemPrefixes, prefixed, signaturePrefixes } from './keyForms.ts';
import { nobleSuite } from './nobleSuites.ts';
import { joinedSecrets, keptSecret, moved, secretCopy, secretOctets, wipe } from './secret.ts';
import type { KemKey, Suite, VerificationKey } from './suite.ts';

type NodeCrypto = typeof import('node:crypto');
type KeyObject = import('node:crypto').KeyObject;

/** A Buffer as the plain octets that it is: what reads them then meets one type, and slices without Buffer's detours. */
const plain = (buffer: Buffer): Bytes => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);

/**
 * Secret octets that the platform made. It makes them in a buffer of their own, which is then the caller's to wipe; what stands in a shared one is moved
 * out of it.
 */
const owned = (buffer: Buffer): Bytes =>
  buffer.byteLength === buffer.buffer.byteLength ? plain(buffer) : moved(buffer);

const rawPublic = { format: 'raw-public' } as const;

/** Whether this Node takes and gives public keys as they are (>= 24.15 and >= 26). Others take DER: about the time of an encapsulation more. */
function takesRawKeys(crypto: NodeCrypto, { platform, encapsulationKey }: SuiteAlgorithms['kem']): boolean {
  try {
    const key = new Uint8Array(encapsulationKey) as Buffer; // zeros are a key that passes the modulus check
    crypto.createPublicKey({ ...rawPublic, key, asymmetricKeyType: platform as 'ml-kem-1024' });
    return true;
  } catch {
    return false;
  }
}

/**
 * A suite on the platform's own cryptography, by default the mandatory one. The module is passed in (`node:crypto` of Node >= 24.7 with OpenSSL 3.5),
 * so that nothing here imports from Node. Encapsulation with given coins runs on noble, as the platform takes none.
 */
export function native(crypto: NodeCrypto, algorithms: SuiteAlgorithms = mandatorySuite): Suite {
  const { kem } = algorithms;
  const [first] = algorithms.signatures;
  const noble = nobleSuite(algorithms);
  const prefix = kemPrefixes(kem, sizes.keySeed);

  const takesRaw = takesRawKeys(crypto, kem);

  const publicKey = (platform: string, head: Bytes, key: Bytes): KeyObject =>
    takesRaw
      ? crypto.createPublicKey({ ...rawPublic, key: key as Buffer, asymmetricKeyType: platform as 'ml-kem-1024' })
      : crypto.createPublicKey({ key: prefixed(head, key) as Buffer, format: 'der', type: 'spki' });

  const octetsOf = (head: Bytes, key: KeyObject): Bytes =>
    takesRaw
      ? plain(key.export(rawPublic))
      : new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(head.length));

  function privateKey(head: Bytes, secret: Bytes): KeyObject {
    const der = prefixed(head, secret);
    const key = crypto.createPrivateKey({ key: der as Buffer, format: 'der', type: 'pkcs8' });
    wipe(der);
    return key;
  }

  const randomOctets = (length: number): Bytes => crypto.randomFillSync(secretOctets(requireRandom(length)));

  // The types name the algorithms one by one, and suites are data.
  const generateKeyPair = (algorithm: string): { publicKey: KeyObject; privateKey: KeyObject } =>
    crypto.generateKeyPairSync(algorithm as 'ml-kem-1024');

  function kemKey(handle: KeyObject, encapsulationKey: Bytes): KemKey {
    // The platform frees and clears the key with its handle.
    let key: KeyObject | undefined = handle;
    const kept = keptSecret();
    function decapsulate(ciphertext: Bytes): SharedSecret<Bytes> {
      if (key === undefined) throw new TypeError('the decapsulation key was wiped');
      requireOctets(`${kem.name} ciphertext`, ciphertext, kem.ciphertext);
      return owned(crypto.decapsulate(key, ciphertext)) as SharedSecret<Bytes>;
    }
    return {
      encapsulationKey: encapsulationKey as EncapsulationKey<Bytes>,
      decapsulate,
      decapsulateKept: (ciphertext) => kept.get(() => decapsulate(ciphertext)) as SharedSecret<Bytes>,
      wipe: () => {
        kept.wipe();
        key = undefined;
      },
      share: () => {
        if (key === undefined) throw new TypeError('the decapsulation key was wiped');
        return { handle: key };
      },
    };
  }

  const encapsulationKeyOf = (key: KeyObject): Bytes => octetsOf(prefix.publicKey, crypto.createPublicKey(key));

  function generateKemKey(seed?: Bytes): KemKey {
    if (seed === undefined) {
      const pair = generateKeyPair(kem.platform);
      return kemKey(pair.privateKey, octetsOf(prefix.publicKey, pair.publicKey));
    }
    const key = privateKey(prefix.seed, requireOctets(`${kem.name} seed`, seed, sizes.keySeed));
    return kemKey(key, encapsulationKeyOf(key));
  }

  function importExpandedKemKey(expanded: Bytes): KemKey | undefined {
    requireOctets(`${kem.name} expanded key`, expanded, kem.decapsulationKey);
    try {
      const key = privateKey(prefix.expanded, expanded); // OpenSSL makes the check of FIPS 203, 7.3, as it decodes
      return kemKey(key, encapsulationKeyOf(key));
    } catch {
      return undefined;
    }
  }

  function encapsulate(encapsulationKey: Bytes, coins?: Bytes): ReturnType<Suite['encapsulate']> {
    if (coins !== undefined) return noble.encapsulate(encapsulationKey, coins);
    if (encapsulationKey.length !== kem.encapsulationKey) return undefined;
    let key: KeyObject;
    try {
      key = publicKey(kem.platform, prefix.publicKey, encapsulationKey);
    } catch {
      return undefined; // OpenSSL refuses to decode a key that fails the modulus check
    }
    const { ciphertext, sharedKey } = crypto.encapsulate(key);
    return {
      ciphertext: plain(ciphertext) as Ciphertext<Bytes>,
      sharedSecret: owned(sharedKey) as SharedSecret<Bytes>,
    };
  }

  function verificationKey(octets: Bytes, algorithm: SignatureAlgorithm = first): VerificationKey {
    requireOctets(`${algorithm.name} public key`, octets, algorithm.publicKey);
    const key = publicKey(algorithm.platform, signaturePrefixes(algorithm).publicKey, octets);
    return {
      algorithm,
      octets: Uint8Array.from(octets),
      verify: (message, signature) =>
        signature.length === algorithm.signature && crypto.verify(null, message, key, signature),
    };
  }

  const signatureKey = (seed: Bytes, algorithm: SignatureAlgorithm): KeyObject =>
    privateKey(signaturePrefixes(algorithm).secret, requireOctets(`${algorithm.name} seed`, seed, algorithm.seed));

  function generateSignatureSeed(algorithm: SignatureAlgorithm = first): Bytes {
    if (algorithm.seed !== algorithm.privateKey) return randomOctets(algorithm.seed);
    const der = generateKeyPair(algorithm.platform).privateKey.export({ format: 'der', type: 'pkcs8' });
    const seed = secretCopy(der, der.length - algorithm.seed);
    wipe(der);
    return seed;
  }

  function mac(key: Bytes, ...message: readonly Bytes[]): Bytes {
    const state = crypto.createHmac('sha384', key);
    for (const part of message) state.update(part);
    return owned(state.digest());
  }

  function seal(key: Bytes, iv: Bytes, associatedData: Bytes, plaintext: Bytes): Bytes {
    requireAead(key, iv);
    const cipher = crypto.createCipheriv('aes-256-gcm', key, iv).setAAD(associatedData);
    const sealed = new Uint8Array(plaintext.length + sizes.authenticationTag);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  }

  function sealInPlace(key: Bytes, iv: Bytes, whole: Bytes, start: number): void {
    requireAead(key, iv);
    const end = whole.length - sizes.authenticationTag;
    const cipher = crypto.createCipheriv('aes-256-gcm', key, iv).setAAD(whole.subarray(0, start));
    const sealed = cipher.update(whole.subarray(start, end));
    whole.set(sealed, start);
    release(sealed);
    cipher.final();
    whole.set(cipher.getAuthTag(), end);
  }

  function open(key: Bytes, iv: Bytes, associatedData: Bytes, sealed: Bytes): Bytes | undefined {
    requireAead(key, iv);
    if (sealed.length < sizes.authenticationTag) return undefined;
    const end = sealed.length - sizes.authenticationTag;
    const decipher = crypto.createDecipheriv('aes-256-gcm', key, iv, { authTagLength: sizes.authenticationTag });
    const plaintext = decipher.setAAD(associatedData).setAuthTag(sealed.subarray(end)).update(sealed.subarray(0, end));
    try {
      decipher.final();
      return plain(plaintext);
    } catch {
      wipe(plaintext);
      return undefined;
    }
  }

  return {
    name: 'native',
    algorithms,
    generateKemKey,
    takesCoins: false,
    importExpandedKemKey,
    adoptKemKey: (shared, encapsulationKey) =>
      'handle' in shared ? kemKey(shared.handle as KeyObject, encapsulationKey) : undefined,
    encapsulate,
    generateSignatureSeed,
    signaturePublicKey: (seed, algorithm = first) =>
      octetsOf(signaturePrefixes(algorithm).publicKey, crypto.createPublicKey(signatureKey(seed, algorithm))),
    sign: (seed, message, algorithm = first) => plain(crypto.sign(null, message, signatureKey(seed, algorithm))),
    verificationKey,
    hash: (...parts) => {
      // A `Hash` keeps what it was given until it is collected, and costs more than joined octets; one call keeps nothing. What is hashed may be a secret.
      if (parts.length === 1 && parts[0] !== undefined) return plain(crypto.hash('sha384', parts[0], 'buffer'));
      const whole = joinedSecrets(parts);
      const digest = crypto.hash('sha384', whole, 'buffer');
      wipe(whole);
      return plain(digest);
    },
    mac: (key, message) => mac(key, message),
    extract: (salt, ikm) => mac(salt, ikm),
    expand: (prk, info, length) => hkdfExpand(mac, prk, info, length),
    seal,
    sealInPlace,
    open,
    equal: (left, right) => left.length === right.length && crypto.timingSafeEqual(left, right),
    randomOctets,
  };
}
