// ML-DSA-87 with a context (FIPS 204, algorithms 2 and 3), which composite signatures need. All other signatures have the empty one.
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import type { Bytes } from '../octets.ts';
import { wipe } from './secret.ts';

/** Signs, hedged: from a seed (32 octets) to a signature (4627). @param context - at most 255 octets */
export function signWithContext(seed: Bytes, message: Bytes, context: Bytes): Bytes {
  const { secretKey } = ml_dsa87.keygen(seed);
  const signature = ml_dsa87.sign(message, secretKey, { context });
  wipe(secretKey);
  return signature;
}

/** Whether a signature (4627 octets) is that of a key (2592 octets) over message and context. */
export const verifyWithContext = (publicKey: Bytes, message: Bytes, signature: Bytes, context: Bytes): boolean =>
  ml_dsa87.verify(signature, message, publicKey, { context });

/** The public key (2592 octets) of a seed (32). */
export function publicKeyOfSeed(seed: Bytes): Bytes {
  const { secretKey, publicKey } = ml_dsa87.keygen(seed);
  wipe(secretKey);
  return publicKey;
}
