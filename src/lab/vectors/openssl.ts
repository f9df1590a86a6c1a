// Makes new outputs of OpenSSL where it takes no coins: key generation, encapsulation, hedged signatures. They cannot be made
// again, so they are kept in src/lab/vectors/openssl.json, which the generator of vectors confirms with both back ends and
// passes on. Run it only to have other ones: node src/lab/vectors/openssl.ts

import crypto from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { native } from '../../crypto/native.ts';
import { toHex } from '../../octets.ts';
import { coins } from './vectorOctets.ts';

const file = fileURLToPath(new URL('./openssl.json', import.meta.url));

interface Recorded {
  /** Version of OpenSSL. */
  readonly madeBy: string;
  readonly keys: readonly {
    readonly seed: string;
    readonly encapsulationKey: string;
    readonly ciphertext: string;
    readonly sharedSecret: string;
  }[];
  readonly signatures: readonly {
    readonly seed: string;
    readonly publicKey: string;
    readonly message: string;
    readonly signature: string;
  }[];
}

/** The outputs of OpenSSL. */
export const recorded = (): Recorded => JSON.parse(readFileSync(file, 'utf8')) as Recorded;

function keyPair() {
  const { privateKey } = crypto.generateKeyPairSync('ml-kem-1024');
  const seed = seedOf(privateKey.export({ format: 'der', type: 'pkcs8' }), 64);
  const { encapsulationKey } = suite.generateKemKey(seed);
  const encapsulated = suite.encapsulate(encapsulationKey);
  if (encapsulated === undefined) throw new Error('OpenSSL refuses its own key');
  const { ciphertext, sharedSecret } = encapsulated;
  return {
    seed: toHex(seed),
    encapsulationKey: toHex(encapsulationKey),
    ciphertext: toHex(ciphertext),
    sharedSecret: toHex(sharedSecret),
  };
}

/** The seed of a key in PKCS#8, which holds it alone ([0], RFC 9935 and RFC 9881) or before the expanded key. */
function seedOf(der: Buffer, octets: number): Uint8Array {
  for (const tag of [0x80, 0x04]) {
    const at = der.indexOf(Uint8Array.of(tag, octets));
    if (at >= 0 && at < 40) return new Uint8Array(der.subarray(at + 2, at + 2 + octets));
  }
  throw new Error('no seed in the key that OpenSSL made');
}

function signature(length: number) {
  const { privateKey } = crypto.generateKeyPairSync('ml-dsa-87');
  const seed = seedOf(privateKey.export({ format: 'der', type: 'pkcs8' }), 32);
  const message = coins('openssl', 'message', length);
  return {
    seed: toHex(seed),
    publicKey: toHex(suite.signaturePublicKey(seed)),
    message: toHex(message),
    signature: toHex(suite.sign(seed, message)),
  };
}

const suite = native(crypto);
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made: Recorded = {
    madeBy: `OpenSSL ${process.versions.openssl}`,
    keys: [keyPair(), keyPair()],
    signatures: [signature(0), signature(200)],
  };
  writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`);
}
