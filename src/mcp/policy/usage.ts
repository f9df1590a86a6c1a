// Counts what peers do: a bucket of tokens for the calls of a minute, and the calls under way. Time is given.
import type { Principal } from '../contract.ts';
import type { Limits } from './terms.ts';

/** The most peers that are counted at a time. */
export const mostAccounts = 65_536;

/** How many of those who were quiet longest are looked at to make room for another. */
const mostLooks = 64;

interface Account {
  /** Calls that it may make at once. */
  tokens: number;
  /** When that was computed, in milliseconds. */
  at: number;
  underWay: number;
  perMinute: number;
}

/** Counters of all peers of a process. */
export interface Usage {
  /**
   * A call begins.
   * @param account - `accountOf` its peer
   * @param now - milliseconds of a clock that does not go back
   * @returns why it may not; `undefined` when it may, and `end` must follow
   */
  readonly begin: (account: string, limits: Limits, now: number) => 'rate' | 'concurrency' | undefined;
  /** A call that began has ended, however it did. */
  readonly end: (account: string) => void;
  /** The number of peers that are counted. */
  readonly size: () => number;
}

/** Names a peer for the counters: its name, and who vouches for it, as two authorities may use one name. */
export const accountOf = ({ identity, authorities }: Pick<Principal, 'identity' | 'authorities'>): string =>
  JSON.stringify([identity, ...authorities]);

const filled = ({ tokens, at, perMinute }: Account, now: number): number =>
  Math.min(perMinute, tokens + (Math.max(0, now - at) * perMinute) / 60_000);

/**
 * Makes counters. A peer whose bucket is full and that has nothing under way is forgotten when room is needed, which changes no
 * answer. When there is none, a new peer has to wait.
 */
export function usageCounters(most: number = mostAccounts): Usage {
  const accounts = new Map<string, Account>(); // in the order of their last call

  function makeRoom(now: number): boolean {
    let looks = 0;
    for (const [name, account] of accounts) {
      if (accounts.size < most) return true;
      if (looks >= mostLooks) return false;
      looks += 1;
      if (account.underWay === 0 && filled(account, now) >= account.perMinute) accounts.delete(name);
    }
    return accounts.size < most;
  }

  return {
    begin: (name, { callsPerMinute, concurrent }, now) => {
      const known = accounts.get(name);
      if (known === undefined && accounts.size >= most && !makeRoom(now)) return 'rate';
      const account = known ?? { tokens: callsPerMinute, at: now, underWay: 0, perMinute: callsPerMinute };
      account.perMinute = callsPerMinute; // a policy may have changed it
      account.tokens = filled(account, now);
      account.at = Math.max(account.at, now);
      accounts.delete(name);
      accounts.set(name, account);
      if (account.underWay >= concurrent) return 'concurrency';
      if (account.tokens < 1) return 'rate';
      account.tokens -= 1;
      account.underWay += 1;
      return undefined;
    },
    end: (name) => {
      const account = accounts.get(name);
      if (account !== undefined && account.underWay > 0) account.underWay -= 1;
    },
    size: () => accounts.size,
  };
}
