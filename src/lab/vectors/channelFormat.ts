// The shapes of channel.json; in words in spec/vectors/v1/README.md. Octets are lower-case hexadecimal digits.
import type { ChannelCode, RecordName } from '../../generated/channel.ts';
import type { Role } from '../../role.ts';

type Hex = string;

/** The channel: octets by the names of spec/channel.md. */
export type ChannelShape =
  | {
      readonly layer: 'keys';
      readonly root: Hex;
      /** Of the inner handshake, for `nextRoot`. */
      readonly k_session: Hex;
      readonly values: Readonly<Record<string, Hex>>;
    }
  | {
      readonly layer: 'record';
      readonly secret: Hex;
      readonly sequence: number;
      readonly type: RecordName;
      readonly content: Hex;
      readonly padding: number;
      readonly key: Hex;
      readonly iv: Hex;
      readonly nonce: Hex;
      readonly octets: Hex;
    }
  | {
      readonly layer: 'stream';
      readonly sender: Role;
      readonly direction: string;
      /** Ids of handshake vectors: that of the connection, and those inside, in this order. */
      readonly base: string;
      readonly inner: readonly string[];
      readonly root: Hex;
      /** Of the inner handshakes. */
      readonly k_sessions: readonly Hex[];
      readonly limits?: { readonly recordsBeforeRatchet: number };
      readonly octets: Hex;
      /** Of all records, in order. */
      readonly types: readonly RecordName[];
      /** The data of all records. */
      readonly delivered: Hex;
    }
  | {
      readonly layer: 'refused';
      /** Of the side that is under test: the octets arrive at it. */
      readonly role: Role;
      readonly root: Hex;
      readonly limits?: { readonly recordsAtFailure?: number; readonly allowance?: number };
      readonly ends: boolean;
      readonly octets: Hex;
      readonly delivered: Hex;
      readonly code: ChannelCode;
    };
