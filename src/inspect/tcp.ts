// From TCP segments to byte streams (RFC 9293, section 3.4): by sequence numbers, whatever their order and however often they came.
import type { Endpoint, Segment } from './packet.ts';

type Bytes = Uint8Array;

/** When octets of a stream were there: all before `end` by the time of the segment with this number. */
export interface Arrival {
  readonly end: number;
  readonly order: number;
  readonly time: number | undefined;
}

/** The octets of one direction of a connection, from its beginning to the first that is missing. */
export interface ByteStream {
  readonly octets: Bytes;
  /** In the order of the stream; `order` never falls. */
  readonly arrivals: readonly Arrival[];
  /** What an expert would want to know: gaps, retransmissions that differ. */
  readonly notes: readonly string[];
}

/** A connection: who sent the first segment seen, or the SYN, comes first. */
export interface Connection {
  readonly ends: readonly [Endpoint, Endpoint];
  readonly streams: readonly [ByteStream, ByteStream];
}

interface Piece {
  readonly sequence: number;
  readonly data: Bytes;
  readonly order: number;
  readonly time: number | undefined;
}

interface Direction {
  /** Sequence number of the first octet, when the SYN was seen. */
  first: number | undefined;
  readonly pieces: Piece[];
}

interface Open {
  readonly ends: [Endpoint, Endpoint];
  readonly directions: [Direction, Direction];
  ended: boolean;
}

const direction = (): Direction => ({ first: undefined, pieces: [] });

/** Sequence numbers are modulo 2^32: how far one is behind another. */
const distance = (sequence: number, base: number): number => (sequence - base) | 0;

/** Sorts segments into connections, and puts the octets of each in order. */
export function reassemble(segments: readonly Segment[]): Connection[] {
  const all: Open[] = [];
  const current = new Map<string, Open>();
  segments.forEach((segment, order) => {
    const key = [segment.from, segment.to].sort().join(' ');
    let open = current.get(key);
    if (open === undefined || beginsAnother(open, segment)) {
      const ends: [Endpoint, Endpoint] = [segment.from, segment.to];
      if (segment.flags.syn && segment.flags.ack) ends.reverse();
      open = { ends, directions: [direction(), direction()], ended: false };
      current.set(key, open);
      all.push(open);
    }
    take(open, segment, order);
  });
  return all.map(({ ends, directions: [one, other] }) => ({ ends, streams: [joined(one), joined(other)] }));
}

/** A SYN with another sequence number than the one seen, or after the end, is a connection more between the same ends. */
function beginsAnother({ ends, directions, ended }: Open, { from, sequence, flags }: Segment): boolean {
  if (!flags.syn || flags.ack) return false;
  const { first, pieces } = directions[from === ends[0] ? 0 : 1];
  if (first === (sequence + 1) >>> 0) return false;
  return ended || first !== undefined || pieces.length > 0;
}

function take(open: Open, { from, sequence, flags, data, time }: Segment, order: number): void {
  const side = open.directions[from === open.ends[0] ? 0 : 1];
  const start = flags.syn ? (sequence + 1) >>> 0 : sequence;
  if (flags.syn) side.first ??= start;
  if (flags.fin || flags.rst) open.ended = true;
  if (data.length > 0 && !flags.rst) side.pieces.push({ sequence: start, data, order, time });
}

function joined({ first, pieces }: Direction): ByteStream {
  const anchor = first ?? pieces[0]?.sequence ?? 0;
  const placed = pieces.map((piece) => ({ ...piece, at: distance(piece.sequence, anchor) }));
  // Without a SYN the stream begins with the lowest number seen.
  const base = first === undefined ? placed.reduce((least, { at }) => Math.min(least, at), 0) : 0;
  const sorted = placed.sort((left, right) => left.at - right.at || left.order - right.order);
  const chunks: Bytes[] = [];
  const arrivals: Arrival[] = [];
  const notes: string[] = [];
  let [end, latest]: [number, { order: number; time: number | undefined }] = [0, { order: 0, time: undefined }];
  for (const { at, data, order, time } of sorted) {
    const offset = at - base;
    if (offset > end) {
      const after = sorted.reduce((sum, one) => (one.at - base > end ? sum + one.data.length : sum), 0);
      notes.push(`${offset - end} octets are missing at octet ${end}; ${after} captured behind them cannot be read`);
      break;
    }
    const fresh = data.subarray(Math.max(0, end - offset));
    if (fresh.length === 0) continue;
    chunks.push(fresh);
    end += fresh.length;
    if (order >= latest.order) latest = { order, time };
    arrivals.push({ end, ...latest });
  }
  const octets = concatenated(chunks, end);
  return { octets, arrivals, notes: [...notes, ...differences(sorted, base, octets)] };
}

function concatenated(chunks: readonly Bytes[], length: number): Bytes {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** A retransmission with other octets is a fault of the capture, or an attack: it is told, and the lowest placed segment counts. */
function differences(
  sorted: readonly { readonly at: number; readonly data: Bytes }[],
  base: number,
  whole: Bytes,
): string[] {
  const conflicts = sorted.filter(({ at, data }) => {
    const offset = at - base;
    for (let i = Math.max(0, -offset); i < data.length && offset + i < whole.length; i += 1) {
      if (data[i] !== whole[offset + i]) return true;
    }
    return false;
  });
  return conflicts.map(({ at }) => `a retransmission at octet ${at - base} differs from the octets that are shown`);
}
