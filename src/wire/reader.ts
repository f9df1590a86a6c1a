import type { Decoded, KemSizes } from '../generated/codec.ts';
import { headerOctets } from '../generated/constants.ts';
import type { Message, MessageName } from '../generated/messages.ts';
import type { Bytes } from '../octets.ts';
import { decode, decodeHeader, describeHeader } from './frame.ts';

/** A message, and its octets: header and data. The fields of the message are views of them. */
export interface Received {
  readonly message: Message<Bytes>;
  readonly octets: Bytes;
}

/** A refusal of octets, and for people the numbers found and expected. */
type Refused = Extract<Decoded<never>, { ok: false }> & { readonly detail: string };

/** A message that was taken; a part of one (`incomplete`); or the refusal of octets that cannot become one. */
export type Taken = Extract<Decoded<Received>, { ok: true }> | Refused | 'incomplete';

/** Cuts a stream of octets into messages. */
export interface Reader {
  /** Adds octets from the transport, in any segmentation. */
  readonly push: (octets: Bytes) => void;
  /**
   * Takes the next message when it is complete and is the one expected. A wrong header is refused as soon as its 4 octets
   * have come; so at most one message of the expected type is ever waited for
   * (PQ-P-47, PQ-P-48).
   */
  readonly take: (expected: MessageName) => Taken;
  /** Octets that were not taken yet. */
  readonly rest: () => Bytes;
}

/** A reader over an empty stream, with the KEM of a suite. It copies its input; the octets that it returns are the caller's. */
export function reader(kem: KemSizes): Reader {
  let chunks: Bytes[] = [];
  let available = 0;

  function joined(): Bytes {
    if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
    const whole = new Uint8Array(available);
    let offset = 0;
    for (const chunk of chunks) {
      whole.set(chunk, offset);
      offset += chunk.length;
    }
    chunks = [whole];
    return whole;
  }

  // Joining the chunks before there are so many octets would tell nothing new: this keeps one-octet segments linear.
  let wanted = headerOctets;

  function take(expected: MessageName): Taken {
    if (available < wanted) return 'incomplete';
    const whole = joined();
    const head = whole.subarray(0, headerOctets);
    const header = decodeHeader(head, expected, kem);
    if (!header.ok) return { ok: false, code: header.code, detail: describeHeader(head, expected, kem) };
    const octets = headerOctets + header.value;
    if (available < octets) {
      wanted = octets;
      return 'incomplete';
    }
    chunks = [whole.subarray(octets)];
    available -= octets;
    wanted = headerOctets;
    const taken = whole.subarray(0, octets); // a copy, which is the caller's from here on
    const decoded = decode(taken, expected, kem);
    return decoded.ok
      ? { ok: true, value: { message: decoded.value, octets: taken } }
      : { ok: false, code: decoded.code, detail: describeHeader(head, expected, kem) };
  }

  return {
    push: (octets) => {
      if (octets.length === 0) return;
      chunks.push(new Uint8Array(octets)); // a copy: the transport may use its buffer again
      available += octets.length;
    },
    take,
    rest: () => new Uint8Array(joined()),
  };
}
