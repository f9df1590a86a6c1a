import type { Decoded, KemSizes } from '../generated/codec.ts';
import { headerOctets } from '../generated/constants.ts';
import type { Message, MessageName } from '../generated/messages.ts';
import type { Bytes } from '../octets.ts';
import { decode, decodeHeader } from './frame.ts';

/** A message, and the octets that it came as: header and data. The message's fields are views of them. */
export interface Received {
  readonly message: Message<Bytes>;
  readonly octets: Bytes;
}

/** The message awaited, as far as a stream holds it: all of it, a part (`incomplete`), or octets that cannot become it. */
export type Taken = Decoded<Received> | 'incomplete';

/** Cuts a stream of octets into messages. */
export interface Reader {
  /** Adds octets as they came from the transport, in any segmentation. */
  readonly push: (octets: Bytes) => void;
  /**
   * Takes the next message when it is whole and is the one expected. A wrong header is refused as soon as its 4 octets
   * are there; so at most one message of the expected type is ever waited for
   * (PQ-P-47, PQ-P-48).
   */
  readonly take: (expected: MessageName) => Taken;
  /** Octets not taken yet. */
  readonly rest: () => Bytes;
}

/** A reader over an empty stream, with the KEM of a suite. Copies the octets given; gives out octets that are the caller's. */
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

  // Octets that must be there before joining the chunks can tell anything new: keeps one-octet segments linear.
  let wanted = headerOctets;

  function take(expected: MessageName): Taken {
    if (available < wanted) return 'incomplete';
    const whole = joined();
    const header = decodeHeader(whole.subarray(0, headerOctets), expected, kem);
    if (!header.ok) return header;
    const octets = headerOctets + header.value;
    if (available < octets) {
      wanted = octets;
      return 'incomplete';
    }
    chunks = [whole.subarray(octets)];
    available -= octets;
    wanted = headerOctets;
    const taken = whole.subarray(0, octets); // of a copy, which is the caller's from here on
    const decoded = decode(taken, expected, kem);
    return decoded.ok ? { ok: true, value: { message: decoded.value, octets: taken } } : decoded;
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
