// What the parts of this room tell each other: who the peer is, what it asks for, what was decided, what is recorded.
import type { Assurance } from '../assurance.ts';
import type { Json, JsonObject } from '../json/readJson.ts';

export type { Assurance } from '../assurance.ts';
export { isObject, type Json, type JsonObject } from '../json/readJson.ts';

/** The peer of a connection, as its validated certificate states it. Public facts only. */
export interface Principal {
  /** Its name for people, as `ChannelPeer.identity`. */
  readonly identity: string;
  /** Every name for which a path vouches, in the words of `--expect`: `CN=...`, `URI:...`, `DNS:...`. */
  readonly names: readonly string[];
  /** The subjects of the trust anchors of these paths: `CN=...`. */
  readonly authorities: readonly string[];
  readonly notAfter: Date;
  /** SHA-256 of the DER of its certificate, hexadecimal. */
  readonly certificateDigest: string;
  /** Names the session: the identifier of the first handshake of the connection, 48 octets, hexadecimal. Equal on both sides. */
  readonly channelBinding: string;
  /** When it authenticated the last time, and how often again since the first. */
  readonly authenticated: Date;
  readonly epoch: number;
  /** As its issuer asserts; absent: not applicable. */
  readonly assurance?: Assurance;
}

/** A message of JSON-RPC 2.0, parsed. */
export type Message = JsonObject;

/** What a peer asks for, read from the body of a message, never from headers. */
export interface AccessRequest {
  readonly principal: Principal;
  /** The method of JSON-RPC: `tools/call`, `tools/list`, `resources/read` ... */
  readonly method: string;
  /** What the method is about: the name of a tool or prompt, the URI of a resource; absent for methods about none. */
  readonly kind?: 'tool' | 'resource' | 'prompt';
  readonly name?: string;
  readonly arguments?: Json;
  readonly time: Date;
  /** When the peer sent its last request before this one. */
  readonly lastActive?: Date;
}

/** Why a request is denied. The peer is told that it is, and no more. */
export type DenyReason =
  | 'no-rule'
  | 'forbidden'
  | 'arguments'
  | 'assurance'
  | 'authentication-too-old'
  | 'idle-too-long'
  | 'rate'
  | 'concurrency'
  | 'size'
  | 'tool-changed'
  | 'certificate-expired'
  | 'certificate-revoked'
  | 'record-unavailable'
  | 'shutting-down';

/** What a policy answers. `rule` names the rule that decided. */
export type Decision =
  | { readonly allowed: true; readonly rule: string }
  | { readonly allowed: false; readonly reason: DenyReason; readonly rule?: string };

/** The trace context that a peer sends in `_meta` of a request (W3C Trace Context). It is not recorded, and never trusted. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** The facts of a connection that every entry about it repeats. */
export interface ConnectionFacts {
  /** Counts the connections of a process: `1`, `2` ... */
  readonly connection: string;
  readonly principal?: Principal;
  readonly address?: string;
}

/** A model, or a signed manifest, was verified, or is not verified any more. */
export interface VerifiedEvent {
  readonly event: 'verified';
  readonly of: 'model' | 'manifest';
  /** As the signer calls it; of what is refused, its file. */
  readonly name: string;
  /** SHA-256, hexadecimal: that of the subject of the signed statement. */
  readonly digest?: string;
  /** Each with its algorithm and the identifier of its key. */
  readonly signers?: readonly string[];
  /** Of a hybrid: algorithms whose signature is there, and was not verified as no key for it is trusted. */
  readonly unverified?: readonly string[];
  /** Why it is refused. */
  readonly refused?: string;
}

/** What is recorded. One entry each. No secret, no argument, no result: digests of them where they matter. */
export type RecordedEvent =
  | { readonly event: 'started'; readonly listening?: string; readonly version: string }
  | { readonly event: 'stopped'; readonly reason: string }
  | ({ readonly event: 'connected' } & ConnectionFacts)
  | ({ readonly event: 'authenticated' } & ConnectionFacts)
  | ({ readonly event: 'refused'; readonly code: string; readonly message: string } & ConnectionFacts)
  | ({ readonly event: 'disconnected'; readonly code?: string } & ConnectionFacts)
  | ({
      readonly event: 'decided';
      readonly id?: string | number;
      readonly method: string;
      readonly name?: string;
      /** SHA-256 of the arguments as RFC 8785 JSON, hexadecimal. */
      readonly argumentsDigest?: string;
      readonly decision: Decision;
      /** For telemetry only. */
      readonly trace?: TraceContext;
    } & ConnectionFacts)
  | ({
      readonly event: 'answered';
      readonly id: string | number;
      readonly error?: number;
      /** Whether the result says that the tool failed (`isError`). */
      readonly toolError?: boolean;
    } & ConnectionFacts)
  | ({ readonly event: 'spawned'; readonly command: readonly string[]; readonly process: number } & ConnectionFacts)
  | ({
      readonly event: 'exited';
      readonly process: number;
      readonly status?: number;
      readonly signal?: string;
    } & ConnectionFacts)
  | { readonly event: 'policy'; readonly digest?: string; readonly refused?: string }
  | VerifiedEvent
  | ({ readonly event: 'tools'; readonly digest: string; readonly differences?: readonly string[] } & ConnectionFacts);

/** The facts that hold for every entry from now on: digests, SHA-256, hexadecimal. */
export interface Standing {
  readonly policyDigest?: string;
  readonly manifestDigest?: string;
}

/** Where entries go. */
export interface Recorder {
  /** Appends an entry. Resolves when the system has taken it; rejects when it cannot be recorded. */
  readonly append: (event: RecordedEvent) => Promise<void>;
  readonly standing: (facts: Standing) => void;
  readonly close: () => Promise<void>;
}
