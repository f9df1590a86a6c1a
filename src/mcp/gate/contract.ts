// What a gate is made of, and what it answers.
import type {
  AccessRequest,
  ConnectionFacts,
  Decision,
  DenyReason,
  Json,
  Message,
  Principal,
  Recorder,
} from '../contract.ts';
import type { MayUse } from './change.ts';
import type { Requests } from './outstanding.ts';

/** Bounds on one connection. */
export interface GateLimits {
  /** Requests of the peer that have no answer yet. */
  readonly requests: number;
  /** Requests of the server that the peer has not answered. */
  readonly serverRequests: number;
  /** Octets of a message of the peer. */
  readonly messageOctets: number;
  /** Messages that no well-behaved peer sends, before the connection ends. */
  readonly violations: number;
}

export const defaultLimits: GateLimits = {
  requests: 256,
  serverRequests: 256,
  messageOctets: 4_194_304,
  violations: 100,
};

/** What a guard says of a message. `message` is for who asked: the person on this side. */
export type GuardJudgement =
  /** `result` takes the place of the one that came. */
  { readonly forward: true; readonly result?: Json } | { readonly forward: false; readonly message: string };

/** Looks at what a server declares, and at what is asked of it: lets through what was approved. */
export interface Guard {
  /** Whether it may refuse. Then nothing reaches the host that it could take for an answer which the guard has not seen. */
  readonly judges?: boolean;
  readonly asked: (method: string, params: Json | undefined) => GuardJudgement;
  readonly answered: (method: string, params: Json | undefined, result: Json) => GuardJudgement;
  readonly notified: (method: string) => void;
}

/** Counts the requests of a peer. Each that begins ends, once. */
export interface Meter {
  /** @returns why none may begin now; undefined when it has begun */
  readonly begin: () => Extract<DenyReason, 'rate' | 'concurrency'> | undefined;
  readonly end: () => void;
}

/** What a gate is made with. Only `principal` is needed; what is absent neither judges nor changes anything. */
export interface GateParts {
  /** Who the peer is now. Recorded and judged with every request. */
  readonly principal: () => Principal;
  /** Repeated in every entry of the record. */
  readonly facts?: Omit<ConnectionFacts, 'principal'>;
  /** The policy. With one, what it does not know is denied. */
  readonly decide?: (request: AccessRequest) => Decision;
  /** Whether lists show something to the peer. Without it they show all. */
  readonly mayUse?: MayUse;
  readonly record?: Pick<Recorder, 'append'>;
  /** What happens to messages that cannot be recorded. Default `deny`. */
  readonly unrecorded?: 'deny' | 'continue';
  /** Told when the record could not be written. */
  readonly onUnrecorded?: (error: unknown) => void;
  readonly limits?: Partial<GateLimits>;
  /** Default the clock of the system. */
  readonly now?: () => Date;
  /** Whether requests tell the server in `_meta` who sends them. Default no. */
  readonly identityInMeta?: boolean;
  /** Looks at each request that is allowed and at its result: on the side of a client, which pinned what the server declares. */
  readonly guard?: Guard;
  /** Counts requests that are allowed, until they are answered, cancelled or lost. */
  readonly meter?: Meter;
  /**
   * Has the peer authenticate again when a request came too late after the last time. The request waits, and is decided anew. A
   * rejection denies it. What it throws is not told to the peer.
   */
  readonly authenticateAgain?: () => Promise<unknown>;
  /** Which requests of the server reach the peer. Default all: sampling, elicitation, roots, ping. */
  readonly serverMay?: (method: string) => boolean;
  /**
   * Requests without an answer that this gate shares with others: those of a session that several connections carry. Who made them
   * clears them. Default its own.
   */
  readonly underWay?: { readonly ofPeer: Requests; readonly ofServer: Requests };
  /** What a denied request is answered with. Default that it was denied, and no more. */
  readonly explain?: (decision: Extract<Decision, { allowed: false }>) => string;
}

/** Why a gate ends a connection. */
export type EndCode = 'certificate-expired' | 'certificate-revoked' | 'too-many-violations';

/**
 * What to do with a message: pass octets on, which are those that came where nothing had to change; answer it to where it came from;
 * nothing; or end the connection after the answer.
 */
export type Action =
  | { readonly do: 'forward'; readonly octets: Uint8Array }
  | { readonly do: 'answer'; readonly message: Message }
  | { readonly do: 'drop' }
  | { readonly do: 'end'; readonly code: EndCode; readonly message?: Message };

/** Stands between a peer and a server on one connection. Each direction gives its messages one after the other. */
export interface Gate {
  readonly fromPeer: (message: Message, octets: Uint8Array) => Promise<Action>;
  readonly fromServer: (message: Message, octets: Uint8Array) => Promise<Action>;
  /** Counts a line of the peer that is no message: nothing is done, or the connection ends. */
  readonly noMessage: () => Action;
  /** The server is gone: answers for the requests that wait for one. Later requests are answered in the same way. */
  readonly serverLost: (reason: string) => readonly Message[];
  /** Denies new requests; those under way go on. */
  readonly drain: () => void;
  /** Requests of the peer that wait for an answer; not subscriptions, which last as long as their connection. */
  readonly waiting: () => number;
  /** The connection is over: what was counted is not any more. */
  readonly close: () => void;
}
