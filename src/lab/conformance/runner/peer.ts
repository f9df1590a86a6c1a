// The interface of a peer under test, however it is started.
import type { Duplex } from 'node:stream';
import type { Case } from '../case.ts';
import type { Ended } from '../judge.ts';

/** A peer for one handshake. */
export interface PeerUnderTest {
  /** The connection with the peer. */
  readonly stream: Duplex;
  /** How the peer ended; undefined when it does not end with its handshake. */
  readonly ended: Promise<Ended> | undefined;
  /** Ends the peer and everything that it started. */
  readonly dispose: () => void;
}

/** No peer: the reason, from before the first octet. */
export interface NoPeer {
  readonly failed: string;
}

/** Starts or finds a peer for a case; `unsupported` when this way of testing cannot provide one. */
export type Launch = (test: Case) => Promise<PeerUnderTest | NoPeer | { readonly unsupported: string }>;
