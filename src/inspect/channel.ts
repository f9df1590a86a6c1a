// The channel behind a recorded handshake, by its key log: what each side sent, and where its stream ends (spec/channel.md).
import { bytesRecords } from '../algebra/bytesRecords.ts';
import type { RecordAlgebra } from '../algebra/records.ts';
import { type Inbound, takeCommitment, takeRecord, uncommitted } from '../channel/inbound.ts';
import { firstRoot, rootAfter, rootSecrets } from '../channel/keys.ts';
import type { Suite } from '../crypto/suite.ts';
import {
  type ChannelCode,
  type ChannelRecord,
  channelFailureTable,
  channelSizes,
  type RecordName,
} from '../generated/channel.ts';
import { headerOctets } from '../generated/constants.ts';
import type { SessionKey } from '../generated/kinds.ts';
import { connectionOf } from '../handshake/keyLog.ts';
import { type Bytes, concat } from '../octets.ts';
import { otherRole, type Role } from '../role.ts';
import type { Ending } from './frames.ts';
import type { KeyLog } from './keyLog.ts';

/** How the stream of a side ends. */
export type StreamEnd =
  | { readonly end: 'closed' }
  /** Without `close`: at a border of records, or within one. */
  | { readonly end: 'cut'; readonly detail: string }
  /** What a peer refuses there. */
  | { readonly end: 'refused'; readonly code: ChannelCode; readonly detail: string }
  /** Behind a switch to a root that the key log does not have. */
  | { readonly end: 'unknown'; readonly detail: string };

/** What one side sent behind the handshake. */
export interface RecordedStream {
  readonly sender: Role;
  /** How many records of each type. */
  readonly records: Readonly<Partial<Record<RecordName, number>>>;
  /** Octets of data of the application, without padding. */
  readonly data: number;
  readonly end: StreamEnd;
  /** Where it ends, counted from its first octet behind the handshake. */
  readonly offset: number;
}

/** The octets of one side behind its last message. */
export interface Behind {
  readonly sender: Role;
  readonly octets: Bytes;
}

/** What stands behind a handshake, the initiator's first. */
export const behindOf = (endings: readonly Ending[]): readonly Behind[] =>
  (['initiator', 'responder'] as const).flatMap((role) =>
    endings.flatMap(({ sender, remainder }) =>
      sender === role && remainder.kind === 'behind' ? [{ sender, octets: remainder.octets }] : [],
    ),
  );

/** The key that a log has of the handshake that begins with these octets. */
function keyOf(log: KeyLog, octets: Bytes): SessionKey<Bytes> | undefined {
  const [, , high = 0, low = 0] = octets;
  const end = headerOctets + high * 256 + low;
  if (octets.length < end) return undefined;
  return log.connections.get(connectionOf(octets.subarray(headerOctets, end)))?.k_session as
    | SessionKey<Bytes>
    | undefined;
}

/** A piece of a stream: the state behind it, and the record that it was, if it was one; or the end. */
type Piece =
  | { readonly state: Inbound<Bytes>; readonly octets: number; readonly record: ChannelRecord<Bytes> | undefined }
  | StreamEnd;

const refusedFor = (code: ChannelCode): StreamEnd => ({
  end: 'refused',
  code,
  detail: channelFailureTable[code].meaning,
});
export const cut = (detail: string): StreamEnd => ({ end: 'cut', detail });

/** How many octets the record that begins here has, its length counted in; or why none can be cut out. */
export function recordAt(rest: Bytes): number | StreamEnd {
  if (rest.length < channelSizes.length) return cut('within a record');
  const length = (rest[0] ?? 0) * 256 + (rest[1] ?? 0);
  if (length < channelSizes.leastLength || length > channelSizes.mostLength) return refusedFor('record-length');
  const octets = channelSizes.length + length;
  return rest.length < octets ? cut('within a record') : octets;
}

function pieceOf(algebra: RecordAlgebra<Bytes>, state: Inbound<Bytes>, rest: Bytes): Piece {
  if (state.state === 'closed') return rest.length === 0 ? { end: 'closed' } : refusedFor('octets-after-close');
  if (rest.length === 0) return cut('close is missing');
  if (state.state === 'uncommitted') {
    const { commitment } = channelSizes;
    if (rest.length < commitment) return cut('within a commitment');
    const taken = takeCommitment(algebra, state, rest.subarray(0, commitment));
    return taken.ok ? { state: taken.value, octets: commitment, record: undefined } : refusedFor(taken.code);
  }
  const octets = recordAt(rest);
  if (typeof octets !== 'number') return octets;
  const taken = takeRecord(algebra, state, rest.subarray(0, octets));
  return taken.ok ? { ...taken.value, octets } : refusedFor(taken.code);
}

/** Reads the stream of one side. Keys of inner handshakes are found in that of the initiator, and kept for the other one. */
function streamOf(
  algebra: RecordAlgebra<Bytes>,
  { sender, octets }: Behind,
  root: Bytes,
  log: KeyLog,
  keys: (SessionKey<Bytes> | undefined)[],
): RecordedStream {
  const records: Partial<Record<RecordName, number>> = {};
  let data = 0;
  let switches = 0;
  let messages: Bytes[] = [];
  let secrets = rootSecrets(algebra, otherRole(sender), firstRoot(root as SessionKey<Bytes>));
  let state: Inbound<Bytes> = uncommitted(algebra, secrets.received);
  for (let at = 0; ; ) {
    const piece = pieceOf(algebra, state, octets.subarray(at));
    if ('end' in piece) return { sender, records, data, end: piece, offset: at };
    const { record } = piece;
    state = piece.state;
    at += piece.octets;
    if (record === undefined) continue;
    records[record.type] = (records[record.type] ?? 0) + 1;
    if (record.type === 'data') data += record.content.length;
    if (record.type === 'handshake') messages.push(record.content);
    if (record.type !== 'switch') continue;
    if (sender === 'initiator') keys.push(keyOf(log, concat(...messages)));
    messages = [];
    const key = keys[switches];
    switches += 1;
    if (key === undefined) {
      const end = { end: 'unknown', detail: 'the key log has nothing of the inner handshake' } as const;
      return { sender, records, data, end, offset: at };
    }
    secrets = rootSecrets(algebra, otherRole(sender), rootAfter(algebra, secrets.chain, key));
    state = uncommitted(algebra, secrets.received);
  }
}

/**
 * The streams behind a handshake whose `k_session` is known, the initiator's first; none of octets that do not begin with the commitment of its root:
 * they are no channel.
 */
export function channelOf(
  suite: Suite,
  behind: readonly Behind[],
  root: Bytes,
  log: KeyLog,
): readonly RecordedStream[] {
  const { algebra, retain } = bytesRecords(suite);
  const keys: (SessionKey<Bytes> | undefined)[] = [];
  const streams = behind.map((one) => streamOf(algebra, one, root, log, keys));
  retain([]);
  return streams.filter(({ end, offset }) => !(end.end === 'refused' && offset === 0));
}
