// The checks of one handshake on its peer: the certificate when it comes, the identity after both confirmations.
import type { CertificatePolicy } from '../algebra/bytes.ts';
import { shownName } from '../certificate/name.ts';
import type { ParsedCertificate } from '../certificate/parse.ts';
import { type Peer, peerOf } from '../certificate/peerNames.ts';
import { certificateValidator } from '../certificate/validate.ts';
import type { Suite } from '../crypto/suite.ts';
import { passed, refused } from '../failure.ts';
import { inHandshake } from './certificateFailure.ts';
import { peerJudge } from './expectedPeer.ts';
import type { HandshakeOptions } from './options.ts';

/** The statements of a peer's certificate that name it in a log. In a failed handshake nobody may vouch for them. */
export interface PresentedCertificate {
  /** RFC 4514, at most `limits.shownName` characters. */
  readonly subject: string;
  /** Hexadecimal digits of at most 20 octets. */
  readonly serialNumber: string;
}

/** How a certificate names its subject in a log. */
export const presentedBy = ({ subjectName, serialNumber }: ParsedCertificate): PresentedCertificate => ({
  subject: shownName(subjectName),
  serialNumber,
});

/** Checks the peer of one handshake. `accept` and the session get an accepted peer with its certificate. */
export interface Acceptance extends CertificatePolicy<Peer> {
  /** The error that the predicate of the application threw, if any. */
  readonly thrown: () => { readonly cause?: unknown };
  /** What the peer's certificate states, once it could be read, also when it is refused. */
  readonly presented: () => { readonly presented?: PresentedCertificate };
  /** Whether that predicate is running. */
  readonly isJudging: () => boolean;
}

/** Makes the checks of one handshake. @throws ConfigurationError for an expectation that no peer can meet */
export function acceptance({ algorithms, equal }: Suite, options: HandshakeOptions): Acceptance {
  const { trustAnchors, time, expectedPeer, knownPeers = true } = options;
  const remembered = knownPeers ? equal : undefined;
  let presented: { readonly presented?: PresentedCertificate } = {};
  const onRead = (certificate: ParsedCertificate): void => {
    presented = { presented: presentedBy(certificate) };
  };
  let remember = (): void => {};
  const onSigned = (of: () => void): void => {
    remember = of;
  };
  const validate = certificateValidator({ trustAnchors, time, algorithms, onRead, remembered, onSigned });
  const judge = peerJudge(expectedPeer, trustAnchors);
  let thrown: { readonly cause?: unknown } = {};
  let judging = false;

  return {
    verify: (certificate) => {
      const validated = inHandshake(validate(certificate));
      return validated.ok ? passed(peerOf(validated.value)) : validated;
    },
    accept: ({ subject }) => {
      remember(); // both confirmations have passed: the peer has the key
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
    presented: () => presented,
    isJudging: () => judging,
  };
}
