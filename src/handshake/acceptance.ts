// The checks of one handshake on its peer: the certificate when it comes, the identity after both confirmations.
import type { CertificatePolicy } from '../algebra/bytes.ts';
import { type Peer, peerOf } from '../certificate/peerNames.ts';
import { certificateValidator } from '../certificate/validate.ts';
import type { Suite } from '../crypto/suite.ts';
import { passed, refused } from '../failure.ts';
import { inHandshake } from './certificateFailure.ts';
import { peerJudge } from './expectedPeer.ts';
import type { HandshakeOptions } from './options.ts';

/** Checks the peer of one handshake. `accept` and the session get an accepted peer with its certificate. */
export interface Acceptance extends CertificatePolicy<Peer> {
  /** The error that the predicate of the application threw, if any. */
  readonly thrown: () => { readonly cause?: unknown };
  /** Whether that predicate is running. */
  readonly isJudging: () => boolean;
}

/** Makes the checks of one handshake. @throws ConfigurationError for an expectation that no peer can meet */
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
        // Refused like any other peer, so that the peer sees no difference. The outcome tells the caller.
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
