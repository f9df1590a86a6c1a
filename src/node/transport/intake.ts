// Connections of a listener before and during their handshake: admission, turns, and reports.

import type { Socket } from 'node:net';
import { ConfigurationError } from '../../configuration.ts';
import { limits } from '../../limits.ts';
import { type AdmissionBounds, admission, type Turned } from './admission.ts';
import { type Run, workedOff } from './fairQueue.ts';
import type { Observation, StreamOptions } from './stream.ts';

/** The bounds of a listener. `Infinity` is no bound. */
export interface IntakeOptions {
  /**
   * Handshakes under way at one time. At the bound a newcomer displaces the peer that was silent the longest, or is
   * refused. Default 1,024.
   */
  readonly maximumHandshakes?: number | undefined;
  /** Handshakes under way of one IPv4 address or one IPv6 /64. Default 256. */
  readonly maximumHandshakesPerAddress?: number | undefined;
  /**
   * Handshakes under way and open connections of established sessions. Default no bound: sessions belong to the
   * application.
   */
  readonly maximumConnections?: number | undefined;
  /**
   * New connections of one IPv4 address or IPv6 /64 in a second, and in a burst; loopback has no bound. Default 500.
   */
  readonly handshakesPerSecond?: number | undefined;
  /**
   * Milliseconds for which a peer that has sent a whole message may be silent before a newcomer takes its place, unless the newcomer's address
   * has fewer handshakes under way even with it; a tenth of that for a peer that has not. So many places in so much time are what newcomers of
   * a full listener get at most. Default 500.
   */
  readonly patience?: number | undefined;
  /** Called at most once a second with the connections that were turned away. By default a warning of the process. */
  readonly onOverload?: ((overload: Overload) => void) | undefined;
}

/** Connections that were turned away since the last report, and the present counts. */
export interface Overload {
  /** Refused, as no other peer could be displaced. */
  readonly refused: number;
  /** Displaced by others, as they were silent the longest. */
  readonly evicted: number;
  /** Refused, as their address connected too often. */
  readonly limited: number;
  /** Handshakes under way now. */
  readonly handshakes: number;
  /** Open connections of established sessions now. */
  readonly sessions: number;
}

/** A connection that was accepted. */
export interface Seat {
  /** The options for the handshake: its turns, and the receiver of its progress. */
  readonly options: { readonly [K in 'onMessage' | 'turn']: NonNullable<StreamOptions[K]> };
  /** The turns of a handshake that is computed elsewhere: its octets are given to `run`. */
  readonly turnOf: (run: Run) => NonNullable<StreamOptions['turn']>;
  /** Whether it was displaced. */
  readonly evicted: () => boolean;
  /** Called at the end of the handshake. If it completed, the connection counts as a session until it closes. */
  readonly leave: (completed: boolean) => void;
}

/** The intake of a listener. */
interface Intake {
  /** Accepts a connection and returns its seat, or destroys it without sending an octet and returns `undefined`. */
  readonly admit: (socket: Socket, options: Pick<StreamOptions, 'onMessage'>) => Seat | undefined;
  /** Reports the counts that are not reported yet. */
  readonly close: () => void;
}

/** @throws ConfigurationError for a bound out of range */
function boundsOf(options: IntakeOptions): AdmissionBounds {
  const { maximumConnections = Number.POSITIVE_INFINITY, handshakesPerSecond = limits.handshakesPerSecond } = options;
  const { maximumHandshakes = limits.handshakes, maximumHandshakesPerAddress = limits.handshakesPerAddress } = options;
  const bounds = { maximumHandshakes, maximumHandshakesPerAddress, maximumConnections, handshakesPerSecond };
  for (const [name, bound] of Object.entries(bounds)) {
    if (bound >= 1 && (Number.isSafeInteger(bound) || bound === Number.POSITIVE_INFINITY)) continue;
    throw new ConfigurationError(`${name} is a whole number from 1, or Infinity, not ${bound}`);
  }
  const { patience = limits.patience } = options;
  if (!(patience >= 0)) throw new ConfigurationError(`patience is a number of milliseconds from 0, not ${patience}`);
  return { ...bounds, patience, trackedAddresses: limits.trackedAddresses };
}

const tellInterval = 1_000;

/** Collects counts, and reports them one second after the first. */
function collector(tell: (turned: Readonly<Record<Turned, number>>) => void): {
  readonly add: (reason: Turned) => void;
  readonly flush: () => void;
} {
  let turned = { refused: 0, evicted: 0, limited: 0 };
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    const told = turned;
    turned = { refused: 0, evicted: 0, limited: 0 };
    tell(told);
  };
  return {
    add: (reason) => {
      turned[reason] += 1;
      timer ??= setTimeout(flush, tellInterval).unref();
    },
    flush,
  };
}

const warn = (overload: Overload): void => process.emitWarning(`PQuAKE: ${describeOverload(overload)}`);

/** Describes an overload in words. */
export const describeOverload = ({ refused, evicted, limited, handshakes, sessions }: Overload): string =>
  `overload: turned away ${refused} connections without room, ${evicted} silent ones in favour of others, ${limited} of ` +
  `addresses that came too often; ${handshakes} handshakes under way, ${sessions} sessions`;

/**
 * Makes the intake of a listener. `onError` receives errors that `onOverload` threw.
 * @throws ConfigurationError for a bound out of range
 */
export function intake(options: IntakeOptions, onError: (error: unknown) => void): Intake {
  const counts = admission<Socket>(boundsOf(options));
  const queue = workedOff();
  const told = collector((turned) => {
    const { handshakes, sessions } = counts.counts();
    try {
      (options.onOverload ?? warn)({ ...turned, handshakes, sessions });
    } catch (error) {
      onError(error);
    }
  });

  function turnAway(socket: Socket, reason: Turned): void {
    told.add(reason);
    if (reason === 'evicted') socket.destroy(new Error('silent the longest; its place went to another connection'));
    else socket.on('error', () => {}).destroy();
  }

  function admit(socket: Socket, { onMessage }: Pick<StreamOptions, 'onMessage'>): Seat | undefined {
    queue.notice();
    const decision = counts.arrive(socket, socket.remoteAddress ?? '', performance.now());
    if (!decision.admitted) {
      turnAway(socket, decision.reason);
      return undefined;
    }
    const { place, evicted } = decision;
    if (evicted !== undefined) turnAway(evicted.holder, 'evicted');
    let left = false;
    return {
      options: {
        onMessage: (observation: Observation) => {
          if (observation.direction === 'received') {
            place.silentSince = performance.now();
            place.further = true;
          }
          onMessage?.(observation);
        },
        turn: (work) => {
          place.working = true;
          const inTurn = (): void => {
            place.working = false;
            work();
          };
          queue.add(place.network, inTurn, place.further);
        },
      },
      turnOf: (run) => (work, octets) => {
        place.working = true;
        run(place.network, place.further, octets, () => {
          place.working = false;
          work();
        });
      },
      evicted: () => place.left && !left,
      leave: (completed) => {
        if (place.left) return;
        left = true;
        counts.leave(place, completed);
        if (!completed) return;
        if (socket.closed) counts.closed();
        else socket.once('close', counts.closed);
      },
    };
  }

  return {
    admit,
    close: told.flush,
  };
}
