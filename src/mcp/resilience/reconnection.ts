// A client that connects again, as a machine: what happened goes in, what is to be done comes out. Time and chance are given to it.
import { cancelledBy } from '../transport/places.ts';
import type { PeerIdentity } from '../transport/principal.ts';
import type { Framed } from '../transport/splitMessages.ts';
import { type Backoff, waits } from './backoff.ts';
import { canHeal, type EndCode, isSameServer } from './healing.ts';
import { type Absence, noConnection } from './lines.ts';
import { hostSession } from './session.ts';

/** How an attempt ended that was to connect. */
export type Attempt =
  | { readonly ok: true; readonly identity: PeerIdentity }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** What is to be done, in this order. */
export type Effect =
  | { readonly do: 'dial' }
  /** `wake` is due after so many milliseconds. */
  | { readonly do: 'wait'; readonly milliseconds: number; readonly code: string; readonly message: string }
  /** To the server; `sent` is due when the connection has taken it. */
  | { readonly do: 'send'; readonly line: Buffer }
  /** To the host. */
  | { readonly do: 'tell'; readonly line: Buffer }
  /** No more comes for the server: its connection ends in order. */
  | { readonly do: 'finish' }
  /** No more comes for the host. */
  | { readonly do: 'end' }
  /** Whatever connection there is closes. No further one is opened; with `whenOver: 'end'` the host's stream ends with this. */
  | { readonly do: 'give up'; readonly code: EndCode | string; readonly message: string };

export interface ReconnectionOptions {
  readonly backoff?: Backoff | undefined;
  /** A number from 0 up to 1, without 1. */
  readonly random: () => number;
  /** Who the server has to be. Default whoever answers first, from then on. */
  readonly expected?: PeerIdentity | undefined;
  /** Whether there is another attempt after one that failed, and another connection after one that was lost. Default yes. */
  readonly again?: boolean | undefined;
  /** When there is no further attempt: the host's stream ends, or its requests go on to be answered with an error. Default `end`. */
  readonly whenOver?: 'end' | 'answer' | undefined;
  /** Milliseconds that a request waits for a connection, before it is answered with an error. Default as long as it takes. */
  readonly answerAfter?: number | undefined;
}

/** A line of the host, and since when it has waited for a connection. */
interface Waiting {
  readonly line: Framed;
  readonly since: number;
}

/** All times are milliseconds of one monotonic clock. */
export interface Reconnection {
  readonly start: () => readonly Effect[];
  readonly dialled: (attempt: Attempt, now: number) => readonly Effect[];
  readonly lost: (reason: string, now: number) => readonly Effect[];
  readonly wake: () => readonly Effect[];
  readonly sent: () => readonly Effect[];
  readonly fromHost: (line: Framed, now: number) => readonly Effect[];
  readonly fromServer: (line: Framed) => readonly Effect[];
  /** The host sends no more. */
  readonly hostEnded: () => readonly Effect[];
  /** Octets of lines that wait. */
  readonly waiting: () => number;
  /** When `late` is due; undefined when nothing has to be answered. */
  readonly lateAt: () => number | undefined;
  /** Requests have waited for too long. */
  readonly late: (now: number) => readonly Effect[];
}

