// The shapes of spec/vectors/v1; in words in its README.md. Octets are lower-case hexadecimal digits.

import type { FailureCode, Step } from '../../failure.ts';
import type { ReadingChoice } from '../../generated/keySchedule.ts';
import type { MessageName } from '../../generated/messages.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import type { CoinName } from '../../protocol/hedging.ts';
import type { Role } from '../../role.ts';
import type { ChannelShape } from './channelFormat.ts';
import type { PrimitiveShape } from './primitiveFormat.ts';

type Hex = string;
type Certificates = 'certificate-malformed' | 'certificate-wrong-algorithm' | 'certificate-wrong-key-usage';

/** The members that every vector has. */
export interface Vector {
  readonly id: string;
  /** The purpose of the vector, in a line. */
  readonly about: string;
  readonly version: number;
  readonly draft: string;
  readonly requirements: readonly RequirementId[];
}

/** A change of octets. The order is: the patches, which overwrite; the cut to `length`; `append`; `from`. */
export interface Change {
  readonly patch?: readonly { readonly offset: number; readonly octets: Hex }[];
  readonly length?: number;
  readonly append?: Hex;
  /** Octets left out at the beginning: those of a message that came before. */
  readonly from?: number;
}

export interface Authority extends Vector {
  readonly type: 'authority';
  /** ML-DSA-87, 32. */
  readonly seed: Hex;
  readonly certificate: Hex;
}
export interface Peer extends Vector {
  readonly type: 'peer';
  /** Id of the authority. */
  readonly issuer: string;
  /** ML-KEM-1024, `d || z`, 64. */
  readonly seed: Hex;
  readonly certificate: Hex;
}
export type Identity = Authority | Peer;

export type Primitive = Vector &
  PrimitiveShape & {
    /** The maker of the outputs. The other one has confirmed them in any case. */
    readonly maker: 'noble' | 'openssl';
  };

export type Codec = Vector & { readonly awaited: MessageName } & (
    | { readonly result: 'accepted'; readonly octets: Hex; readonly fields: Readonly<Record<string, Hex>> }
    | ({ readonly result: 'refused'; readonly of: string; readonly code: FailureCode } & Change)
  );

/** Extract and Expand of one derivation. */
export interface Hkdf {
  readonly salt: Hex;
  readonly IKM: Hex;
  readonly PRK: Hex;
  readonly info: Hex;
  readonly L: number;
}

/** Every value between the encapsulated secrets and the confirmation values, by the draft's names. */
export interface Values {
  readonly ss_e: Hex;
  readonly ss_i: Hex;
  readonly ss_r: Hex;
  readonly kdf_1: Hkdf;
  readonly k_hid: Hex;
  /** Every SHA-384 value on the way to `h_i`, `h_r`, in order; the last is the hash itself. */
  readonly h_i_steps: readonly Hex[];
  readonly h_r_steps: readonly Hex[];
  readonly h_i: Hex;
  readonly h_r: Hex;
  readonly S: Hex;
  readonly kdf_2: Hkdf & { readonly OKM: Hex };
  readonly k_C_i: Hex;
  readonly k_C_r: Hex;
  readonly k_session: Hex;
  readonly confirmationInput: Hex;
  readonly C_i: Hex;
  readonly C_r: Hex;
  /** The identifier of the session, by the exporter; public. */
  readonly sessionIdentifier: Hex;
  /** SHA-384 of `k_session`, to compare with peers that print it. */
  readonly sessionDigest: Hex;
}

export interface Exported {
  readonly label: string;
  readonly context: Hex;
  readonly length: number;
  readonly info: Hex;
  readonly octets: Hex;
}

export interface KeySchedule extends Vector {
  readonly reading: ReadingChoice;
  readonly ss_pre?: Hex;
  readonly values: Values;
  readonly exports: readonly Exported[];
}

/** A whole message. */
export interface WireMessage {
  readonly type: number;
  readonly octets: Hex;
}

export type ScheduleName = 'eager' | 'initiator-first' | 'responder-first';

export interface Side {
  /** Id of a peer of identities.json. */
  readonly identity: string;
  readonly expectedPeer?: string;
  readonly coins: Readonly<Record<string, Hex>>;
}

