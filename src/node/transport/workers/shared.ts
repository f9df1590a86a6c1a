// The options of a listener on their way to workers, and sessions on their way back.

import { parseCertificate } from '../../../certificate/parse.ts';
import { type Peer, peerOf } from '../../../certificate/peerNames.ts';
import { type Authority, certificatesOf, type TrustStore } from '../../../certificate/trustStore.ts';
import { asTrustStore } from '../../../certificate/validate.ts';
import { ConfigurationError } from '../../../configuration.ts';
import { secretCopy } from '../../../crypto/secret.ts';
import type { Suite } from '../../../crypto/suite.ts';
import { type Bytes, same } from '../../../octets.ts';
import type { Renewable } from '../tcpOptions.ts';
import { pathKey, type SharedOptions, type SharedSession, type SharedTrust } from './messages.ts';

/** The authorities of a store, each once, trust anchors first; and its lists. */
function sharedTrust(store: TrustStore): SharedTrust {
  const certificates: { octets: Bytes; lenient: SharedTrust['lenient']; isAnchor: boolean }[] = [];
  for (const wantAnchor of [true, false]) {
    for (const { certificate, under } of store.authorities) {
      if ((under === undefined) !== wantAnchor) continue;
      const { octets, leniencies } = certificate;
      if (certificates.some((one) => same(one.octets, octets))) continue;
      certificates.push({ octets, lenient: leniencies, isAnchor: wantAnchor });
    }
  }
  const lists = [...store.revocationLists.values()].flat(2);
  const revocationLists = [...new Set(lists)].map(({ octets }) => octets);
  return { certificates, revocationLists, revocation: store.revocation, lenient: store.lenient };
}

/** Options that workers were given, and what is needed to read their answers. */
export interface Given {
  readonly value: Renewable;
  /** Made anew for each worker: it holds secrets, whose arrays are in `transfer` and move there. */
  readonly share: () => { readonly options: SharedOptions; readonly transfer: readonly ArrayBuffer[] };
  /** The peer of a session. */
  readonly peerOf: (session: Pick<SharedSession, 'certificate' | 'paths'>) => Peer;
}

/** The array that a secret stands in, to be moved. @throws TypeError for a view */
export function movable(octets: Bytes): ArrayBuffer {
  const { buffer } = octets;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== octets.length)
    throw new TypeError('a secret that moves to another thread stands in an array of its own');
  return buffer;
}

/**
 * Prepares options for workers.
 * @throws ConfigurationError for a decapsulation key that cannot leave this thread
 */
export function given(suite: Suite, value: Renewable): Given {
  const { credentials, preSharedSecret, reading, schedule, hedgedCoins, allowedSuites, knownPeers, keyLog } = value;
  const proposals = value.proposals?.choice;
  const { certificate, decapsulationKey } = credentials;
  const share = decapsulationKey.share;
  if (share === undefined)
    throw new ConfigurationError(
      'workers: the decapsulation key cannot be given to another thread; listen without them',
    );
  const store = asTrustStore(value.trustAnchors);
  const trust = sharedTrust(store);
  const placeOf = (octets: Bytes): number => trust.certificates.findIndex((one) => same(one.octets, octets));
  const paths = new Map<string, Authority>(
    store.authorities.map((path) => [pathKey([...certificatesOf(path)].map(({ octets }) => placeOf(octets))), path]),
  );
  return {
    value,
    share: () => {
      const shared = share();
      const secret = preSharedSecret && secretCopy(preSharedSecret);
      const transfer = [secret, 'octets' in shared ? shared.octets : undefined].flatMap((one) =>
        one === undefined ? [] : [movable(one)],
      );
      const own = { certificate: certificate.octets, lenient: certificate.leniencies, decapsulationKey: shared };
      const rest = { trust, reading, schedule, hedgedCoins, allowedSuites, knownPeers, isLogged: keyLog !== undefined };
      return { options: { ...own, ...rest, proposals, preSharedSecret: secret }, transfer };
    },
    peerOf: ({ certificate: octets, paths: keys }) => {
      const parsed = parseCertificate(octets, suite.algorithms, store.lenient);
      const valid = keys.flatMap((key) => paths.get(key) ?? []);
      if (!parsed.ok || valid.length === 0)
        throw new TypeError('a worker validated a certificate that this thread does not know');
      return peerOf({ ...parsed.value, paths: valid });
    },
  };
}
