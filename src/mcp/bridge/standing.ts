// Whether the peers of open connections are still trusted: judged again when trust was renewed, and when a certificate ends.
import { setImmediate as turn } from 'node:timers/promises';
import { peerOf } from '../../certificate/peerNames.ts';
import { certificateValidator } from '../../certificate/validate.ts';
import type { Suite } from '../../crypto/suite.ts';
import { peerJudge } from '../../handshake/expectedPeer.ts';
import type { ChannelPeer } from '../../node/transport/secured.ts';
import type { Renewable } from '../../node/transport/tcp.ts';

/** Who is trusted now. */
export type Trusted = Pick<Renewable, 'trustAnchors' | 'expectedPeer'>;

/** Why a peer is trusted no more: a code of certificates, or `unexpected-peer`; undefined while it is. */
export function distrustOf(
  { chain: [certificate] }: Pick<ChannelPeer, 'chain'>,
  { trustAnchors, expectedPeer }: Trusted,
  { algorithms }: Pick<Suite, 'algorithms'>,
  time: Date,
): string | undefined {
  if (certificate === undefined) return 'certificate-untrusted';
  const validated = certificateValidator({ trustAnchors, time, algorithms })(certificate);
  if (!validated.ok) return validated.code;
  const accepted = peerJudge(expectedPeer, trustAnchors)(peerOf(validated.value));
  return accepted.ok ? undefined : 'unexpected-peer';
}

/** An open connection, as far as trust in its peer goes. */
export interface Session {
  readonly channel: { readonly peer: ChannelPeer };
  readonly end: (code: string) => void;
}

/** Milliseconds between two looks at the ends of certificates. */
const look = 5_000;

export interface Standings {
  /** A connection whose handshake has just ended. It may be ended at once. */
  readonly add: (session: Session) => { readonly remove: () => void };
  /** Judges all peers by new trust, one after the other with the traffic of others between them. */
  readonly judge: (trusted: Trusted) => Promise<void>;
  readonly close: () => void;
}

/** @param handshake - milliseconds that a handshake takes at most: trust that was renewed meanwhile is not what it was judged by */
export function standings(suite: Suite, handshake = 30_000, now: () => Date = () => new Date()): Standings {
  const open = new Set<Session>();
  const endExpired = (): void => {
    for (const { channel, end } of open) if (now() > channel.peer.certificate.notAfter) end('certificate-expired');
  };
  const timer = setInterval(endExpired, look).unref();
  let latest: { readonly trusted: Trusted; readonly since: number } | undefined;

  function judgeOne({ channel, end }: Session, trusted: Trusted): void {
    const code = distrustOf(channel.peer, trusted, suite, now());
    if (code !== undefined) end(code === 'certificate-outside-validity' ? 'certificate-expired' : code);
  }

  return {
    add: (session) => {
      open.add(session);
      if (latest !== undefined && performance.now() - latest.since <= handshake) judgeOne(session, latest.trusted);
      return { remove: () => void open.delete(session) };
    },
    judge: async (trusted) => {
      const mine = { trusted, since: performance.now() };
      latest = mine;
      for (const session of [...open]) {
        if (latest !== mine) return; // newer trust judges all again
        if (open.has(session)) judgeOne(session, trusted);
        await turn();
      }
    },
    close: () => clearInterval(timer),
  };
}
