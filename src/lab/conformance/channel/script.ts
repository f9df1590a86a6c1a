// What a case does on a channel, as a script: it says what the tester and the application of the peer do, one after the other, and what
// it waits for. The stage that plays it holds the connection, the peer's standard input and output, and the clock.

import type { Channel, ChannelProgress } from '../../../channel/channel.ts';
import type { ChannelLimits, Padding } from '../../../channel/options.ts';
import type { Bytes } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import type { Identity, Material } from '../material.ts';
import type { Edit, Forger } from './forger.ts';

/** How many records may come under one key. */
export type RecordCounts = Pick<ChannelLimits, 'recordsBeforeRatchet' | 'recordsAtFailure'>;

/** A place where a channel is tested. Whatever waits ends the script when the peer does not do its part in time. */
export interface Stage {
  /** The role of the peer under test. */
  readonly peer: Role;
  readonly channel: Channel;
  readonly forger: Forger;
  readonly limits: RecordCounts;
  /** The octets that came from the peer on the channel. */
  readonly received: () => Bytes;
  /** How many ratchets of the peer have come. */
  readonly ratchets: () => number;
  /** Sends data that the peer is to deliver. */
  readonly send: (data: Bytes, padding?: Padding) => Promise<void>;
  /** Sends what a call of the channel says. */
  readonly act: (progress: ChannelProgress) => Promise<void>;
  /** Sends octets as they are. `delivers`: the data in them that the peer is to deliver. */
  readonly put: (octets: Bytes, delivers?: Bytes) => Promise<void>;
  /** The same with a fault in them. */
  readonly fault: (octets: Bytes) => Promise<void>;
  /** From here on the peer has to break off. */
  readonly faulty: () => void;
  /** The application of the peer sends data, or ends its direction. */
  readonly type: (data: Bytes) => void;
  readonly endTyping: () => void;
  /** Waits until the peer has delivered everything that it is to deliver. */
  readonly delivered: () => Promise<void>;
  /** Waits until all that the application of the peer sent has come. */
  readonly heard: () => Promise<void>;
  /** Waits until the peer has ended its direction. `unless`: why a peer may leave that for later, and the case does not apply to it. */
  readonly peerClosed: (unless?: string) => Promise<void>;
  /** Begins an inner handshake, or has the peer begin it, which the request of a responder does. */
  readonly begin: () => Promise<void>;
  /** Waits until the inner handshake has completed, and both have switched. */
  readonly switched: () => Promise<void>;
  /** Keeps what the tester's channel answers, until it is let go. */
  readonly hold: () => void;
  readonly letGo: () => Promise<void>;
  /** Waits for something; `undone` says what did not happen when it does not come. */
  readonly until: (holds: () => boolean, undone: string) => Promise<void>;
  /** As long as it takes to see that the peer sends nothing. */
  readonly pause: () => Promise<void>;
  /** Ends the connection in the tester's direction, or as a whole. */
  readonly hangUp: (how: 'end' | 'reset') => void;
  /** The peer did something wrong that only the script sees. */
  readonly fail: (why: string) => never;
}

/** The part of a case that plays on the channel. */
export interface ChannelPart {
  readonly script: (stage: Stage) => Promise<void>;
  /** Edits what the tester sends, records of inner handshakes too. */
  readonly edit?: (stage: Stage) => Edit;
  /** The identity that the tester shows in inner handshakes; that of the outer one by default. */
  readonly innerIdentity?: (material: Material) => Identity;
  /** The first octets of the channel come in one write with the last message of the handshake. */
  readonly joined?: true;
  /** It needs so many records that it takes minutes: it is asked only when that is wanted. */
  readonly long?: true;
}
