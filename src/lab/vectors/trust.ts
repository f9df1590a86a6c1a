// The trust of a peer of a vector.

import {
  type Checked,
  parseRevocationList,
  parseTrustAnchor,
  type Suite,
  type TrustStore,
  trustStore,
} from '../../index.ts';
import { fromHex } from '../../octets.ts';

function required<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(`${checked.code}: ${checked.detail ?? ''}`);
  return checked.value;
}

/** The store of trust anchors and revocation lists, from hexadecimal digits of DER. @throws Error for malformed ones */
export function trustOf(
  suite: Suite,
  trusted: { readonly trustAnchors: readonly string[]; readonly revocationLists?: readonly string[] | undefined },
): TrustStore {
  const { trustAnchors, revocationLists = [] } = trusted;
  return required(
    trustStore({
      trustAnchors: trustAnchors.map((der) => required(parseTrustAnchor(suite, fromHex(der)))),
      revocationLists: revocationLists.map((der) => required(parseRevocationList(fromHex(der)))),
    }),
  );
}
