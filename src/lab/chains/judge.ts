// Judges a chain: at configuration, and as the certificate of the peer.
import { parseIntermediate } from '../../certificate/authority.ts';
import { parseRevocationList } from '../../certificate/revocationList.ts';
import { parseTrustAnchor } from '../../certificate/trustAnchor.ts';
import { type RevocationPolicy, trustStore } from '../../certificate/trustStore.ts';
import { certificateValidator } from '../../certificate/validate.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { Checked } from '../../failure.ts';

type Bytes = Uint8Array;

/** A certificate and the configuration that it is judged under; all in DER. */
export interface Judged {
  readonly leaf: Bytes;
  readonly anchors: readonly Bytes[];
  readonly intermediates?: readonly Bytes[] | undefined;
  readonly lists?: readonly Bytes[] | undefined;
  readonly revocation?: RevocationPolicy | undefined;
  readonly at: Date;
}

/** Throws at the first refusal. */
function passing<T>(checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw new Error(checked.detail ?? 'without a detail', { cause: checked.code });
}

/** `ok`, or the code of the refusal and its detail. */
export function judge(suite: Suite, chain: Judged): { readonly verdict: string; readonly reason?: string } {
  const { leaf, anchors, intermediates = [], lists = [], revocation, at } = chain;
  try {
    const trustAnchors = passing(
      trustStore({
        trustAnchors: anchors.map((der) => passing(parseTrustAnchor(suite, der))),
        intermediates: intermediates.map((der) => passing(parseIntermediate(suite, der))),
        revocationLists: lists.map((der) => passing(parseRevocationList(der))),
        revocation,
      }),
    );
    passing(certificateValidator({ trustAnchors, time: at })(leaf));
    return { verdict: 'ok' };
  } catch (error) {
    if (!(error instanceof Error) || typeof error.cause !== 'string') throw error;
    return { verdict: error.cause, reason: error.message };
  }
}
