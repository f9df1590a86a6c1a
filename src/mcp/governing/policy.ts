// A policy in force, as the gates of connections ask it.
import type { Principal } from '../contract.ts';
import type { GateParts } from '../gate/index.ts';
import type { Policy } from '../policy/policy.ts';
import { accountOf, type Usage } from '../policy/usage.ts';

/** A connection that a policy governs. */
export interface Connected {
  /** Who the peer is now. */
  readonly principal: () => Principal;
  /** Has the peer authenticate again. */
  readonly authenticateAgain: () => Promise<unknown>;
}

/**
 * The parts of a gate that a policy gives. A policy that changes is asked from the next request on, but for the size of messages, which
 * stays that of the connection.
 * @param current - the policy in force
 * @param now - milliseconds of a clock that does not go back
 */
export function policyParts(
  current: () => Policy,
  usage: Usage,
  { principal, authenticateAgain }: Connected,
  now: () => number,
): Pick<Required<GateParts>, 'decide' | 'mayUse' | 'meter' | 'authenticateAgain' | 'limits'> {
  const account = accountOf(principal());
  return {
    decide: (request) => current().decide(request),
    mayUse: (kind, name) => current().mayUse(principal(), kind, name),
    meter: {
      begin: () => usage.begin(account, current().limitsFor(principal()), now()),
      end: () => usage.end(account),
    },
    authenticateAgain,
    limits: { messageOctets: current().limitsFor(principal()).messageOctets },
  };
}

/** Milliseconds before what could not be begun is tried again. */
const afterFailure = 10_000;

/** The longest wait of a timer, in milliseconds. */
const longestWait = 2 ** 31 - 1;

/**
 * Has a peer authenticate again as often as its policy wants it, also while it asks for nothing. What happens when it does not is a matter
 * of the channel, which ends then; an attempt that could not be begun is made again.
 * @param now - milliseconds since 1970
 * @returns what ends it
 */
export function keepAuthenticated(
  current: () => Policy,
  { principal, authenticateAgain }: Connected,
  now: () => number = Date.now,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  function wait(): void {
    if (isOver) return;
    const { every } = current().reauthenticationFor(principal());
    const due = every === undefined ? longestWait : principal().authenticated.getTime() + every - now();
    timer = setTimeout(due > longestWait ? wait : again, Math.max(0, Math.min(due, longestWait))).unref();
  }

  function again(): void {
    const { every } = current().reauthenticationFor(principal());
    if (every === undefined || principal().authenticated.getTime() + every > now()) {
      wait(); // the policy has changed, or it has authenticated meanwhile
      return;
    }
    // The channel ends when the peer does not answer. Where none could be begun, nothing but this asks again.
    authenticateAgain().then(wait, () => {
      if (!isOver) timer = setTimeout(again, afterFailure).unref();
    });
  }

  wait();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
