// The operations of a channel on octets, for one suite.
import { secretOctets } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import { type Checked, passed, refused } from '../failure.ts';
import {
  type ChannelCode,
  type ChannelRecord,
  channelSizes,
  isFilled,
  recordOfType,
  recordTable,
} from '../generated/channel.ts';
import { sizes } from '../generated/constants.ts';
import type { Bytes } from '../octets.ts';
import { type BytesDerivation, bytesDerivation } from './bytesDerivation.ts';
import type { RecordAlgebra } from './records.ts';

/** The operations of a channel on octets, and what they handed out that is secret. */
export interface BytesRecords extends Pick<BytesDerivation, 'retain' | 'secret'> {
  readonly algebra: RecordAlgebra<Bytes>;
}

const none: Bytes = new Uint8Array(0);

/** PQ-C-13: the number stands in the last eight octets; no channel counts beyond 2^53. Written over the nonce before. */
export function writeNonce(nonce: Bytes, iv: Bytes, sequence: number): Bytes {
  nonce.set(iv);
  let rest = sequence;
  for (let at = sizes.initialVector - 1; rest > 0; at -= 1) {
    nonce[at] = (nonce[at] ?? 0) ^ (rest & 0xff);
    rest = Math.floor(rest / 256);
  }
  return nonce;
}

/** Octets of a buffer that short records share, and of a record that is short. */
const [shared, short] = [4_096, 512];

/** Gives zeros, in which nothing else was or will be. A buffer of its own costs more than what a short record needs it for. */
function rooms(): (octets: number) => Bytes {
  let [buffer, used] = [none, 0];
  return (octets) => {
    if (octets > short) return new Uint8Array(octets);
    if (used + octets > buffer.length) [buffer, used] = [new Uint8Array(shared), 0];
    used += octets;
    return buffer.subarray(used - octets, used);
  };
}

/** PQ-C-11: one room for the whole record, which the back end seals in place. */
function seal(
  suite: Suite,
  key: Bytes,
  nonce: Bytes,
  record: ChannelRecord<Bytes>,
  padding: number,
  room: (octets: number) => Bytes,
): Bytes {
  const content = 'content' in record ? record.content : none;
  const length = content.length + channelSizes.type + padding + sizes.authenticationTag;
  const whole = room(channelSizes.length + length);
  whole[0] = length >>> 8;
  whole[1] = length & 0xff;
  whole.set(content, channelSizes.length);
  whole[channelSizes.length + content.length] = recordTable[record.type].type; // zeros behind it: padding, and room for the tag
  suite.sealInPlace(key, nonce, whole, channelSizes.length);
  return whole;
}

/** PQ-C-14 to PQ-C-16, PQ-C-35: the type is the last octet that is not zero, and padding is not shown. */
function recordIn(opened: Bytes): Checked<ChannelRecord<Bytes>, ChannelCode> {
  let at = opened.length - 1;
  while (at >= 0 && opened[at] === 0) at -= 1;
  if (at < 0) return refused('record-without-type');
  const type = recordOfType(opened[at] ?? 0);
  if (type === undefined) return refused('unknown-record');
  if (!isFilled(type)) return at === 0 ? passed({ type }) : refused('unexpected-content');
  if (at < recordTable[type].minimum) return refused('content-missing');
  return passed({ type, content: opened.subarray(0, at) });
}

/** The operations of a channel with the hash, KDF and AEAD of a suite. No account of secrets is shared between two of them. */
export function bytesRecords(suite: Suite): BytesRecords {
  const { derivation, secret, retain } = bytesDerivation(suite);
  const nonce = secretOctets(sizes.initialVector); // one for all records: each is used up in a call
  const room = rooms();
  const algebra: RecordAlgebra<Bytes> = {
    ...derivation,
    sealRecord: ({ key, iv, sequence, record, padding }) =>
      seal(suite, key, writeNonce(nonce, iv, sequence), record, padding, room),
    openRecord: ({ key, iv, sequence, octets }) => {
      writeNonce(nonce, iv, sequence);
      const associatedData = octets.subarray(0, channelSizes.length);
      const opened = suite.open(key, nonce, associatedData, octets.subarray(channelSizes.length));
      return opened === undefined ? refused('record-not-opened') : recordIn(opened);
    },
    publish: (derived) => new Uint8Array(derived),
    checkCommitment: ({ expected, received }) =>
      suite.equal(expected, received) ? passed(true) : refused('wrong-commitment'),
  };
  return { algebra, secret, retain };
}
