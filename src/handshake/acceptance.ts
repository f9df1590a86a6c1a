// How one handshake judges its peer: the certificate as it comes, the identity after both confirmations.
import type { CertificatePolicy } from '../algebra/bytes.ts';
import { type Peer, peerOf } from '../certificate/peerNames.ts';
import { certificateValidator, type ValidatedCertificate } from '../certificate/validate.ts';
import type { Suite } from '../crypto/suite.ts';
import { refused } from '../failure.ts';
import { inHandshake } from './certificateFailure.ts';
import { peerJudge } from './expectedPeer.ts';
import type { HandshakeOptions } from './options.ts';

/** The judge, and what it knows. */
export interface Acceptance extends CertificatePolicy {
  /** The peer whose certificate was validated. */
  readonly peer: () => Peer;
  /** What the predicate of the application threw, if it did. */
  readonly thrown: () => { readonly cause?: unknown };
  /** Whether that predicate runs now. */
  readonly isJudging: () => boolean;
}

/** The judge of one handshake. @throws ConfigurationError for an expectation that nobody can meet */
export function acceptance({ algorithms }: Suite, options: HandshakeOptions): Acceptance {
  const { trustAnchors, time, expectedPeer } = options;
  const validate = certificateValidator({ trustAnchors, time, algorithms });
  const judge = peerJudge(expectedPeer, trustAnchors);
  let shown: ValidatedCertificate | undefined;
  let known: Peer | undefined;
  let thrown: { readonly cause?: unknown } = {};
  let judging = false;

  function peer(): Peer {
    if (shown === undefined) throw new TypeError('no certificate was validated');
    known ??= peerOf(shown);
    return known;
  }

  return {
    verify: (certificate) => {
      const checked = inHandshake(validate(certificate));
      if (checked.ok) shown = checked.value;
      return checked;
    },
    accept: () => {
      judging = true;
      try {
        return judge(peer());
      } catch (cause) {
        // Refused as any other peer is, so that what the peer sees is the same; the caller is told with the outcome.
        thrown = { cause };
        return refused('unexpected-peer', 'the predicate threw');
      } finally {
        judging = false;
      }
    },
    peer,
    thrown: () => thrown,
    isJudging: () => judging,
  };
}
