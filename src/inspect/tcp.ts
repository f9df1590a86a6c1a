// From TCP segments to byte streams (RFC 9293, section 3.4): by sequence numbers, whatever their order and however often they came.
// A recording may have millions of segments: of each a row of numbers is kept, and its octets stay in the file.

import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import type { Endpoint, Segment } from './packet.ts';
import { shortened } from './problem.ts';
import { rows } from './rows.ts';

/** The arrival of octets of a stream: the number of a segment, which grows with time, and its time. */
export interface Arrival {
  readonly order: number;
  readonly time: number | undefined;
}

/** The octets of one direction of a connection, from its beginning to the first missing octet. */
export interface ByteStream {
  readonly octets: Bytes;
  /** The arrival of the first so many octets, if it is known. */
  readonly arrivalOf: (octets: number) => Arrival | undefined;
  /** Remarks for experts: gaps, retransmissions that differ. */
  readonly notes: readonly string[];
}

/** A connection. The sender of the SYN, or else of the first segment seen, comes first. */
export interface Connection {
  readonly ends: readonly [Endpoint, Endpoint];
  /** Puts both directions in order, anew at each call: a recording may have more connections than are of use. */
  readonly streams: () => readonly [ByteStream, ByteStream];
}

/** The segments seen of a direction: a chain of rows, the last one first. */
interface Direction {
  /** Sequence number of the first octet; undefined until the SYN was seen. */
  first: number | undefined;
  /** The lowest sequence number of octets seen; undefined until there were any. */
  lowest: number | undefined;
  /** The first sequence number that the other end acknowledged. */
  acknowledged: number | undefined;
  last: number;
  count: number;
}

interface Open {
  ends: readonly [Endpoint, Endpoint];
  directions: readonly [Direction, Direction];
  ended: boolean;
}

/** Puts segments together as they come. */
export interface Reassembly {
  /** Takes the next segment; false when it would begin one connection more than the bound. */
  readonly take: (segment: Segment) => boolean;
  readonly connections: () => readonly Connection[];
}

const none = -1;
const direction = (): Direction => ({
  first: undefined,
  lowest: undefined,
  acknowledged: undefined,
  last: none,
  count: 0,
});

/** A SYN this many octets before the first octets that were seen is that of their connection: captures that were merged. */
const nearby = 2 ** 18;

/** How far one sequence number is behind another; they are modulo 2^32. */
const distance = (sequence: number, base: number): number => (sequence - base) | 0;

/**
 * Whether a SYN begins another connection between the same ends: it has a new sequence number, or follows the end. A SYN may
 * come after packets of its own connection, where captures were merged.
 */
function beginsAnother({ ends, directions, ended }: Open, { from, sequence, flags }: Segment): boolean {
  if (!flags.syn || flags.ack) return false;
  const { first, lowest, acknowledged } = directions[from === ends[0] ? 0 : 1];
  const start = (sequence + 1) >>> 0;
  if (first !== undefined) return first !== start;
  const seen = lowest ?? acknowledged;
  if (seen === undefined) return ended;
  const before = distance(seen, start);
  return before < 0 || before > nearby;
}

/** Turns a connection round whose SYN comes from the end that was taken for the second one. */
function turn(open: Open): void {
  open.ends = [open.ends[1], open.ends[0]];
  open.directions = [open.directions[1], open.directions[0]];
}

const keyOf = ({ from, to }: Segment): string => (from < to ? `${from} ${to}` : `${to} ${from}`);

/** Sorts the segments of a file into connections, and puts the octets of each in order. */
export function reassembly(file: Bytes): Reassembly {
  const pieces = rows(['sequence', 'offset', 'length', 'order', 'time', 'before']);
  const all: Open[] = [];
  const current = new Map<string, Open>();
  let order = 0;

  function openOf(segment: Segment): Open | undefined {
    const key = keyOf(segment);
    const found = current.get(key);
    if (found !== undefined && !beginsAnother(found, segment)) return found;
    if (all.length === limits.recordedConnections) return undefined;
    const { from, to, flags } = segment;
    const ends = flags.syn && flags.ack ? ([to, from] as const) : ([from, to] as const);
    const open: Open = { ends, directions: [direction(), direction()], ended: false };
    current.set(key, open);
    all.push(open);
    return open;
  }

  return {
    take: (segment) => {
      const { from, sequence, flags, data, offset, time = Number.NaN } = segment;
      order += 1;
      const open = openOf(segment);
      if (open === undefined) return false;
      if (flags.syn && from !== open.ends[flags.ack ? 1 : 0]) turn(open);
      const [side, other] = from === open.ends[0] ? open.directions : [open.directions[1], open.directions[0]];
      if (flags.ack) other.acknowledged ??= segment.acknowledgement;
      const start = flags.syn ? (sequence + 1) >>> 0 : sequence;
      if (flags.syn) side.first ??= start;
      if (flags.fin || flags.rst) open.ended = true;
      if (data.length === 0 || flags.rst) return true;
      if (side.lowest === undefined || distance(start, side.lowest) < 0) side.lowest = start;
      side.last = pieces.add({
        sequence: start,
        offset,
        length: data.length,
        order: order - 1,
        time,
        before: side.last,
      });
      side.count += 1;
      return true;
    },
    connections: () =>
      all.map(({ ends, directions: [one, other] }) => ({
        ends,
        streams: () => [joined(file, pieces, one), joined(file, pieces, other)],
      })),
  };
}

