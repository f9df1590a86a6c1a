// One record of the peers of the tests, sealed and opened; and how many of them there are under one key.
import { createDecipheriv } from 'node:crypto';
import { writeNonce } from '../../../../src/algebra/bytesRecords.ts';
import type { Protection } from '../../../../src/channel/keys.ts';
import type { Suite } from '../../../../src/crypto/suite.ts';
import { type RecordName, recordTable } from '../../../../src/generated/channel.ts';
import type { RecordCounts } from '../../../../src/lab/conformance/channel/script.ts';
import { type Bytes, concat } from '../../../../src/octets.ts';
import type { ChannelDefect } from './defects.ts';

export function sealedUnder(suite: Suite, p: Protection<Bytes>, type: RecordName, content: Bytes): Bytes {
  const inside = concat(content, Uint8Array.of(recordTable[type].type));
  const length = Uint8Array.of((inside.length + 16) >>> 8, (inside.length + 16) & 0xff);
  const nonce = writeNonce(new Uint8Array(12), p.iv, p.sequence);
  return concat(length, suite.seal(p.key, nonce, length, inside));
}

/** The inside of a record; `undefined` when it does not open, unless its tag is not looked at. */
export function openedUnder(
  suite: Suite,
  p: Protection<Bytes>,
  sequence: number,
  octets: Bytes,
  passesOverTag: boolean,
): Bytes | undefined {
  const nonce = writeNonce(new Uint8Array(12), p.iv, sequence);
  if (!passesOverTag) return suite.open(p.key, nonce, octets.subarray(0, 2), octets.subarray(2));
  const decipher = createDecipheriv('aes-256-gcm', p.key, nonce);
  return new Uint8Array(decipher.update(octets.subarray(2, -16)));
}

/** How many records a peer seals under one key, and takes. */
export const countsOf = (
  { recordsBeforeRatchet, recordsAtFailure }: RecordCounts,
  has: (one: ChannelDefect) => boolean,
) => ({
  mostSealed: has('seals any number of records under one key')
    ? Number.POSITIVE_INFINITY
    : recordsBeforeRatchet + (has('makes its ratchet one record too late') ? 1 : 0),
  mostTaken: recordsAtFailure - (has('takes one record too few under one key') ? 2 : 1),
});
