// The interface of a peer under test, however it is started.
import type { Duplex } from 'node:stream';
import type { Case } from '../case.ts';
import type { Ended } from '../judge.ts';

/** A peer for one handshake. */
export interface PeerUnderTest {
  /** The connection with it. */
  readonly stream: Duplex;
  /** How it ended; undefined when it does not end with its handshake. */
  readonly ended: Promise<Ended> | undefined;
  /** Ends it and everything that it started. */
  readonly dispose: () => void;
}

/** There is no peer: what went wrong before the first octet. */
export interface NoPeer {
  readonly failed: string;
}

/** Brings a peer for a case, or says that this way of testing cannot. */
export type Launch = (test: Case) => Promise<PeerUnderTest | NoPeer | { readonly unsupported: string }>;
