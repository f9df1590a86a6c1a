// What a signature of a DSSE envelope covers (DSSE protocol, version 1).
import { type Bytes, concat } from '../../octets.ts';

const encoder = new TextEncoder();

/** The pre-authentication encoding of a payload and its type: `DSSEv1`, and each of the two behind its length in octets. */
export function pae(payloadType: string, payload: Bytes): Bytes {
  const type = encoder.encode(payloadType);
  return concat(encoder.encode(`DSSEv1 ${type.length} `), type, encoder.encode(` ${payload.length} `), payload);
}
