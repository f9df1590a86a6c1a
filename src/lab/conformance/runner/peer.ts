// The interface of a peer under test, however it is started.
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Case } from '../case.ts';
import type { Ended } from '../judge.ts';

/** The application of a peer with a channel: what it is given to send, and what it delivers. */
export interface Application {
  readonly input: Writable;
  readonly output: Readable;
}

/** A peer for one handshake. */
export interface PeerUnderTest {
  /** The connection with the peer. */
  readonly stream: Duplex;
  /** How the peer ended; undefined when it runs on after its handshake. */
  readonly ended: Promise<Ended> | undefined;
  /** Ends the peer and everything that it started. */
  readonly dispose: () => void;
  /** The end of what it wrote until now; undefined when that is not seen. */
  readonly wrote?: () => string;
  /** Its standard input and output, in cases of the channel. */
  readonly application?: Application;
}

/** No peer: the reason, from before the first octet. */
export interface NoPeer {
  readonly failed: string;
  /** How its process ended, when it did. */
  readonly ended?: Ended;
  /** The end of what it wrote. */
  readonly wrote?: string;
}

/** This way of testing cannot provide the peer of a case: the reason. */
export interface Unsupported {
  readonly unsupported: string;
}

/** Starts or finds a peer for a case. */
export type Launch = (test: Case) => Promise<PeerUnderTest | NoPeer | Unsupported>;
