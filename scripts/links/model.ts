// The time of a handshake over TCP on a link, by a model: no clock, no chance. It counts what a link takes and no computation.
//
// - TCP connects in one round trip. Flights take turns; a flight begins when the last octet of the one before has arrived.
// - Segments carry up to 1,460 octets behind 40 of headers. A link sends them one after another, and each needs half a round trip more.
// - Each direction begins with a window of 10 segments (RFC 6928). Every segment is acknowledged, without delay and without taking the link; each
//   acknowledgement makes the window one segment larger (slow start, RFC 5681). There is no other traffic and no limit of the receiver.
// - Segments get lost independently. A flight of which any segment was lost waits for one retransmission timeout of at least 200 ms and of two
//   round trips, which doubles while it is lost again (RFC 6298, with the smallest timeout of Linux); for SYN and SYN-ACK it is 1 s. Times are expected values.

export interface Link {
  readonly bitsPerSecond: number;
  /** Seconds. */
  readonly roundTrip: number;
  /** The probability that a segment gets lost. */
  readonly loss: number;
}

const segment = 1_460;
const headers = 40;
const firstWindow = 10;
const leastTimeout = 0.2;
const firstTimeout = 1;
/** More losses in a row than these add less than a microsecond where one segment in twenty is lost. */
const repetitions = 12;

/** Seconds until the last of some octets has arrived, with a window in segments, and nothing lost. */
export function arrival(octets: number, window: number, { bitsPerSecond, roundTrip }: Link): number {
  const acknowledged: number[] = [];
  let free = 0;
  for (let sent = 0; sent * segment < octets; sent += 1) {
    // After k acknowledgements the window has grown by k, and k segments have left it.
    const needed = Math.ceil((sent + 1 - window) / 2);
    const begins = Math.max(free, needed > 0 ? (acknowledged[needed - 1] ?? 0) : 0);
    const length = Math.min(segment, octets - sent * segment) + headers;
    free = begins + (8 * length) / bitsPerSecond;
    acknowledged.push(free + roundTrip);
  }
  return free + roundTrip / 2;
}

/** The expected wait for segments of which each may be lost, and lost again. */
function waiting(segments: number, loss: number, timeout: number): number {
  let wait = 0;
  for (let times = 1; times <= repetitions; times += 1)
    wait += 2 ** (times - 1) * timeout * (1 - (1 - loss ** times) ** segments);
  return wait;
}

/** Seconds from the first SYN until the last flight has arrived: then both sides have completed. */
export function handshakeTime(flights: readonly number[], link: Link): number {
  const { bitsPerSecond, roundTrip, loss } = link;
  const timeout = Math.max(leastTimeout, 2 * roundTrip);
  let elapsed = roundTrip + (2 * 8 * headers) / bitsPerSecond + 2 * waiting(1, loss, firstTimeout);
  const windows = [firstWindow, firstWindow];
  flights.forEach((octets, turn) => {
    const window = windows[turn % 2] ?? firstWindow;
    const segments = Math.ceil(octets / segment);
    elapsed += arrival(octets, window, link) + waiting(segments, loss, timeout);
    windows[turn % 2] = window + segments;
  });
  return elapsed;
}
