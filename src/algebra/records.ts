// What the channel asks of cryptography, beside key derivation: a contract, on octets or on anything else that answers it.
import type { Checked } from '../failure.ts';
import type { ChannelCode, ChannelRecord } from '../generated/channel.ts';
import type { Commitment, RecordIv, RecordKey } from '../generated/kinds.ts';
import type { Derivation } from './derivation.ts';

/** The place of one record in its direction. */
export interface Numbered<O> {
  readonly key: RecordKey<O>;
  readonly iv: RecordIv<O>;
  /** How many records were sealed under the key before it. */
  readonly sequence: number;
}

/** The operations that a channel is made of (spec/channel.md, sections 1 and 2). */
export interface RecordAlgebra<O> extends Derivation<O> {
  /**
   * A record whole: `length (2) || AES-256-GCM(key_d, nonce, AD = length, content || type || padding)`, with so many octets of
   * padding and `nonce = iv_d xor (0x00000000 || sequence (8))`. Only on octets is the padding seen.
   */
  sealRecord(input: Numbered<O> & { readonly record: ChannelRecord<O>; readonly padding: number }): O;

  /** Opens a record whole. Guards: the tag, a type, and content where the type has some. */
  openRecord(input: Numbered<O> & { readonly octets: O }): Checked<ChannelRecord<O>, ChannelCode>;

  /** A derived value that goes out: as it is, and no secret from here on. */
  publish(derived: O): O;

  /** Guard: the commitment received is the expected one, compared in constant time. */
  checkCommitment(input: { readonly expected: Commitment<O>; readonly received: O }): Checked<true, ChannelCode>;
}
