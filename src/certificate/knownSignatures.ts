// Certificates whose signatures verified before. What stands in a certificate, whether its key is one, and who signed it depend on its octets, on
// the trust store and on the suite, and on nothing else: not on the time, not on revocation lists. These are judged anew each time.
import { latin1 } from '../der/der.ts';
import type { SuiteAlgorithms } from '../generated/suites.ts';
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import type { AuthorityCertificate } from './authority.ts';
import type { ParsedCertificate } from './parse.ts';
import type { TrustStore } from './trustStore.ts';

/** A certificate as it was read, with a valid key, and the authorities that signed it: at least one. */
export interface KnownCertificate {
  readonly certificate: ParsedCertificate;
  readonly signers: ReadonlySet<AuthorityCertificate>;
}

/** The certificates that are known to one trust store in one suite. */
export interface KnownCertificates {
  /** The known certificate of exactly these octets. */
  readonly find: (der: Bytes) => KnownCertificate | undefined;
  /** Remembers a certificate that somebody signed; at most `limits.knownCertificates`, the last ones used. */
  readonly add: (known: KnownCertificate) => void;
}

/** By the end of their octets, which is their signature: a place to look at. The last one used comes last. */
type Memory = Map<string, KnownCertificate>;

const memories = new WeakMap<TrustStore, WeakMap<SuiteAlgorithms, Memory>>();

function memoryOf(store: TrustStore, algorithms: SuiteAlgorithms): Memory {
  const ofStore = memories.get(store) ?? new WeakMap<SuiteAlgorithms, Memory>();
  memories.set(store, ofStore);
  const memory = ofStore.get(algorithms) ?? new Map<string, KnownCertificate>();
  ofStore.set(algorithms, memory);
  return memory;
}

const placeOctets = 64;

const placeOf = (der: Bytes): string => latin1(der.subarray(-placeOctets));

/**
 * The certificates that are known to a trust store in a suite. Only what somebody signed is remembered, so that strangers cannot fill the memory. A
 * store that is read again is another store.
 * @param equal - compares octets, all of them: also with what an application has made of those that it was shown
 */
export function knownCertificates(
  store: TrustStore,
  algorithms: SuiteAlgorithms,
  equal: (one: Bytes, other: Bytes) => boolean,
): KnownCertificates {
  const memory = memoryOf(store, algorithms);

  function add(known: KnownCertificate): void {
    const place = placeOf(known.certificate.octets);
    memory.delete(place);
    memory.set(place, known);
    const [oldest] = memory.keys();
    if (memory.size > limits.knownCertificates && oldest !== undefined) memory.delete(oldest);
  }

  function find(der: Bytes): KnownCertificate | undefined {
    const known = memory.get(placeOf(der));
    if (known === undefined || !equal(known.certificate.octets, der)) return undefined;
    add(known);
    return known;
  }

  return { find, add };
}
