// The handshakes inside of a channel of `connect` and `listen`: with the options of now, and what has to be as outside.
import type { InnerHandshake } from '../../channel/options.ts';
import { secretCopy, wipe } from '../../crypto/secret.ts';
import type { Suite } from '../../crypto/suite.ts';
import { peerJudge } from '../../handshake/expectedPeer.ts';
import { type Handshake, initiator, type Progress, responder } from '../../handshake/handshake.ts';
import type { HandshakeOptions } from '../../handshake/options.ts';
import { type ProposedProtocol, proposedProtocol } from '../../handshake/proposed.ts';
import type { Role } from '../../role.ts';

/** Options whose time is asked for at each handshake. */
export type TimedOptions = Omit<HandshakeOptions, 'time' | 'suite'> & { readonly time?: (() => Date) | undefined };

/** The options in use, until `leave` is called: what is replaced meanwhile is not wiped before. */
export type Enter = () => { readonly value: TimedOptions; readonly leave: () => void };

/** A handshake that tells once when it has ended. */
function telling(handshake: Handshake, ended: () => void): Handshake {
  const watched =
    <A extends unknown[]>(step: (...given: A) => Progress) =>
    (...given: A): Progress => {
      try {
        const progress = step(...given);
        if (progress.outcome.status !== 'awaiting') ended();
        return progress;
      } catch (error) {
        ended();
        throw error;
      }
    };
  const { role, standing } = handshake;
  return {
    role,
    standing,
    start: watched(handshake.start),
    receive: watched(handshake.receive),
    fail: watched(handshake.fail),
  };
}

/** The inner handshakes of one connection. */
export interface InnerHandshakes {
  readonly make: InnerHandshake;
  /** The credentials of the last one that was made; at first those outside. */
  readonly credentials: () => TimedOptions['credentials'];
  /** Wipes what they had as outside. */
  readonly close: () => void;
}

/** Inside, certificates are sent whole: a renewed one is none that the peer holds. */
function insideOf(proposals: ProposedProtocol | undefined): ProposedProtocol | undefined {
  const { ids, heldCertificates } = proposals?.choice ?? {};
  return heldCertificates === undefined
    ? proposals
    : proposedProtocol({ ids, heldCertificates: { ...heldCertificates, own: false } });
}

/**
 * Makes the inner handshakes of one connection. Credentials, trust and time are those of now; suite, reading, proposals and pre-shared secret those of the
 * handshake outside (PQ-C-30). The peer has to be accepted by the channel, and to be who is expected now (PQ-C-25).
 */
export function innerHandshakes(role: Role, suite: Suite, outer: TimedOptions, enter: Enter): InnerHandshakes {
  const preSharedSecret = outer.preSharedSecret && secretCopy(outer.preSharedSecret);
  const { reading } = outer;
  const proposals = insideOf(outer.proposals);
  let { credentials: shown } = outer;

  function optionsOf(now: TimedOptions, accept: Parameters<InnerHandshake>[0]): HandshakeOptions {
    const { time = () => new Date(), credentials, trustAnchors, allowedSuites, keyLog, knownPeers, hedgedCoins } = now;
    const judge = peerJudge(now.expectedPeer, trustAnchors);
    return {
      ...{ suite, reading, preSharedSecret, credentials, trustAnchors, allowedSuites, keyLog },
      ...{ proposals, knownPeers, hedgedCoins },
      time: time(),
      expectedPeer: (peer) => accept(peer) && judge(peer).ok,
      schedule: 'eager',
    };
  }

  return {
    make: (accept) => {
      const { value, leave } = enter();
      let isLeft = false;
      const leaveOnce = (): void => {
        if (!isLeft) leave();
        isLeft = true;
      };
      try {
        const options = optionsOf(value, accept);
        shown = value.credentials;
        return telling(role === 'initiator' ? initiator(options) : responder(options), leaveOnce);
      } catch (error) {
        leaveOnce();
        throw error;
      }
    },
    credentials: () => shown,
    close: () => {
      if (preSharedSecret !== undefined) wipe(preSharedSecret);
    },
  };
}