type Pieces = ReturnType<typeof rows<'sequence' | 'offset' | 'length' | 'order' | 'time' | 'before'>>;

/** The rows of a direction in the order of its stream, and where each begins in it. */
interface Placed {
  readonly rows: Float64Array;
  readonly at: (row: number) => number;
}

function placed(pieces: Pieces, { first, last, count }: Direction): Placed {
  const sorted = new Float64Array(count);
  for (let [i, row] = [count - 1, last]; i >= 0; i -= 1) {
    sorted[i] = row;
    row = pieces.get('before', row);
  }
  const anchor = first ?? pieces.get('sequence', sorted[0] ?? 0);
  const from = (row: number): number => distance(pieces.get('sequence', row), anchor);
  // Without a SYN the lowest sequence number is taken for the beginning.
  const base = first === undefined ? sorted.reduce((least, row) => Math.min(least, from(row)), 0) : 0;
  sorted.sort((left, right) => from(left) - from(right) || left - right);
  return { rows: sorted, at: (row) => from(row) - base };
}

const silent: ByteStream = { octets: new Uint8Array(), arrivalOf: () => undefined, notes: [] };

function joined(file: Bytes, pieces: Pieces, seen: Direction): ByteStream {
  if (seen.count === 0) return silent;
  const all = placed(pieces, seen);
  const { rows: sorted, at } = all;
  const length = (row: number): number => pieces.get('length', row);
  const notes: string[] = [];
  const arrivals = { ends: new Float64Array(sorted.length), rows: new Float64Array(sorted.length) };
  let [end, used, latest] = [0, 0, 0];
  for (const row of sorted) {
    const offset = at(row);
    if (offset > end) {
      const after = sorted.reduce((sum, one) => (at(one) > end ? sum + length(one) : sum), 0);
      notes.push(`${offset - end} octets are missing at octet ${end}; ${after} captured behind them cannot be read`);
      break;
    }
    if (offset + length(row) > end) latest = Math.max(latest, row); // rows are in the order of the capture
    end = Math.max(end, offset + length(row));
    arrivals.ends[used] = end;
    arrivals.rows[used] = latest;
    used += 1;
  }
  const octets = written(file, pieces, { rows: sorted.subarray(0, used), at }, end);
  const arrivalOf = (count: number): Arrival | undefined => {
    const row = arrivals.rows[firstAtLeast(arrivals.ends.subarray(0, used), count)];
    if (row === undefined) return undefined;
    const time = pieces.get('time', row);
    return { order: pieces.get('order', row), time: Number.isNaN(time) ? undefined : time };
  };
  return { octets, arrivalOf, notes: [...notes, ...differences(file, pieces, all, octets)] };
}

/** The place of the first of ascending numbers that is not less than one; the length when there is none. */
function firstAtLeast(ascending: Float64Array, least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low < ascending.length ? low : Number.MAX_SAFE_INTEGER;
}

/**
 * The octets of rows without a gap. Where they overlap, the segment captured first counts, as it does for TCP: it is
 * written last.
 */
function written(file: Bytes, pieces: Pieces, { rows: sorted, at }: Placed, length: number): Bytes {
  const octets = new Uint8Array(length);
  for (const row of sorted.toSorted((left, right) => right - left)) {
    const [start, before] = [pieces.get('offset', row), Math.max(0, -at(row))];
    const end = start + pieces.get('length', row);
    if (start + before < end) octets.set(file.subarray(start + before, end), at(row) + before);
  }
  return octets;
}

/** The rows of keep-alives (RFC 9293, section 3.8.4): one octet, of any value, that was sent already and was the last one. */
function keepAlives(pieces: Pieces, { rows: sorted, at }: Placed): ReadonlySet<number> {
  const found = new Set<number>();
  let end = 0;
  for (const row of sorted.toSorted()) {
    const [offset, length] = [at(row), pieces.get('length', row)];
    if (length === 1 && offset + 1 === end) found.add(row);
    end = Math.max(end, offset + length);
  }
  return found;
}

/** Remarks on a retransmission with other octets: a fault of the capture, or an attack. The segment captured first counts. */
function differences(file: Bytes, pieces: Pieces, all: Placed, whole: Bytes): readonly string[] {
  const { rows: sorted, at } = all;
  const alive = keepAlives(pieces, all);
  const differs = (row: number): boolean => {
    const [from, length, offset] = [pieces.get('offset', row), pieces.get('length', row), at(row)];
    for (let i = Math.max(0, -offset); i < length && offset + i < whole.length; i += 1) {
      if (file[from + i] !== whole[offset + i]) return true;
    }
    return false;
  };
  return shortened(
    sorted.filter((row) => !alive.has(row) && differs(row)),
    (row) => `a retransmission at octet ${at(row)} differs from the octets that are shown`,
  );
}
