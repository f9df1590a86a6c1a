// The judgement of one handshake on its peer: the certificate as it comes, the identity after both confirmations.
import type { CertificatePolicy } from '../algebra/bytes.ts';
import { type Peer, peerOf } from '../certificate/peerNames.ts';
import { certificateValidator } from '../certificate/validate.ts';
import type { Suite } from '../crypto/suite.ts';
import { passed, refused } from '../failure.ts';
import { inHandshake } from './certificateFailure.ts';
import { peerJudge } from './expectedPeer.ts';
import type { HandshakeOptions } from './options.ts';

/** The judge of one handshake. A peer that it lets through travels with its certificate, to `accept` and to the session. */
export interface Acceptance extends CertificatePolicy<Peer> {
  /** The error of the application's predicate, if it threw one. */
  readonly thrown: () => { readonly cause?: unknown };
  /** Whether that predicate runs now. */
  readonly isJudging: () => boolean;
}

/** The judge of one handshake. @throws ConfigurationError for an expectation that nobody can meet */
export function acceptance({ algorithms }: Suite, options: HandshakeOptions): Acceptance {
  const { trustAnchors, time, expectedPeer } = options;
  const validate = certificateValidator({ trustAnchors, time, algorithms });
  const judge = peerJudge(expectedPeer, trustAnchors);
  let thrown: { readonly cause?: unknown } = {};
  let judging = false;

  return {
    verify: (certificate) => {
      const validated = inHandshake(validate(certificate));
      return validated.ok ? passed(peerOf(validated.value)) : validated;
    },
    accept: ({ subject }) => {
      judging = true;
      try {
        return judge(subject);
      } catch (cause) {
        // Refused as any other peer is, so that the peer sees the same; the caller is told with the outcome.
        thrown = { cause };
        return refused('unexpected-peer', 'the predicate threw');
      } finally {
        judging = false;
      }
    },
    thrown: () => thrown,
    isJudging: () => judging,
  };
}
