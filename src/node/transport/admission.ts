// Admission to a listener. No sockets and no clock here: times are passed in, and decisions are values.
//
// A newcomer is refused only when nobody can make room for it. Room is made by the peer that has been silent the longest at the
// address that holds the most. So a flood displaces itself, and a peer that goes on at once is the last to go.
import { isLoopback, networkOf } from './network.ts';

/** The bounds of a listener. `Infinity` is no bound. */
export interface AdmissionBounds {
  /** Handshakes under way, of all addresses. */
  readonly maximumHandshakes: number;
  /** Handshakes under way of one address: IPv4 by address, IPv6 by /64. */
  readonly maximumHandshakesPerAddress: number;
  /** Handshakes under way and established sessions whose connection is still open. */
  readonly maximumConnections: number;
  /** New connections of one address in a second, and at once after a quiet second; loopback addresses have no such bound. */
  readonly handshakesPerSecond: number;
  /** Addresses whose rate is remembered while they have no handshake under way. */
  readonly trackedAddresses: number;
}

/** Why a connection did not get or keep its place: no room; displaced by another; its address came too often. */
export type Turned = 'refused' | 'evicted' | 'limited';

/** The place of a handshake under way. */
export interface Place<T> {
  readonly holder: T;
  /** The address that it counts under. */
  readonly network: string;
  /** When it connected or its last whole message came. Octets that trickle in do not count. */
  silentSince: number;
  /** Whether octets of the peer wait for this process: then its silence is not the peer's. */
  working: boolean;
  left: boolean;
}

/** The decision on a newcomer, and the one displaced for it. */
export type Decision<T> =
  | { readonly admitted: true; readonly place: Place<T>; readonly evicted: Place<T> | undefined }
  | { readonly admitted: false; readonly reason: Exclude<Turned, 'evicted'> };

/** The counts of a listener. Times are milliseconds of one clock that does not go back. */
export interface Admission<T> {
  readonly arrive: (holder: T, address: string, now: number) => Decision<T>;
  /** The handshake ended; `established`: its connection goes on, until `closed`. Does nothing for a place that was given up. */
  readonly leave: (place: Place<T>, established: boolean) => void;
  /** The connection of an established session closed. */
  readonly closed: () => void;
  readonly counts: () => { readonly handshakes: number; readonly sessions: number; readonly addresses: number };
}

interface Network<T> {
  readonly places: Set<Place<T>>;
  /** Connections that may come at once, at the time `at`. */
  credit: number;
  at: number;
}

const pruneInterval = 1_000;

/** Counts for a listener without connections. */
export function admission<T>(bounds: AdmissionBounds): Admission<T> {
  const { maximumHandshakes, maximumHandshakesPerAddress, maximumConnections, handshakesPerSecond: rate } = bounds;
  const networks = new Map<string, Network<T>>();
  /** Places with a handshake under way. */
  const busy = new Set<Network<T>>();
  let [handshakes, sessions, prunedAt] = [0, 0, 0];

  /** Forgets addresses without a handshake that have full credit again, or that are too many. */
  function prune(now: number): void {
    const crowded = networks.size > bounds.trackedAddresses;
    if (!crowded && now - prunedAt < pruneInterval) return;
    prunedAt = now;
    for (const [key, { places, at }] of networks) {
      if (places.size === 0 && (crowded || now - at >= pruneInterval)) networks.delete(key);
    }
  }

  function networkAt(key: string, now: number): Network<T> {
    const known = networks.get(key);
    if (known !== undefined) return known;
    const fresh = { places: new Set<Place<T>>(), credit: rate, at: now };
    networks.set(key, fresh);
    return fresh;
  }

  /** Takes one from the credit, which a second refills. @returns whether there was one */
  function spend(network: Network<T>, now: number): boolean {
    if (rate === Number.POSITIVE_INFINITY) return true;
    network.credit = Math.min(rate, network.credit + ((now - network.at) / 1_000) * rate);
    network.at = now;
    if (network.credit < 1) return false;
    network.credit -= 1;
    return true;
  }

  /** The place to give to a newcomer: `undefined` when there is room, `'none'` when nobody can make room. */
  function victimFor(mine: Network<T>): Place<T> | 'none' | undefined {
    const own = mine.places.size;
    if (own >= maximumHandshakesPerAddress) return silentLongest(mine.places) ?? 'none';
    if (handshakes < maximumHandshakes && handshakes + sessions < maximumConnections) return undefined;
    let most = 1;
    for (const { places } of busy) most = Math.max(most, places.size);
    const heaviest = [...busy].flatMap(({ places }) => (places.size === most ? [...places] : []));
    // All wait for this process: the last in the longest line goes, if that makes the lines more even.
    return silentLongest(heaviest) ?? (own + 1 < most ? heaviest.at(-1) : undefined) ?? 'none';
  }

  function leave(place: Place<T>, established: boolean): void {
    if (place.left) return;
    place.left = true;
    handshakes -= 1;
    if (established) sessions += 1;
    const network = networks.get(place.network);
    network?.places.delete(place);
    if (network?.places.size === 0) busy.delete(network);
  }

  return {
    arrive: (holder, address, now) => {
      prune(now);
      const key = networkOf(address);
      const mine = networkAt(key, now);
      if (!isLoopback(address) && !spend(mine, now)) return { admitted: false, reason: 'limited' };
      const victim = victimFor(mine);
      if (victim === 'none') return { admitted: false, reason: 'refused' };
      if (victim !== undefined) leave(victim, false);
      const place: Place<T> = { holder, network: key, silentSince: now, working: false, left: false };
      mine.places.add(place);
      busy.add(mine);
      handshakes += 1;
      return { admitted: true, place, evicted: victim };
    },
    leave,
    closed: () => {
      sessions -= 1;
    },
    counts: () => ({ handshakes, sessions, addresses: networks.size }),
  };
}

/** Places that wait for their peer. */
function silentLongest<T>(places: Iterable<Place<T>>): Place<T> | undefined {
  let found: Place<T> | undefined;
  for (const place of places) {
    if (!place.working && (found === undefined || place.silentSince < found.silentSince)) found = place;
  }
  return found;
}
