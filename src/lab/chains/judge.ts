// The verdict on a chain: at configuration, or on the certificate of the peer.

import { parseIntermediate } from '../../certificate/authority.ts';
import type { CertificateCode } from '../../certificate/codes.ts';
import type { Leniency } from '../../certificate/leniency.ts';
import { parseRevocationList } from '../../certificate/revocationList.ts';
import { parseTrustAnchor } from '../../certificate/trustAnchor.ts';
import { type RevocationPolicy, trustStore } from '../../certificate/trustStore.ts';
import { certificateValidator } from '../../certificate/validate.ts';
import type { Suite } from '../../crypto/suite.ts';
import { type Checked, checkAll } from '../../failure.ts';
import type { Bytes } from '../../octets.ts';

/** A certificate and the configuration that it is judged under; all in DER. */
export interface Judged {
  readonly leaf: Bytes;
  readonly anchors: readonly Bytes[];
  readonly intermediates?: readonly Bytes[] | undefined;
  readonly lists?: readonly Bytes[] | undefined;
  readonly revocation?: RevocationPolicy | undefined;
  readonly at: Date;
  /** What is permitted beyond the profile; default nothing. */
  readonly lenient?: readonly Leniency[] | undefined;
}

function verdictOf(suite: Suite, chain: Judged): Checked<unknown, CertificateCode> {
  const { leaf, anchors, intermediates = [], lists = [], revocation, at, lenient } = chain;
  const trustAnchors = checkAll(anchors, (der) => parseTrustAnchor(suite, der, lenient));
  if (!trustAnchors.ok) return trustAnchors;
  const between = checkAll(intermediates, (der) => parseIntermediate(suite, der, lenient));
  if (!between.ok) return between;
  const revocationLists = checkAll(lists, (der) => parseRevocationList(der, suite.algorithms, lenient));
  if (!revocationLists.ok) return revocationLists;
  const store = trustStore({
    trustAnchors: trustAnchors.value,
    intermediates: between.value,
    revocationLists: revocationLists.value,
    revocation,
    lenient,
  });
  return store.ok ? certificateValidator({ trustAnchors: store.value, time: at })(leaf) : store;
}

/** `ok`, or the code of the refusal and its detail. */
export function judge(suite: Suite, chain: Judged): { readonly verdict: string; readonly reason?: string } {
  const verdict = verdictOf(suite, chain);
  return verdict.ok ? { verdict: 'ok' } : { verdict: verdict.code, reason: verdict.detail ?? 'without a detail' };
}
