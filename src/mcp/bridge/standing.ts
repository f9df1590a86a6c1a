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
  readonly add: (session: Session) => { readonly remove: () => void };
  /** Judges all peers by new trust, one after the other with the traffic of others between them. */
  readonly judge: (trusted: Trusted) => Promise<void>;
  readonly close: () => void;
}

export function standings(suite: Suite, now: () => Date = () => new Date()): Standings {
  const open = new Set<Session>();
  const endExpired = (): void => {
    for (const { channel, end } of open) if (now() > channel.peer.certificate.notAfter) end('certificate-expired');
  };
  const timer = setInterval(endExpired, look).unref();
  let latest: Trusted | undefined;
  return {
    add: (session) => {
      open.add(session);
      return { remove: () => void open.delete(session) };
    },
    judge: async (trusted) => {
      latest = trusted;
      for (const session of [...open]) {
        if (latest !== trusted) return; // newer trust judges all again
        const code = open.has(session) ? distrustOf(session.channel.peer, trusted, suite, now()) : undefined;
        if (code !== undefined) session.end(code === 'certificate-outside-validity' ? 'certificate-expired' : code);
        await turn();
      }
    },
    close: () => clearInterval(timer),
  };
}
