// Admission to a listener. It has no sockets and no clock: times are passed in, and decisions are values.
//
// A newcomer is refused only when no peer can be displaced. The peer that was silent the longest, at the address with
// the most handshakes, is displaced. So a flood displaces itself, and a peer that sends at once is displaced last.
// Where that makes the counts of the addresses no more even, a peer that has sent a whole message is displaced only
// after a while: when more honest peers come than can be served, those that are in are not given up for others.
import { isLoopback, networkOf } from './network.ts';

/** The bounds of a listener. `Infinity` is no bound. */
export interface AdmissionBounds {
  /** Handshakes under way, of all addresses. */
  readonly maximumHandshakes: number;
  /** Handshakes under way of one address: IPv4 by address, IPv6 by /64. */
  readonly maximumHandshakesPerAddress: number;
  /** Handshakes under way and established sessions whose connection is still open. */
  readonly maximumConnections: number;
  /**
   * New connections of one address in a second, and in a burst after a quiet second; loopback addresses have no such
   * bound.
   */
  readonly handshakesPerSecond: number;
  /**
   * Milliseconds for which a peer that has sent a whole message may be silent before another displaces it, unless the other's address has
   * fewer handshakes even with it. For a peer that has not, a tenth of that.
   */
  readonly patience: number;
  /** Addresses whose rate is remembered while they have no handshake under way. */
  readonly trackedAddresses: number;
}

/** Why a connection got no place or lost it: no room, displaced by another, or its address connected too often. */
export type Turned = 'refused' | 'evicted' | 'limited';

/** The place of a handshake under way. */
export interface Place<T> {
  readonly holder: T;
  /** The address that it counts under. */
  readonly network: string;
  /** The time of the connection or of its last whole message. Single octets do not count. */
  silentSince: number;
  /** Whether octets of the peer wait for this process. Then the peer is not silent. */
  working: boolean;
  /** Whether a whole message came. */
  further: boolean;
  left: boolean;
}

/** The decision on a newcomer, and the place that was displaced for it. */
export type Decision<T> =
  | { readonly admitted: true; readonly place: Place<T>; readonly evicted: Place<T> | undefined }
  | { readonly admitted: false; readonly reason: Exclude<Turned, 'evicted'> };

/** The counts of a listener. Times are milliseconds of one monotonic clock. */
export interface Admission<T> {
  readonly arrive: (holder: T, address: string, now: number) => Decision<T>;
  /**
   * The handshake ended. With `established` its connection stays open until `closed`. Does nothing for a displaced
   * place.
   */
  readonly leave: (place: Place<T>, established: boolean) => void;
  /** The connection of an established session closed. */
  readonly closed: () => void;
  readonly counts: () => { readonly handshakes: number; readonly sessions: number; readonly addresses: number };
}

interface Network<T> {
  readonly places: Set<Place<T>>;
  /** Connections that may come in a burst, at the time `at`. */
  credit: number;
  at: number;
}

const pruneInterval = 1_000;

/** Counts for a listener without connections. */
export function admission<T>(bounds: AdmissionBounds): Admission<T> {
  const {
    maximumHandshakes,
    maximumHandshakesPerAddress,
    maximumConnections,
    handshakesPerSecond: rate,
    patience,
  } = bounds;
  const networks = new Map<string, Network<T>>();
  /** Places with a handshake under way. */
  const busy = new Set<Network<T>>();
  let [handshakes, sessions, prunedAt] = [0, 0, 0];

  /**
   * Forgets addresses without a handshake: those that have full credit again, and all of them when there are too many.
   */
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

  /** Takes one connection from the credit, which refills within a second. @returns whether there was one */
  function spend(network: Network<T>, now: number): boolean {
    if (rate === Number.POSITIVE_INFINITY) return true;
    network.credit = Math.min(rate, network.credit + ((now - network.at) / 1_000) * rate);
    network.at = now;
    if (network.credit < 1) return false;
    network.credit -= 1;
    return true;
  }

  const isDue =
    (now: number) =>
    ({ silentSince, further }: Place<T>): boolean =>
      now - silentSince >= (further ? patience : patience / 10);

  /** The place to displace for a newcomer: `undefined` when there is room, `'none'` when no place can be displaced. */
  function victimFor(mine: Network<T>, now: number): Place<T> | 'none' | undefined {
    const own = mine.places.size;
    if (own >= maximumHandshakesPerAddress) return silentLongest([...mine.places].filter(isDue(now))) ?? 'none';
    if (handshakes < maximumHandshakes && handshakes + sessions < maximumConnections) return undefined;
    let most = 1;
    for (const { places } of busy) most = Math.max(most, places.size);
    const heaviest = [...busy].flatMap(({ places }) => (places.size === most ? [...places] : []));
    if (own + 1 >= most) return silentLongest(heaviest.filter(isDue(now))) ?? 'none';
    // The counts of the addresses become more even: if all of the heaviest wait for this process, the last one goes.
    return silentLongest(heaviest) ?? heaviest.at(-1) ?? 'none';
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
      const victim = victimFor(mine, now);
      if (victim === 'none') return { admitted: false, reason: 'refused' };
      if (victim !== undefined) leave(victim, false);
      const place: Place<T> = { holder, network: key, silentSince: now, working: false, further: false, left: false };
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

/** The place that has waited the longest for its peer. */
function silentLongest<T>(places: Iterable<Place<T>>): Place<T> | undefined {
  let found: Place<T> | undefined;
  for (const place of places) {
    if (!place.working && (found === undefined || place.silentSince < found.silentSince)) found = place;
  }
  return found;
}
