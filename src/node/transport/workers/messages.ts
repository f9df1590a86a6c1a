// What the main thread and a worker that computes handshakes say to each other.
import type { Leniency } from '../../../certificate/leniency.ts';
import type { RevocationPolicy } from '../../../certificate/trustStore.ts';
import type { SharedKemKey, SuiteName } from '../../../crypto/suite.ts';
import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import type { SuiteId } from '../../../generated/suites.ts';
import type { Outcome, Progress } from '../../../handshake/handshake.ts';
import type { HedgedCoins } from '../../../handshake/hedging.ts';
import type { ProposalChoice } from '../../../handshake/proposed.ts';
import type { Bytes } from '../../../octets.ts';
import type { Schedule } from '../../../protocol/parameters.ts';

/** What a worker is started with. */
export interface WorkerSetting {
  readonly kind: 'pquake handshakes';
  readonly backEnd: SuiteName;
  readonly suite: SuiteId;
}

/** The authorities that are trusted, as octets. The worker reads and verifies them again. */
export interface SharedTrust {
  /** DER of trust anchors, then of intermediates, each once, with what was permitted in it. */
  readonly certificates: readonly {
    readonly octets: Bytes;
    readonly lenient: readonly Leniency[];
    readonly isAnchor: boolean;
  }[];
  /** DER. */
  readonly revocationLists: readonly Bytes[];
  readonly revocation: RevocationPolicy;
  readonly lenient: readonly Leniency[];
}

/** The options of handshakes that a worker computes. Whom to expect is judged by the main thread. */
export interface SharedOptions {
  readonly certificate: Bytes;
  readonly lenient: readonly Leniency[];
  readonly decapsulationKey: SharedKemKey;
  readonly preSharedSecret: Bytes | undefined;
  readonly trust: SharedTrust;
  readonly reading: Partial<ReadingChoice> | undefined;
  readonly proposals: ProposalChoice | undefined;
  readonly schedule: Schedule | undefined;
  readonly knownPeers: boolean | undefined;
  readonly hedgedCoins: HedgedCoins | undefined;
  readonly allowedSuites: readonly SuiteId[] | undefined;
  /** Whether secrets of handshakes are told, for a key log. */
  readonly isLogged: boolean;
}

export type ToWorker =
  | { readonly kind: 'configure'; readonly configuration: number; readonly options: SharedOptions }
  /** Wipes a configuration that no handshake uses any more. */
  | { readonly kind: 'retire'; readonly configuration: number }
  /** Octets of a peer; with `begin` its first ones. Answered once. */
  | {
      readonly kind: 'receive';
      readonly handshake: number;
      readonly octets: Bytes;
      readonly begin?: { readonly configuration: number; readonly time: Date };
    }
  /** Wipes a handshake that ended on the main thread. */
  | { readonly kind: 'forget'; readonly handshake: number }
  /** Wipes everything; the worker ends. */
  | { readonly kind: 'close' };

/** A completed handshake on its way to the main thread. */
export interface SharedSession {
  readonly status: 'completed';
  /** `k_session`, 48 octets: moved, not copied. Whoever gets it wipes it. */
  readonly sessionKey: Bytes;
  /** The validated certificate of the peer, DER. */
  readonly certificate: Bytes;
  /** The paths under which it is valid: `pathKey` of each. */
  readonly paths: readonly string[];
  readonly rest: Bytes;
}

export interface SharedProgress extends Pick<Progress, 'received' | 'send'> {
  readonly outcome: Exclude<Outcome, { readonly status: 'completed' }> | SharedSession;
  /** Lines of the key log. */
  readonly log: readonly string[];
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'configured'; readonly configuration: number; readonly refused?: string }
  | { readonly kind: 'progress'; readonly handshake: number; readonly progress: SharedProgress }
  /** A handshake failed by an error that neither the peer nor the protocol caused. */
  | { readonly kind: 'threw'; readonly handshake: number; readonly reason: string };

/** The end of a thread of a port, as `MessagePort` and `Worker` have it. */
export interface Port<Sent, Received> {
  readonly postMessage: (message: Sent, transfer?: readonly ArrayBuffer[]) => void;
  readonly on: (event: 'message', listener: (message: Received) => void) => unknown;
}

/** Names a path by the places of its certificates in `SharedTrust`: from the issuer of the peer to the trust anchor. */
export const pathKey = (places: readonly number[]): string => places.join('-');
