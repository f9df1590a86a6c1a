// Opens a connection to a host. Every address of a name is tried, within one time for all of them.

import { lookup } from 'node:dns/promises';
import { isIP, isIPv6, type Socket, connect as tcpConnect } from 'node:net';
import { type Address, addressText } from './network.ts';
import { networkReason } from './networkErrors.ts';

/** Milliseconds after which the next address is tried beside those that have not answered (RFC 8305, section 5). */
const attemptDelay = 250;

/** An open connection, or why there is none. */
export type Dialled = { readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly reason: string };

interface Attempt {
  readonly address: string;
  readonly socket: Socket;
  reason?: string;
}

const systemAddresses = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** The addresses in their order, but the two families in turn (RFC 8305, section 4). */
function inTurn(addresses: readonly string[]): string[] {
  const isSix = isIPv6(addresses[0] ?? '');
  const [same, other] = [true, false].map((is) => addresses.filter((one) => (isIPv6(one) === isSix) === is)) as [
    string[],
    string[],
  ];
  const longest = Math.max(same.length, other.length);
  return Array.from({ length: longest }, (_, i) => [...same.slice(i, i + 1), ...other.slice(i, i + 1)]).flat();
}

/** A reason that names its address, once. */
const naming = (address: string, reason: string): string =>
  reason.includes(address) ? reason : `${address}: ${reason}`;

interface Attempts {
  readonly begin: (addresses: readonly string[], delay: number) => void;
  /** What became of each address. */
  readonly told: () => string[];
  /** Destroys all sockets but one. */
  readonly close: (but: Socket | undefined) => void;
}

/** Tries addresses: the next one when one fails, or after a delay. */
function attemptsOn(
  { port, path, highWaterMark }: Pick<Address, 'port' | 'path'> & { readonly highWaterMark: number | undefined },
  opened: (socket: Socket) => void,
  allFailed: () => void,
): Attempts {
  const attempts: Attempt[] = [];
  let waiting: string[] = [];
  const to = (host: string): { path: string } | { host: string; port: number } =>
    path === undefined ? { host, port } : { path };
  const socketOptions = { noDelay: true, ...(highWaterMark !== undefined && { highWaterMark }) };
  let [delay, closed] = [attemptDelay, false];
  let next: NodeJS.Timeout | undefined;

  function tryNext(): void {
    clearTimeout(next);
    const address = waiting.shift();
    if (address === undefined) return;
    const attempt: Attempt = { address, socket: tcpConnect({ ...to(address), ...socketOptions }) };
    attempts.push(attempt);
    attempt.socket
      .once('connect', () => closed || opened(attempt.socket))
      .on('error', (error) => failed(attempt, networkReason(error, address, path === undefined ? port : undefined)))
      .once('close', () => failed(attempt, 'closed'));
    if (waiting.length > 0) next = setTimeout(tryNext, delay);
  }

  function failed(attempt: Attempt, reason: string): void {
    if (closed || attempt.reason !== undefined) return;
    attempt.reason = reason;
    tryNext();
    if (attempts.every((one) => one.reason !== undefined)) allFailed();
  }

  return {
    begin: (addresses, pause) => {
      [waiting, delay] = [[...addresses], pause];
      tryNext();
    },
    told: () => [
      ...attempts.map(({ address, reason = 'no answer' }) => naming(address, reason)),
      ...waiting.map((address) => `${address}: not tried`),
    ],
    close: (but) => {
      closed = true;
      clearTimeout(next);
      for (const { socket } of attempts) if (socket !== but) socket.destroy();
    },
  };
}

/**
 * Connects to a host. An address that refuses is followed by the next one at once, one that does not answer after 250
 * ms; whichever answers first is taken. Never rejects.
 * @param milliseconds the time for the name and all its addresses
 * @param options `signal` ends the attempt; `addressesOf` finds the addresses of a name, by default the system;
 *   `highWaterMark` of the socket, in octets
 */
export function dial(
  to: Address,
  milliseconds: number,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly addressesOf?: (host: string) => Promise<readonly string[]>;
    readonly highWaterMark?: number;
  } = {},
): Promise<Dialled> {
  const { signal, addressesOf = systemAddresses, highWaterMark } = options;
  const [literal = ''] = [to.path, to.host].filter((one) => one !== undefined);
  const isLiteral = to.path !== undefined || isIP(to.host) !== 0;
  return new Promise((resolve) => {
    let ended = false;
    const attempts = attemptsOn(
      { port: to.port, path: to.path, highWaterMark },
      (socket) => end({ ok: true, socket }),
      () => fail(),
    );
    const deadline = setTimeout(() => fail(`connect timeout: no connection in ${milliseconds} ms`), milliseconds);
    const onAbort = (): void => fail('ended by this side');

    function end(outcome: Dialled): void {
      if (ended) return;
      ended = true;
      clearTimeout(deadline);
      signal?.removeEventListener('abort', onAbort);
      attempts.close(outcome.ok ? outcome.socket : undefined);
      resolve(outcome);
    }

    function fail(reason?: string): void {
      const told = attempts.told().join('; ');
      const why = reason === undefined ? told : isLiteral || told === '' ? reason : `${reason} (${told})`;
      end({ ok: false, reason: naming(addressText(to), why) });
    }

    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort);
    (isLiteral ? Promise.resolve([literal]) : addressesOf(to.host)).then(
      (addresses) => {
        if (ended) return;
        if (addresses.length === 0) fail('the name has no address');
        else attempts.begin(inTurn(addresses), Math.min(attemptDelay, milliseconds / addresses.length));
      },
      (error: NodeJS.ErrnoException) => fail(networkReason(error, to.host)),
    );
  });
}
