// ECDSA and Ed25519 on node:crypto: for the way to post-quantum signatures.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { match } from 'ts-pattern';
import { moved, wipe } from '../../crypto/secret.ts';
import { type Bytes, same } from '../../octets.ts';

/** An algorithm that a quantum computer breaks. */
export type ClassicalName = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'ed25519';

/** The hash of a scheme; Ed25519 has its own inside. */
const hashes = { 'ecdsa-p256': 'sha256', 'ecdsa-p384': 'sha384', 'ecdsa-p521': 'sha512', ed25519: null } as const;

/** What verifies signatures of a key; `undefined` when the platform refuses the key, as a point beside its curve. */
export function classicalVerifier(
  name: ClassicalName,
  spki: Bytes,
): ((message: Bytes, signature: Bytes) => boolean) | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return (message, signature) => verify(hashes[name], message, key, signature);
  } catch {
    return undefined;
  }
}

/** A private key on the platform. */
export interface ClassicalKey {
  readonly spki: Bytes;
  readonly sign: (message: Bytes) => Bytes;
  readonly wipe: () => void;
}

const spkiOf = (key: KeyObject): Bytes => new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));

/** The key of PKCS#8; `undefined` when the platform refuses it, or when its parts do not belong to one key. */
export function classicalKey(name: ClassicalName, pkcs8: Bytes): ClassicalKey | undefined {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey({ key: pkcs8 as Buffer, format: 'der', type: 'pkcs8' });
    const spki = spkiOf(key);
    // A file may state another public key than that of the private one; the platform does not look.
    const probe = new TextEncoder().encode('pquake');
    if (!classicalVerifier(name, spki)?.(probe, sign(hashes[name], probe, key))) return undefined;
    return {
      spki,
      sign: (message) => {
        if (key === undefined) throw new TypeError('the private key was wiped');
        return new Uint8Array(sign(hashes[name], message, key));
      },
      wipe: () => {
        key = undefined;
      },
    };
  } catch {
    return undefined;
  }
}

/** A new key in PKCS#8; the caller wipes it. */
export function newClassicalKey(name: ClassicalName): Bytes {
  const { privateKey } = match(name)
    .with('ecdsa-p256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
    .with('ecdsa-p384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }))
    .with('ecdsa-p521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' }))
    .with('ed25519', () => generateKeyPairSync('ed25519'))
    .exhaustive();
  return moved(privateKey.export({ format: 'der', type: 'pkcs8' }));
}

/** PKCS#8 of an EC key in the form of SEC 1; `undefined` when the platform refuses it. The caller wipes it. */
export function fromSec1(der: Bytes): Bytes | undefined {
  try {
    const key = createPrivateKey({ key: der as Buffer, format: 'der', type: 'sec1' });
    const again = key.export({ format: 'der', type: 'sec1' });
    const isCanonical = same(again, der);
    wipe(again);
    return isCanonical ? moved(key.export({ format: 'der', type: 'pkcs8' })) : undefined;
  } catch {
    return undefined;
  }
}
