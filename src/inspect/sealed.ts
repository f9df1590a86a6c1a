// The channel behind a recorded handshake without its keys: what its framing alone tells (spec/channel.md, section 2).
import { channelSizes, type RecordName, recordTable } from '../generated/channel.ts';
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import type { Role } from '../role.ts';
import { type Behind, cut, recordAt, type StreamEnd } from './channel.ts';

/** A record that stays closed. */
export interface SealedRecord {
  /** In its direction, from 1 on. */
  readonly number: number;
  /** Where its length stands, counted from the first octet behind the handshake. */
  readonly offset: number;
  /** What its first two octets say: 17 to 16,401. */
  readonly length: number;
  /** Octets of content and padding in it. */
  readonly inside: number;
  /** What it is if it has no padding. */
  readonly types: readonly RecordName[];
}

/** What one side sent behind the handshake, read as a channel. */
export interface SealedStream {
  readonly sender: Role;
  /** Where commitments stand: the first at 0, each other one behind what must have been a `switch`. */
  readonly commitments: readonly number[];
  /** How many records there are. */
  readonly count: number;
  /** The first of them. */
  readonly records: readonly SealedRecord[];
  /** Octets of content and padding in all of them. */
  readonly inside: number;
  readonly end: StreamEnd;
  /** Where it ends, counted from its first octet behind the handshake. */
  readonly offset: number;
}

const names = Object.keys(recordTable) as RecordName[];

/** The types that a record of a side with so many octets inside can be of when it has no padding. */
const typesOf = (sender: Role, inside: number): readonly RecordName[] =>
  names.filter((name) => {
    const { sender: whose, minimum, maximum } = recordTable[name];
    return (whose === 'both' || whose === sender) && inside >= minimum && inside <= maximum;
  });

/** How many records ahead tell whether a commitment stands before them: four random lengths in a row frame once in 256 times. */
const ahead = 8;

/** How well octets frame: `whole` to their end or for as many records as are looked at, `cut`, or not at all; and how many records do. */
interface Fit {
  readonly fits: 0 | 1 | 2;
  readonly records: number;
}
const better = (one: Fit, other: Fit): boolean =>
  one.fits > other.fits || (one.fits === other.fits && one.fits < 2 && one.records > other.records);

/** Looks for one more commitment ahead at most: there is a whole handshake between two, and less to try out. */
function fitOf(octets: Bytes, at: number, records = 0, isLast = false): Fit {
  if (at === octets.length || records === ahead) return { fits: 2, records };
  const piece = recordAt(octets.subarray(at));
  if (typeof piece !== 'number') return { fits: piece.end === 'cut' ? 1 : 0, records };
  const behind = at + piece;
  const plain = fitOf(octets, behind, records + 1, isLast);
  if (plain.fits === 2 || isLast || !isBare(piece)) return plain;
  const switched = fitBehindCommitment(octets, behind, records + 1, true);
  return better(switched, plain) ? switched : plain;
}

const fitBehindCommitment = (octets: Bytes, at: number, records = 0, isLast = false): Fit =>
  octets.length - at < channelSizes.commitment
    ? { fits: 1, records }
    : fitOf(octets, at + channelSizes.commitment, records, isLast);

const isBare = (octets: number): boolean => octets === channelSizes.length + channelSizes.leastLength;

/** Whether a commitment stands behind a record that can be a `switch`: what follows frames then, and does not without one. */
function switches(octets: Bytes, at: number): boolean {
  if (at === octets.length) return false;
  const plain = fitOf(octets, at);
  return plain.fits < 2 && better(fitBehindCommitment(octets, at), plain);
}

/** The end of a stream behind a whole record. */
const endBehind = (inside: number): StreamEnd => ({
  end: 'unknown',
  detail:
    inside === 0
      ? 'behind a whole record that may be close'
      : 'behind a whole record that is no close unless it has padding',
});

function streamOf({ sender, octets }: Behind): SealedStream {
  const first: SealedRecord[] = [];
  const commitments: number[] = [];
  let [last, count, inside]: [SealedRecord | undefined, number, number] = [undefined, 0, 0];
  const keep = (record: SealedRecord): void => {
    last = record;
    if (record.number <= limits.inspectionLines) first[record.number - 1] = record;
  };

  /** Whether a commitment stands here: at first, and behind a `switch`. */
  const isCommitment = (at: number): boolean =>
    last === undefined ? commitments.length === 0 : last.inside === 0 && switches(octets, at);

  /** @returns where the next piece begins, or the end */
  function pieceAt(at: number): number | StreamEnd {
    const isCommitted = commitments.at(-1) === at - channelSizes.commitment;
    if (!isCommitted && isCommitment(at)) {
      if (octets.length - at < channelSizes.commitment) return cut('within a commitment');
      commitments.push(at);
      if (last !== undefined) keep({ ...last, types: ['switch'] });
      return at + channelSizes.commitment;
    }
    if (at === octets.length)
      return isCommitted || last === undefined ? cut('behind a commitment: close is missing') : endBehind(last.inside);
    const piece = recordAt(octets.subarray(at));
    if (typeof piece !== 'number') return piece;
    const length = piece - channelSizes.length;
    count += 1;
    const record = { number: count, offset: at, length, inside: length - channelSizes.leastLength };
    inside += record.inside;
    keep({ ...record, types: typesOf(sender, record.inside) });
    return at + piece;
  }

  for (let at = 0; ; ) {
    const next = pieceAt(at);
    if (typeof next !== 'number') return { sender, commitments, count, records: first, inside, end: next, offset: at };
    at = next;
  }
}

/**
 * The streams behind a handshake whose keys are not known, read as those of a channel, the initiator's first; none where the first record
 * of a side has a length that no record has: then it is no channel.
 */
export function sealedChannelOf(behind: readonly Behind[]): readonly SealedStream[] {
  const streams = behind.map(streamOf);
  return streams.some(({ end, count }) => end.end === 'refused' && count === 0) ? [] : streams;
}
