// Signatures that verified before. Whether one verifies depends on the octets of the certificate and on the keys of the authorities, and
// on nothing else: not on the time, not on revocation lists, not on names. These are judged anew each time.
import { latin1 } from '../der/der.ts';
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import type { AuthorityCertificate } from './authority.ts';
import type { Authority } from './trustStore.ts';

type Signers = ReadonlySet<AuthorityCertificate>;

/** For each trust store, by its authorities: who signed a certificate, by the digest of the certificate; the last one used comes last. */
const memories = new WeakMap<readonly Authority[], Map<string, Signers>>();

/**
 * Returns the authorities that signed a certificate, from memory or by `find`. Only certificates that somebody signed are remembered, at
 * most `limits.knownCertificates` for a trust store, so that strangers cannot fill the memory. A store that is read again is another store.
 * @param digest - collision-resistant, of the whole certificate
 */
export function rememberedSigners(authorities: readonly Authority[], digest: Bytes, find: () => Signers): Signers {
  const memory = memories.get(authorities) ?? new Map<string, Signers>();
  memories.set(authorities, memory);
  const key = latin1(digest);
  const signers = memory.get(key) ?? find();
  if (signers.size === 0) return signers;
  memory.delete(key);
  memory.set(key, signers);
  const [oldest] = memory.keys();
  if (memory.size > limits.knownCertificates && oldest !== undefined) memory.delete(oldest);
  return signers;
}