export function reconnection(options: ReconnectionOptions): Reconnection {
  const { backoff = {}, random, expected, again = true, whenOver = 'end', answerAfter } = options;
  const session = hostSession();
  const pause = waits(backoff, random);
  let state: 'idle' | 'dialling' | 'waiting' | 'open' | 'over' = 'idle';
  let identity = expected;
  let openedAt = 0;
  /** Lines that were not sent: ours of a new connection first, then the host's. */
  let [ours, theirs]: [Framed[], Waiting[]] = [[], []];
  /** Since when a line that was sent had waited, as it may be sent again. */
  const cameAt = new WeakMap<Framed, number>();
  /** Whether the connection has a line that it has not taken yet. */
  let busy = false;
  /** Why there is no connection, when there is none. */
  let absence: Absence = { code: 'connecting', message: 'the first attempt has not ended' };
  let host: 'speaks' | 'has ended' | 'is finished' = 'speaks';

  function giveUp(code: EndCode | string, message: string): readonly Effect[] {
    [state, absence] = ['over', { code, message }];
    const unanswered = [...sessionLost(0), ...theirs.splice(0).flatMap(({ line }) => unsent(line))];
    const isEnd = whenOver === 'answer' && host !== 'speaks';
    return [...unanswered, { do: 'give up', code, message }, ...(isEnd ? [{ do: 'end' } as const] : [])];
  }

  /**
   * What waits has waited for a connection from now on. One that was shorter than the longest wait was none: otherwise a server that ends
   * each connection at once would let a request wait for ever.
   */
  function sessionLost(now: number): readonly Effect[] {
    const { toHost, again: unanswered } = session.lost();
    const wasOne = answerAfter === undefined || now - openedAt >= answerAfter;
    const all = [...unanswered.map((line) => ({ line, since: cameAt.get(line) ?? now })), ...theirs];
    theirs = wasOne ? all.map(({ line }) => ({ line, since: now })) : all;
    return toHost.map((line): Effect => ({ do: 'tell', line }));
  }

  /** When a request has waited for too long. */
  const dueOf = ({ line: { kind }, since }: Waiting): number | undefined =>
    kind === 'request' && answerAfter !== undefined ? since + answerAfter : undefined;

  /** Nobody else answers requests that were not sent. */
  const unsent = ({ kind, id }: Framed): readonly Effect[] =>
    kind === 'request' && id !== undefined ? [{ do: 'tell', line: noConnection(id, absence) }] : [];

  /** The host has ended, and nothing of it waits: no connection is needed any more. */
  function endWhenDone(): readonly Effect[] | undefined {
    if (host === 'speaks' || theirs.length > 0) return undefined;
    state = 'over';
    return [{ do: 'end' }];
  }

  /** Sends the next line, one at a time: what waits was not sent when the connection is lost. */
  function pump(): readonly Effect[] {
    if (state !== 'open' || busy) return [];
    const own = ours.shift();
    if (own !== undefined) {
      busy = true;
      return [{ do: 'send', line: own.octets }];
    }
    if (session.isResuming()) return [];
    for (let next = theirs.shift(); next !== undefined; next = theirs.shift()) {
      const { line, since } = next;
      if (!session.sends(line)) continue;
      cameAt.set(line, since);
      busy = true;
      return [{ do: 'send', line: line.octets }];
    }
    if (host !== 'has ended') return [];
    host = 'is finished';
    return [{ do: 'finish' }];
  }

  function waitAfter(code: string, message: string): readonly Effect[] {
    if (!again) return giveUp(code, message);
    [state, absence] = ['waiting', { code, message }];
    return [{ do: 'wait', milliseconds: pause.next(), code, message }];
  }

  return {
    start: () => {
      state = 'dialling';
      return [{ do: 'dial' }];
    },
    dialled: (attempt, now) => {
      if (state !== 'dialling') return [];
      if (!attempt.ok) {
        const { code, message } = attempt;
        return canHeal(code) ? waitAfter(code, message) : giveUp(code, message);
      }
      if (identity !== undefined && !isSameServer(attempt.identity, identity))
        return giveUp('identity-changed', `expected ${identity.identity}, got ${attempt.identity.identity}`);
      identity = attempt.identity;
      [state, openedAt, busy] = ['open', now, false];
      ours = [...session.begins()];
      return pump();
    },
    lost: (reason, now) => {
      if (state !== 'open') return [];
      pause.lasted(now - openedAt);
      ours = [];
      const told = sessionLost(now);
      return [...told, ...(endWhenDone() ?? waitAfter('connection-closed', reason))];
    },
    wake: () => {
      if (state !== 'waiting') return [];
      state = 'dialling';
      return [{ do: 'dial' }];
    },
    sent: () => {
      busy = false;
      return pump();
    },
    fromHost: (line, now) => {
      if (state === 'over' && whenOver === 'answer') return unsent(line);
      const cancelled = cancelledBy(line.message);
      const isIt = ({ line: { kind, id } }: Waiting): boolean => kind === 'request' && id === cancelled;
      const at = cancelled === undefined ? -1 : theirs.findIndex(isIt);
      if (at >= 0) {
        theirs.splice(at, 1); // it was not sent, and never is
        return [];
      }
      theirs.push({ line, since: now });
      return pump();
    },
    fromServer: (line) => {
      if (state !== 'open') return [];
      const { toHost, toServer, changed } = session.hears(line);
      if (changed)
        return giveUp('server-changed', 'the server introduces itself otherwise than before the connection was lost');
      ours.push(...toServer);
      return [...toHost.map((one): Effect => ({ do: 'tell', line: one })), ...pump()];
    },
    hostEnded: () => {
      if (host === 'speaks') host = 'has ended';
      if (state === 'open') return pump();
      if (state === 'over') return whenOver === 'answer' ? [{ do: 'end' }] : [];
      return endWhenDone() ?? [];
    },
    waiting: () => theirs.reduce((sum, { line: { octets } }) => sum + octets.length, 0),
    lateAt: () => {
      if (state !== 'dialling' && state !== 'waiting') return undefined;
      const due = theirs.flatMap((one) => dueOf(one) ?? []);
      return due.length === 0 ? undefined : Math.min(...due);
    },
    late: (now) => {
      const isLate = (one: Waiting): boolean => (dueOf(one) ?? Number.POSITIVE_INFINITY) <= now;
      const late = theirs.filter(isLate);
      theirs = theirs.filter((one) => !isLate(one));
      if (host !== 'speaks' && !theirs.some(({ line }) => line.kind === 'request')) theirs = []; // nobody hears of the rest
      return [...late.flatMap(({ line }) => unsent(line)), ...(endWhenDone() ?? [])];
    },
  };
}