/** How a peer ends. */
export type Ending =
  | { readonly status: 'completed' }
  | { readonly status: 'failed'; readonly code: FailureCode; readonly step: Step };

export interface Handshake extends Vector {
  readonly reading: ReadingChoice;
  readonly schedule: ScheduleName;
  readonly clock: string;
  readonly trustAnchors: readonly string[];
  readonly ss_pre?: Hex;
  readonly initiator: Side;
  readonly responder: Side;
  readonly values: Values & {
    /** Associated data of messages 3 and 4. */
    readonly AD_i: Hex;
    readonly AD_r: Hex;
  };
  readonly messages: readonly WireMessage[];
  readonly flights: readonly { readonly from: Role; readonly types: readonly number[] }[];
  readonly exports: readonly Exported[];
  readonly outcome: { readonly initiator: Ending; readonly responder: Ending };
}

/** Octets that arrive at a peer. */
export type Arrival =
  | ({ readonly message: number; readonly of?: string } & Change)
  | { readonly octets: Hex }
  | { readonly event: 'message-timeout' | 'handshake-timeout' | 'connection-closed' };

/** A message that a peer sends: one of the base handshake, or other octets. */
export interface Sent {
  readonly message: number;
  readonly octets?: Hex;
}

export interface Delivery extends Vector {
  /** Id of a handshake vector. The peer gets what it had there, except for `with`; arrivals name messages of it. */
  readonly base: string;
  readonly role: Role;
  readonly with?: {
    readonly clock?: string;
    readonly trustAnchors?: readonly string[];
    /** DER, of these trust anchors. */
    readonly revocationLists?: readonly string[];
    /** No revocation lists when it is empty. */
    readonly ss_pre?: Hex;
    readonly expectedPeer?: string;
    readonly reading?: ReadingChoice;
    readonly afterwards?: 'refuse';
  };
  readonly arrivals: readonly Arrival[];
  /** The messages sent at the start, and upon each arrival. */
  readonly sends: readonly (readonly Sent[])[];
  readonly outcome: Ending;
}

export type CertificateCase = Vector & {
  readonly clock: string;
  readonly trustAnchors: readonly string[];
  readonly certificate: Hex;
} & (
    | {
        readonly result: 'accepted';
        readonly subject: string;
        readonly uris: readonly string[];
        readonly issuer: string;
        readonly encapsulationKey: Hex;
      }
    | {
        readonly result: 'refused';
        readonly code:
          | Certificates
          | 'certificate-untrusted'
          | 'certificate-outside-validity'
          | 'invalid-encapsulation-key';
      }
  );

/** A coin of one's own, of a static key and randomness. */
export interface HedgedCase extends Vector {
  readonly role: Role;
  readonly coin: CoinName;
  /** Of the static key. */
  readonly seed: Hex;
  readonly ct_h: Hex;
  readonly ss_h: Hex;
  readonly k_h: Hex;
  readonly randomness: Hex;
  readonly bound: Hex;
  readonly length: number;
  readonly octets: Hex;
}

/** A vector of the channel. */
export type ChannelCase = Vector & ChannelShape;

interface File<K extends string, C> {
  readonly kind: K;
  readonly cases: readonly C[];
}

/** A file of vectors. */
export type VectorFile =
  | File<'identities', Identity>
  | File<'primitives', Primitive>
  | File<'codec', Codec>
  | (File<'key-schedule', KeySchedule> & { readonly messages: readonly WireMessage[] })
  | File<'certificates', CertificateCase>
  | File<'handshakes', Handshake>
  | File<'deliveries', Delivery>
  | File<'channel', ChannelCase>
  | File<'hedged', HedgedCase>;

export type FileOf<K extends VectorFile['kind']> = Extract<VectorFile, { readonly kind: K }>;

export interface Index {
  readonly kind: 'index';
  readonly format: number;
  readonly protocol: string;
  readonly version: number;
  readonly draft: string;
  readonly files: readonly {
    readonly file: string;
    readonly kind: VectorFile['kind'];
    readonly cases: number;
    /** SHA-256 of the file as canonical JSON. */
    readonly digest: Hex;
  }[];
}
